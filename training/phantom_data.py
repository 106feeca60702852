"""Phantoms as training data: prepared by the client's own code, cached as one array a part."""

import hashlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.filewriter import dcmwrite
from rich.progress import Progress

import phantoms
import preprocessing
from phantoms import Part, RadiographCohort, radiograph_cohort
from preprocessing import NotEligible, prepare
from preprocessing.reading import read_dataset
from specs.model import ModelSpec

_CHUNK = 50
"""Phantoms that a worker prepares at a time."""


@dataclass(frozen=True, kw_only=True)
class PreparedPart:
    """One part of a data set.

    Attributes:
        name: Name for records.
        seed: Seed of its phantoms.
        pixels: As on the wire, shape (studies, 1, row, column).
        truth: Shape (studies,), True where the finding is present.
        measurements: The spec's phantom measurements, shape (studies, measurements), each in its own unit.
    """

    name: str
    seed: int
    pixels: NDArray[np.uint8]
    truth: NDArray[np.bool_]
    measurements: NDArray[np.float32]


def prepared_phantoms(part: Part, spec: ModelSpec, *, count: int, cache: Path, progress: Progress) -> PreparedPart:
    """Write every phantom of a part as a DICOM file in memory and prepare it as the client would.

    Args:
        part: Which phantoms.
        spec: The model whose recipe and truth are wanted.
        count: How many of them.
        cache: Folder for the arrays; they are read back while neither phantoms nor preparation have changed.
        progress: Where a bar is shown.

    Raises:
        ValueError: a phantom is not eligible for the recipe.
    """
    cohort = radiograph_cohort(part, count=count)
    name = f"{cohort.name} 0-{count - 1}"
    file = cache / f"{part}-{count}-{_revision(spec)}.npz"
    if file.exists():
        with np.load(file) as arrays:
            return PreparedPart(name=name, seed=cohort.seed, **arrays)
    prepare_one = partial(_prepare_phantom, cohort, spec)
    with ProcessPoolExecutor(mp_context=get_context("forkserver")) as pool:
        task = progress.add_task(name, total=count)
        results = []
        for result in pool.map(prepare_one, range(count), chunksize=_CHUNK):
            results.append(result)
            progress.advance(task)
    arrays = {
        "pixels": np.stack([pixels for pixels, _, _ in results]),
        "truth": np.array([positive for _, positive, _ in results], dtype=np.bool_),
        "measurements": np.array([measurements for _, _, measurements in results], dtype=np.float32),
    }
    cache.mkdir(parents=True, exist_ok=True)
    partial_file = file.with_suffix(".partial.npz")
    np.savez(partial_file, **arrays)
    partial_file.replace(file)  # a run that is interrupted here leaves no broken cache
    return PreparedPart(name=name, seed=cohort.seed, **arrays)


def _prepare_phantom(
    cohort: RadiographCohort, spec: ModelSpec, index: int
) -> tuple[NDArray[np.uint8], bool, list[float]]:
    phantom = cohort[index]
    content = BytesIO()
    dcmwrite(content, phantom.dataset(), enforce_file_format=True)
    prepared = prepare(read_dataset(content.getvalue()), spec.recipe)
    if isinstance(prepared, NotEligible):
        raise ValueError(f"{cohort.name} {index} is not eligible: {prepared.reason}")
    measurements = [float(getattr(phantom.truth, name)) for name in spec.training.phantom_measurements]
    return prepared.pixels, getattr(phantom.truth, spec.training.phantom_truth).positive, measurements


def _revision(spec: ModelSpec) -> str:
    """Digest of all that decides a prepared phantom: recipe, what is learned, the code that draws and prepares."""
    learned = (spec.training.phantom_truth, *spec.training.phantom_measurements)
    digest = hashlib.sha256((spec.recipe.canonical_json() + ",".join(learned)).encode())
    for package in (phantoms, preprocessing):
        for file in sorted(Path(package.__path__[0]).glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
