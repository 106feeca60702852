"""`tricorder tune`: what it refuses, and a whole run on a real Triton, resumed."""

from pathlib import Path

import pytest

from benchmarks.tuning import TuningRecord
from export.entry import records, serving_choice
from specs.entry import TUNING_FILE
from tests.conftest import CLONE
from tests.tricorder.conftest import Tricorder
from tests.tricorder.light import run_light


def test_the_committed_repository_is_never_tuned(tricorder: Tricorder) -> None:
    done = tricorder("tune", "mitral_regurgitation", "--repository", CLONE / "model_repository")
    assert done.returncode == 2
    assert "The committed repository is the same on every machine" in done.stderr


def test_without_torch_it_says_what_it_needs() -> None:
    done = run_light("tune", "mitral_regurgitation")
    assert done.returncode == 8
    assert "need the train extra" in done.stderr


@pytest.mark.slow
def test_the_winner_is_written_with_what_it_was_chosen_from(tricorder: Tricorder, tmp_path: Path) -> None:
    name = "ejection_fraction"
    options = ("--minutes", 0.5, "--latency-ms", 10_000, "--data", "phantoms:64")
    folders = ("--repository", tmp_path / "models", "--kept", tmp_path / "kept")
    done = tricorder("tune", name, *options, *folders, timeout_s=550)
    assert done.returncode == 0, done.stderr
    record = TuningRecord.from_json((tmp_path / "models" / name / TUNING_FILE).read_text(encoding="utf-8"))
    assert serving_choice(tmp_path / "models" / name) == record.winner.serving
    newest = records(tmp_path / "models" / name)[-1]
    assert (newest.engine, newest.precision) == (record.winner.engine, record.winner.precision)
    assert record.winner in [each.candidate for each in record.measured]
    again = tricorder("tune", name, *options, *folders)
    assert again.returncode == 0, again.stderr
    resumed = TuningRecord.from_json((tmp_path / "models" / name / TUNING_FILE).read_text(encoding="utf-8"))
    assert resumed.measured == record.measured
    assert len(records(tmp_path / "models" / name)) == newest.version
