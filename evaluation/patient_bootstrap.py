"""A model's main figure with an interval that heeds that several images are of one patient."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.agreement import Quantities
from evaluation.bootstrap import NoInterval, StudyIndices, bootstrap_by_patient
from evaluation.discrimination import Scores, Truth
from evaluation.interval import Interval
from specs.declared import Declared

RESAMPLES = 2000
SEED = 0

Patients = NDArray[np.str_]
"""Whose each study is, shape (studies,)."""


class PatientBootstrap(Declared):
    """The figure in its own unit with the BCa interval of a bootstrap by patient, and what repeats the draws.

    `interval` is None where the patients determine none, as few of them do.
    """

    figure: Literal["AUC", "mean absolute error"]
    interval: Interval | None
    patients: int
    resamples: int
    seed: int

    @property
    def method(self) -> str:
        """How the interval was made, or why there is none."""
        if self.interval is None:
            return f"the {self.patients} patients determine no interval by patient; the one above is too narrow"
        return f"BCa bootstrap by patient: {self.patients} patients, {self.resamples} resamples, seed {self.seed}"

    def __str__(self) -> str:
        return f"{self.figure} by patient {self.interval or '–'} ({self.method})"


def area_by_patient(truth: Truth, scores: Scores, patients: Patients) -> PatientBootstrap | None:
    """Estimate the AUC; None where no patient has several studies.

    Patients with the finding in any study, and those without, keep their numbers in every resample: our choice.

    Args:
        truth: Shape (studies,).
        scores: Shape (studies,), any unit; ties count one half.
        patients: Of the same studies.
    """
    number = np.unique(patients, return_inverse=True)[1]
    ever = np.bincount(number, weights=truth) > 0
    place = np.unique(scores, return_inverse=True)[1]

    def area(drawn: StudyIndices) -> float:
        return _area(truth[drawn], place[drawn])

    return _bootstrap("AUC", patients, area, strata=ever[number].astype(np.int64))


def error_by_patient(truth: Quantities, values: Quantities, patients: Patients) -> PatientBootstrap | None:
    """Estimate the mean absolute error; None as for `area_by_patient`.

    Args:
        truth: Shape (studies,), any unit.
        values: What was predicted for them, the same shape and unit.
        patients: Of the same studies.
    """
    error = np.abs(values - truth)
    return _bootstrap("mean absolute error", patients, lambda drawn: float(error[drawn].mean()))


def _area(truth: Truth, place: NDArray[np.intp]) -> float:
    """Compute the area under the ROC curve from the places of the scores in their order, without sorting again."""
    size = int(place.max()) + 1
    positive, negative = (np.bincount(place[kind], minlength=size) for kind in (truth, ~truth))
    below = np.cumsum(negative) - negative / 2
    # No `@`: waking its threads for each of 4,800 areas took 164 s of a busy machine instead of 4.
    return float(np.sum(positive * below) / (positive.sum() * negative.sum()))


def _bootstrap(
    figure: Literal["AUC", "mean absolute error"],
    patients: Patients,
    statistic: Callable[[StudyIndices], float],
    *,
    strata: NDArray[np.int64] | None = None,
) -> PatientBootstrap | None:
    count = np.unique(patients).size
    if count == patients.size:
        return None
    interval: Interval | None
    try:
        interval = bootstrap_by_patient(patients, statistic, strata=strata, resamples=RESAMPLES, seed=SEED)
    except NoInterval:
        interval = None
    return PatientBootstrap(figure=figure, interval=interval, patients=count, resamples=RESAMPLES, seed=SEED)
