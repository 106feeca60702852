"""Paired comparison of segments: statsmodels and SciPy give the same p values, and only true errors are found."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from evaluation.paired_segments import Correction, compare_segments, corrected_p_values


@pytest.mark.parametrize(("correction", "name"), [(Correction.HOLM, "holm"), (Correction.BENJAMINI_HOCHBERG, "fdr_bh")])
@pytest.mark.parametrize(
    "p_values", [(0.2,), (0.04, 0.01, 0.03, 0.01), tuple(np.linspace(0, 1, 17) ** 3), (1.0, 1.0, 0.0)]
)
def test_corrected_p_values_are_those_of_statsmodels(
    p_values: tuple[float, ...], correction: Correction, name: str
) -> None:
    found = corrected_p_values(np.array(p_values), correction)
    np.testing.assert_allclose(found, multipletests(p_values, method=name)[1], atol=1e-12)


@pytest.mark.parametrize("correction", Correction)
@settings(max_examples=30)
@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_a_correction_lowers_no_p_value_and_keeps_their_order(correction: Correction, p_values: list[float]) -> None:
    given_ = np.array(p_values)
    found = corrected_p_values(given_, correction)
    assert ((found >= given_ - 1e-12) & (found <= 1)).all()
    assert (np.diff(found[np.argsort(given_, kind="stable")]) >= -1e-12).all()


def cohort(patients: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Make PET of 17 segments, and SPECT that errs in segments 4, 10 and 15 only."""
    generator = np.random.default_rng(5)
    pet = generator.normal(75, 8, (patients, 17))
    spect = pet + generator.normal(0, 4, (patients, 17))
    spect[:, [3, 9, 14]] -= 8
    return spect, pet


@pytest.mark.parametrize("correction", Correction)
def test_the_segments_that_err_are_found_and_no_others(correction: Correction) -> None:
    found = compare_segments(*cohort(), correction=correction)
    assert [each.number for each in found] == [*range(1, 18)]
    assert [each.number for each in found if each.is_significant] == [4, 10, 15]
    for each in found:
        is_biased = each.number in (4, 10, 15)
        assert (each.difference.upper < 0) == is_biased
        assert each.corrected_p_value >= each.p_value


def test_each_segment_has_the_signed_rank_test_and_students_interval_of_its_differences() -> None:
    spect, pet = cohort(20)
    found = compare_segments(spect, pet)
    for each, measured, reference in zip(found, spect.T, pet.T, strict=True):
        assert each.p_value == pytest.approx(stats.wilcoxon(measured, reference).pvalue)
        interval = stats.ttest_rel(measured, reference).confidence_interval(0.95)
        assert each.difference.estimate == pytest.approx((measured - reference).mean())
        np.testing.assert_allclose((each.difference.lower, each.difference.upper), interval)


def test_a_measurement_that_is_the_reference_errs_nowhere() -> None:
    _, pet = cohort()
    assert all(each.p_value == each.corrected_p_value == 1 for each in compare_segments(pet, pet))


@pytest.mark.parametrize(
    ("measured", "reference"),
    [
        (np.ones((5, 16)), np.ones((5, 16))),
        (np.ones((5, 17)), np.ones((4, 17))),
        (np.ones((2, 17)), np.ones((2, 17))),
        (np.full((5, 17), np.nan), np.ones((5, 17))),
    ],
    ids=["16 segments", "other patients", "two patients", "no number"],
)
def test_what_cannot_be_compared_is_refused(measured: np.ndarray, reference: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"needed|shape"):
        compare_segments(measured, reference)
