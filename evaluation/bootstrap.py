"""Intervals of any statistic where one patient may have several studies: whole patients are drawn, not studies.

SciPy draws and computes the interval; it is given the places of patients in place of rows.
"""

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evaluation.interval import CONFIDENCE, Interval

StudyIndices = NDArray[np.intp]
"""Indices of studies, shape (drawn studies,); the same study several times where its patient was drawn so often."""

Places = NDArray[np.intp]
"""Places of patients in the order of their labels, shape (patients,)."""

Labels = NDArray[np.int64] | NDArray[np.str_]
"""One name or number a study."""


class NoInterval(ValueError):
    """The patients at hand do not determine an interval."""


def bootstrap_by_patient(
    patients: Labels,
    statistic: Callable[[StudyIndices], float],
    *,
    strata: Labels | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Estimate a statistic with its 95 % interval.

    Args:
        patients: Whose each study is, shape (studies,).
        statistic: Computes the figure from the studies at the indices given; called once a resample and once a patient.
        strata: The stratum of each study, the same for all of a patient's; each keeps its number of patients in every
            resample. Those with and without a finding, for statistics that need both.
        resamples: How often as many patients are drawn, with replacement.
        seed: Of the draws; the same seed, the same interval.

    Returns:
        In the unit of the statistic, with the BCa interval; the estimate alone where every resample has the same.

    Raises:
        NoInterval: there are fewer than two patients in a stratum, the statistic is no number for some resample, or no
            resample reaches it.
        ValueError: a patient is in two strata.

    Source:
        BCa: Efron B, J Am Stat Assoc 1987;82:171-185, as SciPy computes it. Whole clusters: Davison AC, Hinkley DV,
        Bootstrap Methods and their Application, Cambridge 1997, section 3.8. By patient: our choice.
    """
    studies, patients_of_stratum = _StudiesOfPatients(patients), _patients_of_strata(patients, strata)

    def of_patients(*drawn: Places) -> float:
        return statistic(studies.of(np.concatenate(drawn)))

    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # its result says so too
        found = stats.bootstrap(
            patients_of_stratum,
            of_patients,
            n_resamples=resamples,
            batch=_BATCH,
            vectorized=False,
            confidence_level=CONFIDENCE,
            method="BCa",
            rng=np.random.default_rng(seed),
        )
    return _interval(of_patients(*patients_of_stratum), found.bootstrap_distribution, found.confidence_interval)


_BATCH = 100
"""Resamples at a time: SciPy would else hold a table of all patients times all patients for the acceleration."""


class _StudiesOfPatients:
    """Finds the studies of many patients at once: joining their lists would cost more than most statistics."""

    def __init__(self, patients: Labels) -> None:
        number = np.unique(patients, return_inverse=True)[1]
        self._by_patient = np.argsort(number, kind="stable")
        self._counts = np.bincount(number)
        self._starts = np.cumsum(self._counts) - self._counts

    def of(self, places: Places) -> StudyIndices:
        """Return the studies of patients, those of one after those of another."""
        counts = self._counts[places]
        ends = np.cumsum(counts)
        found: StudyIndices = self._by_patient[
            np.arange(ends[-1]) + np.repeat(self._starts[places] - ends + counts, counts)
        ]
        return found


def _patients_of_strata(patients: Labels, strata: Labels | None) -> list[Places]:
    number = np.unique(patients, return_inverse=True)[1]
    stratum = np.zeros(number.size, np.intp) if strata is None else np.unique(strata, return_inverse=True)[1]
    pairs = np.unique(np.column_stack([stratum, number]), axis=0)
    if len(pairs) > number.max(initial=-1) + 1:
        raise ValueError("a patient has studies in two strata")
    found = [pairs[pairs[:, 0] == one, 1] for one in range(stratum.max(initial=-1) + 1)]
    if min((members.size for members in found), default=0) < 2:
        raise NoInterval("a bootstrap needs at least two patients in every stratum")
    return found


def _interval(estimate: float, resampled: NDArray[np.float64], bounds: tuple[float, float]) -> Interval:
    if not np.isfinite([estimate, *resampled]).all():
        raise NoInterval("the statistic is not a finite number for some resample; strata may keep what it needs")
    if np.ptp(resampled) == 0:
        return Interval(estimate=estimate, lower=estimate, upper=estimate)
    if not np.isfinite(bounds).all():
        raise NoInterval("the estimate lies outside its own resamples, so that they give no BCa interval")
    return Interval(estimate=estimate, lower=float(bounds[0]), upper=float(bounds[1]))
