"""What a network is fitted on: phantoms or a data set, whole or by the folds of a cross-validation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from phantoms import Part
from specs.fdg_projections import FdgProjections
from specs.head import FindingProbability, ImageHead, MeasuredQuantity
from specs.mibg_volumes import MibgVolumes
from specs.model import NetworkSpec
from specs.perfusion_slices import PerfusionSlices
from specs.recipe import FrontalChestRadiograph, ImageRecipe
from specs.striatal_recipes import StriatalFeatures, StriatalImage
from training.errors import TooFewToFit
from training.phantom_data import prepared_phantoms
from training.prepared_part import PreparedPart

_FEWEST_OF_A_KIND = 2
"""With and without a finding, for an AUC with its interval."""

_FEWEST_MEASURED = 3
"""Studies with a quantity: two lie on one line whatever they are."""


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """What a model is fitted on.

    Attributes:
        name: Name for the record.
        description: One sentence for the record.
        demonstration: Whether they are phantoms.
        seed: Seed of the phantoms, or of the split.
        training: What weights are fitted on.
        validation: What chooses the epoch and the operating point.
        seen_patients_sha256: Tells the patients of both parts; None for phantoms.
    """

    name: str
    description: str
    demonstration: bool
    seed: int
    training: PreparedPart
    validation: PreparedPart
    seen_patients_sha256: str | None = None

    def require_enough(self, head: ImageHead) -> None:
        """Check that a network can be fitted on one part and measured on the other.

        Raises:
            TooFewToFit: it cannot.
        """
        for part in (self.training, self.validation):
            _require_enough(part, head)


def _require_enough(part: PreparedPart, head: ImageHead) -> None:
    match head:
        case FindingProbability():
            require_both_kinds(part.name, part.truth > 0)
        case MeasuredQuantity():
            different = np.unique(part.truth).size
            if part.truth.size < _FEWEST_MEASURED or different < 2:
                raise TooFewToFit(
                    part=part.name,
                    found=f"studies: {part.truth.size}, different values among them: {different}",
                    needed=f"{_FEWEST_MEASURED} studies and 2 values",
                )
        case _:
            assert_never(head)


def require_both_kinds(part: str, truth: NDArray[np.bool_]) -> None:
    """Require that a part has studies with a finding and studies without.

    Args:
        part: Its name.
        truth: Shape (studies,).

    Raises:
        TooFewToFit: it has too few of a kind.
    """
    positives = int(truth.sum())
    if min(positives, truth.size - positives) < _FEWEST_OF_A_KIND:
        raise TooFewToFit(
            part=part,
            found=f"{positives} with the finding and {truth.size - positives} without",
            needed=f"{_FEWEST_OF_A_KIND} of each kind",
        )


def phantom_description(recipe: ImageRecipe) -> str:
    """Say in one sentence, for records, what the phantoms of a recipe are."""
    match recipe:
        case FrontalChestRadiograph():
            studies = "synthetic frontal chest radiographs (phantoms) with the truth in the anatomy"
        case FdgProjections():
            studies = "synthetic whole-body FDG PET (phantoms) with lesions at the sites that the source reports"
        case StriatalImage() | StriatalFeatures():
            studies = "synthetic dopamine-transporter SPECT (phantoms) with the truth in the anatomy"
        case PerfusionSlices():
            studies = (
                "synthetic myocardial perfusion (phantoms): SPECT at stress and rest with the PET of the same heart"
            )
        case MibgVolumes():
            studies = "synthetic cardiac MIBG (phantoms): early and late SPECT with the masks of the organs"
        case _:
            assert_never(recipe)
    return f"{studies}; no patient data"


def phantom_training_data(
    spec: NetworkSpec, *, phantoms: int, cache: Path, progress: Callable[[], Progress]
) -> TrainingData:
    """Prepare phantoms.

    Args:
        spec: The model.
        phantoms: Studies in the training part; the validation part has a quarter as many, 8:2 being near the
            8:1 of the source papers with enough studies to choose a threshold: our choice.
        cache: Folder for prepared phantoms.
        progress: Makes the bar shown while phantoms are prepared.
    """
    with progress() as bar:
        training = prepared_phantoms(Part.TRAINING, spec, count=phantoms, cache=cache, progress=bar)
        validation = prepared_phantoms(Part.VALIDATION, spec, count=max(1, phantoms // 4), cache=cache, progress=bar)
    return TrainingData(
        name=training.name,
        description=phantom_description(spec.recipe),
        demonstration=True,
        seed=training.seed,
        training=training,
        validation=validation,
    )


def phantom_folds(
    spec: NetworkSpec, *, phantoms: int, folds: int, cache: Path, progress: Callable[[], Progress]
) -> tuple[TrainingData, ...]:
    """Prepare phantoms of the training part and leave out each fold of them in turn.

    Each phantom is a person of its own, so they are dealt to the folds one by one in the order of their truth.

    Args:
        spec: The model.
        phantoms: Studies in all folds together.
        folds: At least 2.
        cache: Folder for prepared phantoms.
        progress: Makes the bar shown while phantoms are prepared.
    """
    with progress() as bar:
        whole = prepared_phantoms(Part.TRAINING, spec, count=phantoms, cache=cache, progress=bar)
    ordered = np.argsort(whole.truth, kind="stable")
    held_out = [np.sort(ordered[first::folds]) for first in range(folds)]
    return leaving_out_each(held_out, whole, description=phantom_description(spec.recipe), patients_sha256=None)


def leaving_out_each(
    held_out: Sequence[NDArray[np.intp]], whole: PreparedPart, *, description: str, patients_sha256: str | None
) -> tuple[TrainingData, ...]:
    """Make each fold the validation part in turn, and all others the training part.

    Args:
        held_out: The numbers of the studies of each fold; every study is in one.
        whole: All studies, under the name of the data set.
        description: One sentence for the record, to which the fold is added.
        patients_sha256: Tells the patients of all folds; None for phantoms.
    """
    turns = []
    for number, fold in enumerate(held_out, start=1):
        others = np.setdiff1d(np.arange(whole.truth.size), fold)
        name = f"fold {number} of {len(held_out)}"
        turns.append(
            TrainingData(
                name=whole.name,
                description=f"{description}; without {name}",
                demonstration=patients_sha256 is None,
                seed=whole.seed,
                training=whole.chosen(others, name=f"{whole.name} without {name}"),
                validation=whole.chosen(fold, name=f"{whole.name}, {name}"),
                seen_patients_sha256=patients_sha256,
            )
        )
    return tuple(turns)
