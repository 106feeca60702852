"""Segment by segment, how two measurements of the same patients differ, corrected for the number of comparisons."""

from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evaluation.agreement import mean_interval
from evaluation.interval import Interval
from specs.declared import Declared
from specs.myocardial_segments import AHA_SEGMENTS

Reals = NDArray[np.float64]

SIGNIFICANCE = 0.05


class Correction(StrEnum):
    """What the correction of many p values bounds."""

    HOLM = "holm"
    """The chance of any false finding."""
    BENJAMINI_HOCHBERG = "benjamini_hochberg"
    """The expected share of false ones among the findings."""


class SegmentComparison(Declared):
    """One segment of a measurement against the reference.

    Attributes:
        number: Of the segment.
        difference: Mean of measurement less reference, in their unit, with Student's interval, not corrected.
        p_value: Of the Wilcoxon signed-rank test, two-sided.
        corrected_p_value: For the number of comparisons of its measurement.
    """

    number: int
    difference: Interval
    p_value: float
    corrected_p_value: float

    @property
    def is_significant(self) -> bool:
        """Whether the corrected p value is below 0.05."""
        return self.corrected_p_value < SIGNIFICANCE


def compare_segments(
    measured: Reals, reference: Reals, correction: Correction = Correction.HOLM
) -> tuple[SegmentComparison, ...]:
    """Compare a measurement with the reference in each of the 17 segments.

    SPECT and virtual PET are each compared with PET: their corrections do not count each other's segments, as the
    source asks of each where it errs. Patients whose difference is 0 count (Pratt). One that all have alike gives 1.

    Args:
        measured: Shape (patients, 17), at least three patients.
        reference: Of the same patients in the same order and unit.
        correction: Of the 17 p values.

    Raises:
        ValueError: the shapes differ, there are too few patients, or a value is no finite number.

    Source:
        That segments are compared in pairs: Kawakubo M et al., Ann Nucl Med 2024;38:199-209; its test is not known.
        Wilcoxon F, Biometrics Bulletin 1945;1:80-83, as SciPy has it; Holm by default: our choice.
    """
    if measured.shape != reference.shape or measured.ndim != 2 or measured.shape[1] != len(AHA_SEGMENTS):
        raise ValueError("Both must be of shape (patients, 17)")
    if len(measured) < 3 or not (np.isfinite(measured).all() and np.isfinite(reference).all()):
        raise ValueError("At least three patients with finite values are needed")
    differences = (measured - reference).T
    p_values = np.array([_signed_rank(each) for each in differences])
    corrected = corrected_p_values(p_values, correction)
    return tuple(
        SegmentComparison(
            number=segment.number, difference=mean_interval(each), p_value=float(p), corrected_p_value=float(of_many)
        )
        for segment, each, p, of_many in zip(AHA_SEGMENTS, differences, p_values, corrected, strict=True)
    )


def _signed_rank(differences: Reals) -> float:
    if not differences.any():
        return 1.0
    return float(stats.wilcoxon(differences, zero_method="pratt").pvalue)


def corrected_p_values(p_values: Reals, correction: Correction) -> Reals:
    """Correct p values for their number.

    Args:
        p_values: 0 to 1, shape (comparisons,).
        correction: What is bounded.

    Returns:
        In the same order, none below what it was, at most 1.

    Source:
        Holm S, Scand J Stat 1979;6:65-70; Benjamini Y, Hochberg Y, J R Stat Soc B 1995;57:289-300, as SciPy has it.
    """
    match correction:
        case Correction.HOLM:
            order = np.argsort(p_values)
            stepped = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
            corrected = np.empty_like(p_values)
            corrected[order] = np.minimum(stepped, 1.0)
            return corrected
        case Correction.BENJAMINI_HOCHBERG:
            return np.asarray(stats.false_discovery_control(p_values, method="bh"))
        case _:
            assert_never(correction)
