"""Images of a data set prepared once, by the client's own code, and kept on disk for every later run."""

import fcntl
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from rich.progress import Progress

import preprocessing
from preprocessing import NotEligible, Picture, prepare
from preprocessing.errors import InputError
from preprocessing.reading import read_file
from specs.recipe import PixelRecipe
from training.datasets import jsrt_image
from training.datasets.example import ImageFile, ImageFormat
from training.datasets.image_store import ImageStore
from training.prepared_part import ChosenPixels
from training.workers import worker_pool

_CHUNK = 32
"""Images that a worker prepares at a time; what it loses when a run is killed."""

_Outcome = NDArray[np.uint8] | str
"""Prepared pixels, or why there are none."""


@dataclass(frozen=True, kw_only=True)
class PreparedImages:
    """What became of each image.

    Attributes:
        pixels: Wire pixels on disk, shape (stored, 1, row, column); what is written to the array stays in memory.
        rows: Row of each prepared image in `pixels`.
        refusals: Why each other image cannot be used; names neither patient nor path.
    """

    pixels: NDArray[np.uint8]
    rows: Mapping[ImageFile, int]
    refusals: Mapping[ImageFile, str]

    def select(self, images: Sequence[ImageFile]) -> ChosenPixels:
        """Return the pixels of prepared images, shape (images, 1, row, column), read when they are asked for."""
        return ChosenPixels(self.pixels, np.array([self.rows[image] for image in images], dtype=np.intp))

    def refusal_counts(self) -> Counter[str]:
        """Count the images that cannot be used by the reason."""
        return Counter(self.refusals.values())


def prepared_images(
    images: Sequence[ImageFile], recipe: PixelRecipe, *, cache: Path, progress: Progress
) -> PreparedImages:
    """Prepare the images that no earlier run has prepared, in worker processes.

    A run that is killed loses the chunks at which its workers were; the next one goes on from there.

    Args:
        images: In any order; those that are not on disk yet will lie there in this one.
        recipe: How they are prepared.
        cache: Folder for the pixels, about 0.1 MB an image; one run at a time writes into it.
        progress: Where a bar is shown.

    Raises:
        NoRoomForPixels: the disk of the cache is too full.
    """
    folder = cache / f"images-{_revision(recipe)}"
    folder.mkdir(parents=True, exist_ok=True)
    keys = {image: _key(image) for image in images}
    with _locked(folder):
        store = ImageStore(folder, recipe.pixels)
        waiting = [image for image, key in keys.items() if key not in store.rows]
        store.require_room(len(waiting))
        refusals = _prepare(waiting, recipe, keys=keys, store=store, progress=progress)
        rows = {image: store.rows[key] for image, key in keys.items() if key in store.rows}
        return PreparedImages(pixels=store.pixels(), rows=rows, refusals=refusals)


def _prepare(
    images: Sequence[ImageFile],
    recipe: PixelRecipe,
    *,
    keys: Mapping[ImageFile, str],
    store: ImageStore,
    progress: Progress,
) -> dict[ImageFile, str]:
    """Prepare images into the store; return why those that are not in it were refused."""
    refusals: dict[ImageFile, str] = {}
    task = progress.add_task("Preparing radiographs", total=len(images))
    chunks = [images[start : start + _CHUNK] for start in range(0, len(images), _CHUNK)]
    with _prepared_chunks(chunks, recipe) as results:
        for chunk, outcomes in zip(chunks, results, strict=True):
            by_image = dict(zip(chunk, outcomes, strict=True))
            store.add({keys[image]: done for image, done in by_image.items() if not isinstance(done, str)})
            refusals |= {image: done for image, done in by_image.items() if isinstance(done, str)}
            progress.advance(task, len(chunk))
    return refusals


@contextmanager
def _prepared_chunks(chunks: Sequence[Sequence[ImageFile]], recipe: PixelRecipe) -> Iterator[Iterator[list[_Outcome]]]:
    """Prepare chunks in worker processes, in order; those not begun when the caller is interrupted never are."""
    prepare_chunk = partial(_outcomes, recipe=recipe)
    if len(chunks) <= 1:
        yield map(prepare_chunk, chunks)
        return
    pool = worker_pool()
    try:
        yield pool.map(prepare_chunk, chunks)
    finally:
        pool.shutdown(cancel_futures=True)


def _outcomes(images: Sequence[ImageFile], *, recipe: PixelRecipe) -> list[_Outcome]:
    return [_outcome(image, recipe) for image in images]


def _outcome(image: ImageFile, recipe: PixelRecipe) -> _Outcome:
    try:
        prepared = prepare(_read(image), recipe)
    except InputError as error:
        return str(error)
    return f"Not eligible: {prepared.reason}." if isinstance(prepared, NotEligible) else prepared.pixels


def _read(image: ImageFile) -> FileDataset | Picture:
    match image.format:
        case ImageFormat.SELF_DESCRIBING:
            return read_file(image.path)
        case ImageFormat.JSRT_RAW:
            return jsrt_image.read_jsrt_image(image.path)
        case _:
            assert_never(image.format)


def _key(image: ImageFile) -> str:
    """Digest of what tells a file from others and from its own earlier states."""
    try:
        status = image.path.stat()
        state = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
    except OSError:
        state = "absent"
    told = f"{image.format} {state} {image.path.absolute()}"
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _revision(recipe: PixelRecipe) -> str:
    """Digest of all that decides prepared pixels besides the file: the recipe and the code."""
    digest = hashlib.sha256(recipe.canonical_json().encode())
    for file in (*sorted(Path(preprocessing.__path__[0]).glob("*.py")), Path(jsrt_image.__file__)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Wait until no other run writes into the folder."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
