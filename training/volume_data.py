"""Studies of two volumes as training data: phantoms, prepared by the client's own code, with what a model should say.

Each phantom is a patient of its own, so no two parts and no two folds share a patient. (The source of `virtual_pet`
split its slices, not its patients.)
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from phantoms import MibgPhantom, Part, PerfusionPhantom, Site, VolumeCohort, volume_cohort
from specs.mibg_organs import ORGANS
from specs.mibg_volumes import MibgVolumes
from specs.perfusion_slices import PerfusionSlices
from specs.recipe import VolumeRecipe
from specs.volume import VolumeSpec
from training.organ_data import organ_example
from training.perfusion_data import perfusion_example
from training.phantom_data import code_revision
from training.training_data import phantom_description
from training.volume_example import VolumeExample
from training.workers import worker_pool

_CHUNK = 5
"""Phantoms that a worker prepares at a time."""


@dataclass(frozen=True, kw_only=True)
class VolumePart:
    """One part of a data set.

    Attributes:
        name: Name for records.
        seed: Seed of its phantoms.
        tensors: Shape (patients, *tensor).
        targets: The same shape.
        facts: As of `VolumeExample`, each shape (patients,).
    """

    name: str
    seed: int
    tensors: NDArray[np.uint16]
    targets: NDArray[Any]
    facts: Mapping[str, NDArray[np.float64]]

    def __len__(self) -> int:
        return len(self.tensors)

    def chosen(self, patients: NDArray[np.intp], *, name: str) -> "VolumePart":
        """Take some of the patients, by their numbers, under another name."""
        return VolumePart(
            name=name,
            seed=self.seed,
            tensors=self.tensors[patients],
            targets=self.targets[patients],
            facts={key: values[patients] for key, values in self.facts.items()},
        )

    def sha256(self) -> str:
        """Return a digest of all that training reads."""
        digest = hashlib.sha256()
        for array in (self.tensors, self.targets, *(self.facts[name] for name in sorted(self.facts))):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


@dataclass(frozen=True, kw_only=True)
class VolumeData:
    """What a network is fitted on, and what measures it and chooses its epoch."""

    description: str
    training: VolumePart
    validation: VolumePart

    @property
    def name(self) -> str:
        """Name for records: that of the training part."""
        return self.training.name


def phantom_volumes(
    part: Part, recipe: VolumeRecipe, *, count: int, cache: Path, progress: Progress, site: Site = Site.A
) -> VolumePart:
    """Prepare the first phantoms of a part as a user's own studies, with what a model should say of each.

    Args:
        part: Which phantoms.
        recipe: The model's recipe.
        count: How many of them.
        cache: Folder for the arrays; they are read back while neither phantoms nor preparation have changed.
        progress: Where a bar is shown.
        site: Where they are examined.

    Raises:
        ValueError: a phantom is not eligible for the recipe.
    """
    cohort = volume_cohort(part, recipe, count=count, site=site)
    name = f"{cohort.name} 0-{count - 1}"
    file = cache / f"{part}-{site}-{count}-{volume_revision(recipe)}.npz"
    if not file.exists():
        with worker_pool() as pool:
            task = progress.add_task(name, total=count)
            examples = []
            for example in pool.map(partial(_example, cohort, recipe), range(count), chunksize=_CHUNK):
                examples.append(example)
                progress.advance(task)
        _write(file, examples)
    with np.load(file) as arrays:
        facts = dict(zip(arrays["names"].tolist(), arrays["facts"].T, strict=True))
        return VolumePart(
            name=name, seed=cohort.seed, tensors=arrays["tensors"], targets=arrays["targets"], facts=facts
        )


def phantom_volume_data(
    spec: VolumeSpec, *, phantoms: int, cache: Path, progress: Callable[[], Progress]
) -> VolumeData:
    """Prepare phantoms; the validation part has a quarter as many as the training part: our choice.

    Args:
        spec: The model.
        phantoms: Patients in the training part.
        cache: Folder for prepared phantoms.
        progress: Makes the bar shown meanwhile.
    """
    with progress() as bar:
        return VolumeData(
            description=phantom_description(spec.recipe),
            training=phantom_volumes(Part.TRAINING, spec.recipe, count=phantoms, cache=cache, progress=bar),
            validation=phantom_volumes(
                Part.VALIDATION, spec.recipe, count=max(1, phantoms // 4), cache=cache, progress=bar
            ),
        )


def phantom_volume_folds(
    spec: VolumeSpec, *, phantoms: int, folds: int, cache: Path, progress: Callable[[], Progress]
) -> tuple[VolumeData, ...]:
    """Prepare phantoms of the training part and leave out each fold of patients in turn.

    Args:
        spec: The model.
        phantoms: Patients in all folds together.
        folds: At least 2.
        cache: Folder for prepared phantoms.
        progress: Makes the bar shown meanwhile.
    """
    with progress() as bar:
        whole = phantom_volumes(Part.TRAINING, spec.recipe, count=phantoms, cache=cache, progress=bar)
    description, turns = phantom_description(spec.recipe), []
    for fold in range(folds):
        held_out = np.arange(fold, phantoms, folds)
        others = np.setdiff1d(np.arange(phantoms), held_out)
        named = f"fold {fold + 1} of {folds}"
        turns.append(
            VolumeData(
                description=f"{description}; without {named}",
                training=whole.chosen(others, name=f"{whole.name} without {named}"),
                validation=whole.chosen(held_out, name=f"{whole.name}, {named}"),
            )
        )
    return tuple(turns)


def _example(cohort: VolumeCohort, recipe: VolumeRecipe, index: int) -> VolumeExample:
    phantom = cohort[index]
    match recipe, phantom:
        case PerfusionSlices(), PerfusionPhantom():
            return perfusion_example(phantom, recipe)
        case MibgVolumes(), MibgPhantom():
            return organ_example(phantom, recipe)
        case _:
            raise TypeError(f"{type(phantom).__name__} is no phantom of {recipe.kind}")


def _write(file: Path, examples: Sequence[VolumeExample]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    names = list(examples[0].facts)
    beside = file.with_suffix(".partial.npz")
    np.savez(
        beside,
        tensors=np.stack([each.tensor for each in examples]),
        targets=np.stack([each.target for each in examples]),
        names=np.array(names),
        facts=np.array([[each.facts[name] for name in names] for each in examples], dtype=np.float64),
    )
    beside.replace(file)  # a run that is interrupted here leaves no broken cache


def volume_revision(recipe: VolumeRecipe) -> str:
    """Return a digest of all that decides an example: recipe, the code that draws and prepares, what makes targets."""
    match recipe:
        case PerfusionSlices():
            return code_revision(recipe, *_beside("perfusion_data", "perfusion_segments", "volume_example"))
        case MibgVolumes():
            return code_revision(recipe, ORGANS, *_beside("organ_data", "volume_example"))
        case _:
            assert_never(recipe)


def _beside(*modules: str) -> Iterator[Path]:
    return (Path(__file__).with_name(f"{module}.py") for module in modules)
