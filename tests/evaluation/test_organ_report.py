"""Figures of an organ model: Dice as a mean of patients, R2 as a squared correlation, gaps that stay gaps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evaluation.dice import dice
from evaluation.interval import Interval
from evaluation.organ_report import OrganReport, organ_report
from evaluation.organ_tables import organ_tables
from tests.evaluation.organ_patients import MODEL, measured_patients, report


def test_dice_is_twice_the_overlap_over_the_sum_of_sizes() -> None:
    first = np.array([[True, True, True], [False, False, False]])
    second = np.array([[False, True, True], [True, False, False]])
    assert dice(first, second) == pytest.approx(2 * 2 / 6)
    assert dice(first, ~first) == 0


@given(seed=st.integers(0, 1000), share=st.floats(0, 1))
def test_dice_is_symmetric_and_1_of_a_mask_with_itself(seed: int, share: float) -> None:
    first, second = np.random.default_rng(seed).random((2, 4, 5, 6)) < share
    assert dice(first, second) == dice(second, first)
    assert dice(first, first) == 1


def test_masks_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        dice(np.zeros((2, 3), np.bool_), np.zeros((3, 2), np.bool_))


def estimate(interval: Interval | None) -> float:
    assert interval is not None
    return interval.estimate


def test_dice_of_an_organ_is_the_mean_of_patients_over_both_times() -> None:
    patients, found = measured_patients(), report()
    for organ in found.organs:
        values = np.array([patient.dice[organ.organ] for patient in patients])
        assert estimate(organ.dice) == pytest.approx(values.mean())
        assert estimate(organ.early) == pytest.approx(values[:, 0].mean())
        assert estimate(organ.late) == pytest.approx(values[:, 1].mean())
        faint = values[[patient.nearly_no_uptake for patient in patients]]
        if organ.organ == "heart":
            assert estimate(found.faint_heart_dice) == pytest.approx(faint.mean())
    assert found.faint_hearts == 8


def test_no_interval_of_dice_leaves_0_to_1() -> None:
    # Two faint hearts of Dice 0.76 and 0.89 had "0.825 (0.040 to 1.610)".
    two = tuple(
        replace(each, nearly_no_uptake=True, dice=dict.fromkeys(each.dice, (value, value)))
        for each, value in zip(measured_patients()[:2], (0.76, 0.89), strict=True)
    )
    found = organ_report(two, MODEL, data_set="two", left_out={})
    of_organs = [interval for organ in found.organs for interval in (organ.dice, organ.early, organ.late)]
    for interval in (*of_organs, found.faint_heart_dice, *(each.heart_dice for each in found.diseases)):
        if interval is not None:
            assert 0 <= interval.lower <= interval.estimate <= interval.upper <= 1
    assert found.faint_heart_dice is not None
    assert found.faint_heart_dice.upper == 1


def test_r2_is_the_squared_correlation_of_those_whose_counts_are_known() -> None:
    patients, found = measured_patients(), report()
    known = [(each.uptake[1], each.heart_counts[1]) for each in patients if each.heart_counts[1] is not None]
    assert len(known) == 39
    expected = stats.pearsonr(*np.array(known).T)
    assert estimate(found.late_counts_r2) == pytest.approx(expected.statistic**2)
    assert found.late_counts_r2 is not None
    assert found.late_counts_r2.lower == pytest.approx(expected.confidence_interval(0.95).low ** 2)
    assert estimate(found.early_counts_r2) == pytest.approx(1)
    assert found.washout_patients == 39
    assert found.washout is not None
    assert 0 < found.washout.bias.estimate < 2


def test_an_interval_of_r2_reaches_to_0_where_the_correlation_may_be_none() -> None:
    patients = measured_patients()
    rng = np.random.default_rng(3)
    unrelated = [replace(each, heart_counts=(float(rng.uniform(1, 9)), 1.0)) for each in patients]
    found = organ_report(unrelated, MODEL, data_set="none", left_out={})
    assert found.early_counts_r2 is not None
    assert found.early_counts_r2.lower == 0
    assert found.late_counts_r2 is None  # all counts are equal


def test_the_share_of_hearts_found_counts_volumes() -> None:
    assert report().heart_found.estimate == pytest.approx(79 / 80)


def test_it_is_also_by_disease() -> None:
    failing, lewy = sorted(report().diseases, key=lambda each: each.disease, reverse=True)
    assert (failing.disease, failing.patients) == ("chronic heart failure", 20)
    assert (lewy.disease, lewy.patients) == ("Lewy-body disease", 20)
    assert 0.85 < estimate(lewy.heart_dice) < 0.95


def test_too_few_patients_leave_figures_out_and_none_at_all_is_an_error() -> None:
    found = organ_report(measured_patients(1), MODEL, data_set="one", left_out={})
    assert (found.late_counts_r2, found.washout, found.organs[0].dice) == (None, None, None)
    assert "–" in str(found)
    with pytest.raises(ValueError, match="at least one patient"):
        organ_report([], MODEL, data_set="none", left_out={})


def test_it_comes_back_from_its_record() -> None:
    found = report()
    assert OrganReport.from_json(found.readable_json()) == found


def test_people_read_every_figure() -> None:
    text = str(report())
    for said in (
        "mibg_organs version 3 on phantoms 0-39: 40 patients",
        "Dice, heart with almost no uptake (8 patients)",
        "R² of washout",
        "Lewy-body disease, 20 patients",
        "Left out: 2 patients: too small",
    ):
        assert said in text
    titles = [table.title for table in organ_tables(report())]
    assert titles == ["Figures", "Dice of each organ", "The heart by disease", "Left out"]
    assert report().merit.startswith("Dice heart 0.89")
