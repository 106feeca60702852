"""Which images of a data set on disk weights may be measured on."""

from enum import StrEnum
from typing import assert_never

from evaluation.errors import HeldOutUnknown
from specs.weights import DataSet, FindingPerformance, WeightsRecord
from training.datasets import LabeledSet, split_patients
from training.datasets.errors import TooFewPatients
from tricorder.labeled_study import StudiesOnDisk

MAYBE_SEEN = ", perhaps some of training among them"
"""Behind the name of a data set that is called as the one of training, and of any where weights were imported."""


class EvaluatedPart(StrEnum):
    """The part of a data set that is measured on."""

    TEST = "test"
    ALL = "all"


def evaluated_studies(
    labeled: LabeledSet, weights: WeightsRecord, *, part: EvaluatedPart | None, seed: int | None
) -> StudiesOnDisk:
    """Take the studies to measure on out of a data set.

    Args:
        labeled: The data set.
        weights: Their record; what imported ones were fitted on is only said, so they may have seen any data set.
        part: None for all that the weights have not seen.
        seed: Of the split; None for that of the weights, or of a recalibration of their probabilities, where this is
            the data set that it was fitted on, else of one that was fitted on a data set of this name, else 0.

    Raises:
        HeldOutUnknown: no part was named, and what the weights have not seen cannot be told.
        TooFewPatients: the test part was named, and there are too few patients for one.
    """
    imported, named = is_imported(weights), _fitted_on(weights, labeled.name)
    suspect = imported or bool(named)
    used_seed = seed if seed is not None else _recorded_seed(labeled, named)
    own = [each for each in named if is_own_split(labeled, each, seed=used_seed)]
    own_split = bool(own) and own == named and not imported
    if part is None and suspect and not own_split:
        raise HeldOutUnknown(data_set=labeled.name, imported=imported)
    match part or (EvaluatedPart.TEST if suspect else EvaluatedPart.ALL):
        case EvaluatedPart.ALL:
            name = "all images" if labeled.modality is None else "all studies"
            examples, chosen = labeled.examples, _chosen_on(labeled, weights)
            seen = ", those of training among them" if own_split else MAYBE_SEEN
        case EvaluatedPart.TEST:
            name, examples = "test part", split_patients(labeled.examples, seed=used_seed).test
            seen, chosen = "" if own_split else MAYBE_SEEN, "" if own else _chosen_on(labeled, weights)
        case other:
            assert_never(other)
    return StudiesOnDisk(
        name=f"{labeled.name}, {name}{seen if suspect else ''}{chosen if imported else ''}",
        examples=examples,
        left_out=labeled.left_out,
        modality=labeled.modality,
    )


def _chosen_on(labeled: LabeledSet, weights: WeightsRecord) -> str:
    """Say where the operating point of imported weights was chosen on a data set of this name, which flatters them."""
    performance = weights.performance
    if not isinstance(performance, FindingPerformance):
        return ""
    of_this = performance.operating_point.data_set.startswith(f"{labeled.name}, ")
    return ", on which the operating point was chosen" if of_this else ""


def is_own_split(labeled: LabeledSet, fitted_on: DataSet, *, seed: int | None = None) -> bool:
    """Tell whether weights have seen exactly the first parts of a split.

    Args:
        labeled: What is split.
        fitted_on: What the weights have seen.
        seed: Of the split; None for that of the weights.
    """
    try:
        split = split_patients(labeled.examples, seed=(fitted_on.seed or 0) if seed is None else seed)
    except TooFewPatients:
        return False
    return split.seen_patients_sha256 == fitted_on.seen_patients_sha256


def is_imported(weights: WeightsRecord) -> bool:
    """Tell whether weights were trained elsewhere, so that they may have seen any study."""
    return weights.provenance.weights_sha256 is not None


def may_have_seen(labeled: LabeledSet, weights: WeightsRecord) -> str:
    """Say why weights may have seen studies of a data set that is no split of their own; empty where they have not."""
    if is_imported(weights):
        return "they were imported"
    of_this_name = weights.data_set.name == labeled.name
    return f"they were fitted on a data set that is called {labeled.name} as well" if of_this_name else ""


def _recorded_seed(labeled: LabeledSet, named: list[DataSet]) -> int:
    """Return the seed of the one whose own split it is; of two sets of this name, the first may be another."""
    own = [each for each in named if is_own_split(labeled, each)]
    return next((each.seed for each in (*own, *named) if each.seed is not None), 0)


def _fitted_on(weights: WeightsRecord, name: str) -> list[DataSet]:
    """Return what of that name the weights, or a recalibration of their probabilities, were fitted on."""
    known = [weights.data_set, *([weights.recalibration.data_set] if weights.recalibration else [])]
    return [each for each in known if each.name == name]
