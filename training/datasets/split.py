"""Splits by patient: no patient is in two parts, and the order of the rows decides nothing."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from training.datasets.errors import TooFewPatients
from training.datasets.example import Example


class _Part(Enum):
    TRAINING = auto()
    VALIDATION = auto()
    TEST = auto()


_T, _V, _S = _Part.TRAINING, _Part.VALIDATION, _Part.TEST

_EIGHT_ONE_ONE = (_T, _T, _T, _V, _T, _T, _S, _T, _T, _T)
_EIGHT_ONE = (_T, _T, _T, _T, _V, _T, _T, _T, _T)
"""Dealt to the patients in turn: after any number of them no part is a whole patient from its share."""

FEWEST_TO_SPLIT = len(_EIGHT_ONE_ONE)
"""Patients, so that each part gets its share."""


def patients_sha256(examples: Sequence[Example]) -> str:
    """Return the SHA-256 that tells whose images these are, in whatever order."""
    patients = sorted({example.patient for example in examples})
    return hashlib.sha256(json.dumps(patients).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Split:
    """The three parts of a data set.

    Source:
        8:1:1 by patient: Ueda 2022 (10.1148/ryai.210221) and its sister papers.
    """

    training: tuple[Example, ...]
    validation: tuple[Example, ...]
    test: tuple[Example, ...]

    @property
    def examples(self) -> tuple[Example, ...]:
        """All parts, one after the other."""
        return self.training + self.validation + self.test

    @property
    def seen_patients_sha256(self) -> str:
        """SHA-256 that tells who is in the training and validation part, in whatever order."""
        return patients_sha256(self.training + self.validation)


@dataclass(frozen=True, kw_only=True)
class Fold:
    """One turn of a cross-validation."""

    training: tuple[Example, ...]
    held_out: tuple[Example, ...]


def split_patients(examples: Sequence[Example], *, seed: int) -> Split:
    """Split 8:1:1 by patient, exact to a patient; where the publisher has set a test part apart, the rest 8:1.

    Each part gets its share of the patients with a finding, or of every tenth of them by the mean of their quantity.

    Args:
        examples: In any order.
        seed: Another seed, another split.

    Raises:
        TooFewPatients: fewer than ten patients, or than nine besides the published test part.
    """
    published = {example.patient for example in examples if example.published_test}
    pattern = _EIGHT_ONE if published else _EIGHT_ONE_ONE
    rest = [example for example in examples if example.patient not in published]
    parts: dict[_Part, list[Example]] = {part: [] for part in _Part}
    for position, patient in enumerate(_dealt(rest, seed=seed, needed=len(pattern))):
        parts[pattern[position % len(pattern)]].extend(patient)
    if published:
        test = [example for example in examples if example.patient in published]
        parts[_S] = sorted(test, key=lambda example: str(example.image.path))
    return Split(training=tuple(parts[_T]), validation=tuple(parts[_V]), test=tuple(parts[_S]))


def k_folds(examples: Sequence[Example], *, k: int, seed: int) -> tuple[Fold, ...]:
    """Split into `k` turns so that each patient is held out once; folds differ by at most one patient.

    Each fold gets its share of the values, as each part of `split_patients` does.

    Args:
        examples: In any order; those of a published test part are folded as the others.
        k: At least 2.
        seed: Another seed, other folds.

    Raises:
        ValueError: `k` is below 2.
        TooFewPatients: fewer than `k` patients.
    """
    if k < 2:
        raise ValueError(f"{k} folds hold nothing out")
    held_out: list[list[Example]] = [[] for _ in range(k)]
    for position, patient in enumerate(_dealt(examples, seed=seed, needed=k)):
        held_out[position % k].extend(patient)
    return tuple(
        Fold(
            training=tuple(example for other in held_out if other is not fold for example in other),
            held_out=tuple(fold),
        )
        for fold in held_out
    )


def _dealt(examples: Sequence[Example], *, seed: int, needed: int) -> list[list[Example]]:
    """Return the examples of each patient, stratum by stratum in the order of a seeded hash."""
    of_patient: dict[str, list[Example]] = defaultdict(list)
    for example in sorted(examples, key=lambda example: str(example.image.path)):
        of_patient[example.patient].append(example)
    if len(of_patient) < needed:
        raise TooFewPatients(patients=len(of_patient), needed=needed)
    ordered = sorted(of_patient, key=lambda patient: hashlib.sha256(f"{seed}\n{patient}".encode()).digest())
    means = np.array([np.mean([example.value for example in of_patient[patient]]) for patient in ordered])
    return [of_patient[ordered[index]] for index in np.argsort(_strata(means), kind="stable")]


def _strata(means: NDArray[np.float64]) -> NDArray[np.intp]:
    """Number the stratum of each patient: between two deciles, or at one, where a finding has all its patients."""
    edges = np.unique(np.quantile(means, np.arange(1, 10) / 10, method="inverted_cdf"))
    return np.searchsorted(edges, means, side="left") + np.searchsorted(edges, means, side="right")
