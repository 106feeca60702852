"""Images are prepared once, as the client prepares them, and no run that is killed leaves a broken cache."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import FileDataset

from preprocessing import Picture, Prepared, prepare
from preprocessing.reading import read_file
from specs.recipe import CHEST_RADIOGRAPH_320
from tests.conftest import CLONE
from tests.training.datasets.layouts import radiograph
from tests.training.tiny import silent_progress
from training.datasets import image_store, prepared
from training.datasets.errors import NoRoomForPixels
from training.datasets.example import ImageFile
from training.datasets.prepared import PreparedImages, prepared_images


def write_images(folder: Path, count: int) -> list[ImageFile]:
    images = []
    for number in range(count):
        gray = np.rint(radiograph(number, side=320) * 255).astype(np.uint8)
        Image.fromarray(gray).save(folder / f"{number:04d}.png")
        images.append(ImageFile(path=folder / f"{number:04d}.png"))
    return images


def prepare_all(images: Sequence[ImageFile], cache: Path) -> PreparedImages:
    with silent_progress() as progress:
        return prepared_images(images, CHEST_RADIOGRAPH_320, cache=cache, progress=progress)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    return tmp_path / "images"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_pixels_are_those_that_the_client_prepares_and_lie_in_order_on_disk(folder: Path, cache: Path) -> None:
    images = write_images(folder, 70)  # three chunks: worker processes
    result = prepare_all(images, cache)
    assert isinstance(result.pixels, np.memmap)
    assert list(result.rows.items()) == list(zip(images, range(70), strict=True))
    for image, pixels in zip(images, result.select(images)[:], strict=True):
        expected = prepare(read_file(image.path), CHEST_RADIOGRAPH_320)
        assert isinstance(expected, Prepared)
        assert np.array_equal(pixels, expected.pixels)


def test_images_are_selected_in_any_order(folder: Path, cache: Path) -> None:
    images = write_images(folder, 6)
    result = prepare_all(images, cache)
    chosen = [images[4], images[0], images[5]]
    assert np.array_equal(result.select(chosen), np.asarray(result.select(images))[[4, 0, 5]])
    assert result.select([]).shape == (0, 1, 320, 320)


def test_what_is_written_to_the_pixels_does_not_reach_the_disk(folder: Path, cache: Path) -> None:
    images = write_images(folder, 2)
    before = prepare_all(images, cache).select(images)[:]
    prepare_all(images, cache).pixels[:] = 0
    prepare_all(images, cache).select(images)[1][:] = 0
    assert np.array_equal(prepare_all(images, cache).select(images), before)


def test_images_that_cannot_be_used_are_counted_by_reason_and_nothing_else_of_them_is_told(
    folder: Path, cache: Path
) -> None:
    images = write_images(folder, 5)
    for image in images[:2]:
        Image.fromarray(np.zeros((100, 120), dtype=np.uint8)).save(image.path)
    images[4].path.unlink()
    result = prepare_all(images, cache)
    assert sorted(result.rows.values()) == [0, 1]
    assert result.refusal_counts() == {
        "Not eligible: the matrix is 100 x 120, smaller than 256 x 256.": 2,
        "The file cannot be read (No such file or directory). Check that it exists and that you may read it.": 1,
    }


def test_no_image_at_all_is_no_pixels(folder: Path, cache: Path) -> None:
    result = prepare_all([ImageFile(path=folder / "absent.png")], cache)
    assert result.pixels.shape == (0, 1, 320, 320)


def test_a_second_run_prepares_only_what_is_new_or_has_changed(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = write_images(folder, 5)
    prepare_all(images[:4], cache)
    seen: list[Path] = []
    read = prepared._read

    def read_and_note(image: ImageFile) -> FileDataset | Picture:
        seen.append(image.path)
        return read(image)

    monkeypatch.setattr(prepared, "_read", read_and_note)
    prepare_all(images[:4], cache)
    assert not seen
    Image.fromarray(np.rint(radiograph(9, side=320) * 255).astype(np.uint8)).save(images[1].path)
    result = prepare_all(images, cache)
    assert seen == [images[1].path, images[4].path]
    expected = prepare(read_file(images[1].path), CHEST_RADIOGRAPH_320)
    assert isinstance(expected, Prepared)
    assert np.array_equal(result.select([images[1]])[0], expected.pixels)


@pytest.mark.parametrize("half_written", ["pixels", "journal"])
def test_a_run_that_was_killed_is_taken_up_where_it_broke_off(folder: Path, cache: Path, half_written: str) -> None:
    images = write_images(folder, 6)
    expected = prepare_all(images, cache / "whole").select(images)[:]
    prepare_all(images[:3], cache)
    (store,) = (file.parent for file in cache.glob("images-*/journal.jsonl"))
    with (store / "pixels.bin").open("ab") as pixels:
        pixels.write(os.urandom(50_000))
    if half_written == "journal":
        with (store / "journal.jsonl").open("a", encoding="utf-8") as journal:
            journal.write('["0123456789abcdef01234567')
    result = prepare_all(images, cache)
    assert np.array_equal(result.select(images), expected)
    assert np.array_equal(prepare_all(images, cache).select(images), expected)


PROGRAM = """
import sys
from pathlib import Path
from rich.progress import Progress
from specs.recipe import CHEST_RADIOGRAPH_320
from training.datasets.example import ImageFile
from training.datasets.prepared import prepared_images
if __name__ == "__main__":
    images = [ImageFile(path=path) for path in sorted(Path(sys.argv[1]).iterdir())]
    prepared_images(images, CHEST_RADIOGRAPH_320, cache=Path(sys.argv[2]), progress=Progress(disable=True))
