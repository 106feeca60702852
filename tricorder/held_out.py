"""Which images of a data set on disk weights may be measured on."""

from enum import StrEnum
from typing import assert_never

from evaluation.errors import HeldOutUnknown
from specs.weights import DataSet, FindingPerformance, WeightsRecord
from training.datasets import LabeledSet, split_patients
from training.datasets.errors import TooFewPatients
from tricorder.labeled_study import StudiesOnDisk

_MAYBE_SEEN = ", perhaps some of training among them"
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
        seed: Of the split; None for that of the weights where they were fitted on a data set of this name, else 0.

    Raises:
        HeldOutUnknown: no part was named, and what the weights have not seen cannot be told.
        TooFewPatients: the test part was named, and there are too few patients for one.
    """
    fitted_on, imported = weights.data_set, weights.provenance.weights_sha256 is not None
    suspect = imported or labeled.name == fitted_on.name
    used_seed = seed if seed is not None else (fitted_on.seed or 0) if suspect else 0
    is_own_split = suspect and _is_own_split(labeled, fitted_on, seed=used_seed)
    if part is None and suspect and not is_own_split:
        raise HeldOutUnknown(data_set=labeled.name, imported=imported)
    match part or (EvaluatedPart.TEST if suspect else EvaluatedPart.ALL):
        case EvaluatedPart.ALL:
            name, examples = "all images", labeled.examples
            seen = ", those of training among them" if is_own_split else _MAYBE_SEEN
        case EvaluatedPart.TEST:
            name, examples = "test part", split_patients(labeled.examples, seed=used_seed).test
            seen = "" if is_own_split else _MAYBE_SEEN
        case other:
            assert_never(other)
    return StudiesOnDisk(
        name=f"{labeled.name}, {name}{seen if suspect else ''}{_chosen_on(labeled, weights) if imported else ''}",
        examples=examples,
        left_out=labeled.left_out,
    )


def _chosen_on(labeled: LabeledSet, weights: WeightsRecord) -> str:
    """Say where the operating point of imported weights was chosen on a data set of this name, which flatters them."""
    performance = weights.performance
    if not isinstance(performance, FindingPerformance):
        return ""
    of_this = performance.operating_point.data_set.startswith(f"{labeled.name}, ")
    return ", on which the operating point was chosen" if of_this else ""


def _is_own_split(labeled: LabeledSet, fitted_on: DataSet, *, seed: int) -> bool:
    """Tell whether the weights have seen exactly the first parts of this split."""
    try:
        split = split_patients(labeled.examples, seed=seed)
    except TooFewPatients:
        return False
    return split.seen_patients_sha256 == fitted_on.seen_patients_sha256
