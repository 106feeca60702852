"""Phantoms as training data: prepared by the client's own code, cached once for all models of a recipe."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

import phantoms
import preprocessing
from phantoms import ImageCohort, Part, Site, answer_of_fact, image_cohort
from preprocessing import NotEligible, prepare
from specs.contract import ImageSpec
from specs.declared import Declared
from specs.model import NetworkSpec
from specs.recipe import AnswerRecipe, ImageRecipe
from training.prepared_part import ChosenPixels, PreparedPart
from training.workers import worker_pool

_CHUNK = 50
"""Phantoms that a worker prepares at a time."""


def prepared_phantoms(
    part: Part, spec: ImageSpec, *, count: int, cache: Path, progress: Progress, site: Site = Site.A
) -> PreparedPart:
    """Build the DICOM data sets of every phantom of a part and prepare them as the client would.

    They are neither encoded nor parsed on the way, which changes no tensor and would take most of the time of PET.

    Args:
        part: Which phantoms.
        spec: The model whose recipe and truth are wanted.
        count: How many of them.
        cache: Folder for the arrays; they are read back while neither phantoms nor preparation have changed.
        progress: Where a bar is shown.
        site: Where they are examined.

    Raises:
        ValueError: a phantom is not eligible for the recipe.
    """
    known = known_phantoms(part, spec.recipe, count=count, cache=cache, progress=progress, site=site)
    wanted = [known.facts[name] for name in spec.training.phantom_measurements] if isinstance(spec, NetworkSpec) else []
    return PreparedPart(
        name=known.name,
        seed=known.seed,
        pixels=ChosenPixels.all_of(known.tensors),
        truth=_answers(known.facts[spec.truth.phantom], spec),
        measurements=np.stack(wanted, axis=1) if wanted else np.empty((count, 0), dtype=np.float32),
    )


@dataclass(frozen=True, kw_only=True)
class KnownPhantoms:
    """Prepared phantoms with all that is true of them.

    Attributes:
        name: Name for records.
        seed: Seed of the phantoms.
        tensors: Input tensors, shape (phantoms, *tensor).
        facts: Every number of their truth by its name, each shape (phantoms,).
    """

    name: str
    seed: int
    tensors: NDArray[Any]
    facts: Mapping[str, NDArray[np.float32]]


def known_phantoms(
    part: Part, recipe: AnswerRecipe, *, count: int, cache: Path, progress: Progress, site: Site = Site.A
) -> KnownPhantoms:
    """Prepare phantoms for a recipe, whatever is asked of them.

    Raises:
        ValueError: a phantom is not eligible for the recipe.
    """
    cohort = image_cohort(part, recipe, count=count, site=site)
    name = f"{cohort.name} 0-{count - 1}"
    place = "" if site is Site.A else f"-{site}"
    file = cache / f"{part}{place}-{count}-{code_revision(recipe)}.npz"
    if not file.exists():
        _fill_cache(file, cohort, recipe, name=name, progress=progress)
    with np.load(file) as arrays:
        facts = dict(zip(cohort[0].truth.numbers, arrays["facts"].T, strict=True))
        return KnownPhantoms(name=name, seed=cohort.seed, tensors=arrays["pixels"], facts=facts)


def _answers(facts: NDArray[np.float32], spec: ImageSpec) -> NDArray[np.float32]:
    return np.array([answer_of_fact(fact, spec) for fact in facts], dtype=np.float32)


def _fill_cache(file: Path, cohort: ImageCohort, recipe: AnswerRecipe, *, name: str, progress: Progress) -> None:
    prepare_one = partial(_prepare_phantom, cohort, recipe)
    with worker_pool() as pool:
        task = progress.add_task(name, total=len(cohort))
        results = []
        for result in pool.map(prepare_one, range(len(cohort)), chunksize=_CHUNK):
            results.append(result)
            progress.advance(task)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial_file = file.with_suffix(".partial.npz")
    np.savez(
        partial_file,
        pixels=np.stack([pixels for pixels, _ in results]),
        facts=np.array([facts for _, facts in results], dtype=np.float32),
    )
    partial_file.replace(file)  # a run that is interrupted here leaves no broken cache


def _prepare_phantom(cohort: ImageCohort, recipe: AnswerRecipe, index: int) -> tuple[NDArray[Any], list[float]]:
    phantom = cohort[index]
    prepared = prepare(phantom.datasets(), recipe)
    if isinstance(prepared, NotEligible):
        raise ValueError(f"{cohort.name} {index} is not eligible: {prepared.reason}")
    return prepared.tensor, list(phantom.truth.numbers.values())


def code_revision(recipe: ImageRecipe, *others: Path | Declared) -> str:
    """Return a digest of all that decides a prepared phantom: recipe, the code that draws and prepares.

    Args:
        recipe: What it is prepared for.
        others: Further code, and what else is declared, that decides it.
    """
    digest = hashlib.sha256(recipe.canonical_json().encode())
    for package in (phantoms, preprocessing):
        for file in sorted(Path(package.__path__[0]).glob("*.py")):
            digest.update(file.read_bytes())
    for other in others:
        digest.update(other.read_bytes() if isinstance(other, Path) else other.canonical_json().encode())
    return digest.hexdigest()[:16]
