"""A run that breaks off goes on after its last whole epoch, one that has ended is kept."""

import csv
import errno
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from specs.mitral_regurgitation import MITRAL_REGURGITATION as SPEC
from specs.model import NetworkSpec
from specs.network import Preset
from tests.training.tiny import drawn_data, tiny, tiny_settings
from training.checkpoints import LAST_CHECKPOINT, LOG_FILE, CheckpointFiles
from training.errors import CannotResume
from training.fit_settings import FitSettings
from training.network_run import WEIGHTS_FILE
from training.prepared_part import ChosenPixels
from training.run import train
from training.summary import SUMMARY_FILE
from training.training_data import TrainingData

MEMORY = Path("/dev/shm")
DECAY = 0.7
AVERAGED = SPEC.model_copy(update={"training": SPEC.training.model_copy(update={"averaging_decay": DECAY})})


class FailingDisk(ChosenPixels):
    """Pixels whose disk fails after so many studies have been read one by one."""

    reads_left = 0

    @classmethod
    def after(cls, reads: int, pixels: ChosenPixels) -> "FailingDisk":
        failing = cls.all_of(pixels[:])
        failing.reads_left = reads
        return failing

    def __getitem__(self, studies: int | slice, /) -> NDArray[np.uint8]:
        if isinstance(studies, int):
            self.reads_left -= 1
            if self.reads_left < 0:
                raise OSError(errno.EIO, "Input/output error")
        return super().__getitem__(studies)


def breaking_off(data: TrainingData, *, epoch: int) -> TrainingData:
    """Return the same data on a disk that fails after so many epochs, within the next."""
    reads = len(data.training.truth) * epoch + 3
    return replace(data, training=replace(data.training, pixels=FailingDisk.after(reads, data.training.pixels)))


def run(data: TrainingData, settings: FitSettings, *, spec: NetworkSpec = SPEC) -> None:
    train(tiny(spec), Preset.DEMONSTRATION, data, settings=settings)


def logged_epochs(folder: Path, column: str) -> list[int]:
    with (folder / LOG_FILE).open(encoding="utf-8", newline="") as log:
        return [int(row["epoch"]) for row in csv.DictReader(log) if row[column]]


def last_epoch(folder: Path) -> int:
    epoch: int = torch.load(folder / LAST_CHECKPOINT, weights_only=True)["epoch"]
    return epoch


def test_a_run_whose_folder_was_moved_after_its_last_epoch_ends_with_its_best_weights(tmp_path: Path) -> None:
    data, settings = drawn_data(SPEC), tiny_settings(tmp_path / "before")
    run(data, settings)
    best = (settings.folder / WEIGHTS_FILE).read_bytes()
    for left_at_the_end in (SUMMARY_FILE, WEIGHTS_FILE):
        (settings.folder / left_at_the_end).unlink()
    moved = settings.folder.rename(tmp_path / "after")
    run(data, replace(settings, folder=moved, resume=True))
    assert (moved / WEIGHTS_FILE).read_bytes() == best


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*lr_scheduler.*:UserWarning")  # of a step that failed
def test_a_run_that_breaks_off_twice_does_each_epoch_once(tmp_path: Path) -> None:
    data, settings = drawn_data(SPEC), replace(tiny_settings(tmp_path), epochs=4)
    with pytest.raises(OSError, match="Input/output error"):
        run(breaking_off(data, epoch=2), settings)
    assert last_epoch(tmp_path) == 1
    assert not (tmp_path / SUMMARY_FILE).exists()
    with pytest.raises(OSError, match="Input/output error"):
        run(breaking_off(data, epoch=1), replace(settings, resume=True))
    assert last_epoch(tmp_path) == 2
    run(data, replace(settings, resume=True))
    assert last_epoch(tmp_path) == 3
    for column in ("validation_merit", "loss_step"):
        assert logged_epochs(tmp_path, column) == [0, 1, 2, 3]


def test_a_run_that_has_ended_is_kept_and_not_gone_on_with_under_another_plan(tmp_path: Path) -> None:
    data, settings = drawn_data(SPEC), tiny_settings(tmp_path)
    run(data, settings)
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")}
    run(data, replace(settings, resume=True))
    with pytest.raises(CannotResume):
        run(data, replace(settings, resume=True, epochs=2))
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")} == before


@pytest.mark.slow
def test_a_run_that_broke_off_before_its_first_epoch_ended_begins_anew(tmp_path: Path) -> None:
    data, settings = drawn_data(SPEC), tiny_settings(tmp_path / "broken")
    with pytest.raises(OSError, match="Input/output error"):
        run(breaking_off(data, epoch=0), settings)
    run(data, replace(settings, resume=True))
    run(data, replace(settings, folder=tmp_path / "whole"))
    assert (tmp_path / "broken" / WEIGHTS_FILE).read_bytes() == (tmp_path / "whole" / WEIGHTS_FILE).read_bytes()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*lr_scheduler.*:UserWarning")  # of a step that failed
def test_a_moving_average_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    data, settings = drawn_data(AVERAGED), replace(tiny_settings(tmp_path), epochs=3)
    with pytest.raises(OSError, match="Input/output error"):
        run(breaking_off(data, epoch=2), settings, spec=AVERAGED)
    before = torch.load(tmp_path / LAST_CHECKPOINT, weights_only=True)
    run(data, replace(settings, resume=True), spec=AVERAGED)
    after = torch.load(tmp_path / LAST_CHECKPOINT, weights_only=True)
    assert (int(before["averaging_state"]["n_averaged"]), int(after["averaging_state"]["n_averaged"])) == (2, 3)
    for name in ("network.classifier.weight", "network.backbone.bn1.running_mean"):
        average, step = before["state_dict"][name], after["current_model_state"][name]
        assert not torch.equal(average, before["current_model_state"][name])
        np.testing.assert_allclose(
            after["state_dict"][name], DECAY * average + (1 - DECAY) * step, rtol=1e-5, atol=1e-7
        )


@pytest.mark.skipif(not MEMORY.is_dir(), reason="there is no second file system")
def test_a_checkpoint_is_never_half_written_over_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(MEMORY))
    file, kept = tmp_path / LAST_CHECKPOINT, tmp_path / "kept"
    CheckpointFiles().save_checkpoint({"epoch": 0}, file)
    kept.hardlink_to(file)
    CheckpointFiles().save_checkpoint({"epoch": 1}, file)
    assert [torch.load(path, weights_only=True)["epoch"] for path in (kept, file)] == [0, 1]
    assert len(list(tmp_path.iterdir())) == 2