"""


def test_a_run_that_is_killed_leaves_no_worker_and_the_next_one_ends_it(folder: Path, cache: Path) -> None:
    (first,) = write_images(folder, 1)
    images = [first, *(ImageFile(path=folder / f"copy_{number:04d}.png") for number in range(600))]
    for image in images[1:]:
        image.path.hardlink_to(first.path)
    script = folder.parent / "run.py"
    script.write_text(PROGRAM, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(CLONE)}
    with subprocess.Popen([sys.executable, str(script), str(folder), str(cache)], env=environment) as run:
        while run.poll() is None and not list(cache.glob("images-*/journal.jsonl")):
            time.sleep(0.02)
        while run.poll() is None and not next(cache.glob("images-*/journal.jsonl")).stat().st_size:
            time.sleep(0.02)
        workers = psutil.Process(run.pid).children(recursive=True)
        run.kill()
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert workers
    assert not alive
    broken_off = len(prepare_all(images[:1], cache).pixels)
    assert 0 < broken_off < len(images)
    result = prepare_all(images, cache)
    assert len(result.pixels) == len(images)
    assert (result.pixels == result.pixels[0]).all()


def test_an_interrupted_run_keeps_the_chunks_that_it_finished(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = write_images(folder, 70)
    add = image_store.ImageStore.add
    added: list[int] = []

    def interrupt_after_one(store: image_store.ImageStore, chunk: dict[str, NDArray[np.uint8]]) -> None:
        if added:
            raise KeyboardInterrupt
        added.append(len(chunk))
        add(store, chunk)

    with monkeypatch.context() as patched:
        patched.setattr(image_store.ImageStore, "add", interrupt_after_one)
        with pytest.raises(KeyboardInterrupt):
            prepare_all(images, cache)
    assert len(prepare_all(images[:1], cache).pixels) == 32
    assert len(prepare_all(images, cache).select(images)) == 70


def test_a_disk_without_room_is_told_before_anything_is_prepared(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = write_images(folder, 2)
    monkeypatch.setattr("training.datasets.image_store.shutil.disk_usage", lambda _: _Usage())
    with pytest.raises(NoRoomForPixels):
        prepare_all(images, cache)


class _Usage:
    free = 1000
