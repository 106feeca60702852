"""Calls by grade."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.operating_points import count_calls
from evaluation.proportions import call_figures, proportion
from evaluation.subgroups import CallsByGroup, calls_by_group
from tests.evaluation.cohorts import LabeledScores, labeled_scores

GRADES = ("none", "mild", "moderate", "severe")


@given(labeled_scores(), st.floats(0, 1))
def test_with_two_groups_the_shares_are_sensitivity_and_one_minus_specificity(
    sample: LabeledScores, threshold: float
) -> None:
    truth, probabilities = sample
    groups = np.where(truth, "severe", "none")
    none, severe = calls_by_group(groups, probabilities, threshold=threshold, order=("none", "severe")).groups
    figures = call_figures(count_calls(truth, probabilities, threshold))
    assert severe.called_positive == figures.sensitivity
    assert none.called_positive is not None
    assert figures.specificity is not None
    assert none.called_positive.estimate == pytest.approx(1 - figures.specificity.estimate)
    assert none.called_positive.upper == pytest.approx(1 - figures.specificity.lower)


@given(labeled_scores(), st.floats(0, 1), st.integers(0, 100))
def test_every_study_is_counted_once(sample: LabeledScores, threshold: float, seed: int) -> None:
    truth, probabilities = sample
    groups = np.random.default_rng(seed).choice(GRADES, truth.size)
    rows = calls_by_group(groups, probabilities, threshold=threshold, order=GRADES).groups
    assert tuple(row.group for row in rows) == GRADES
    assert sum(row.studies for row in rows) == truth.size
    assert sum(row.positive_calls for row in rows) == np.sum(probabilities >= threshold)
    assert [row.called_positive for row in rows] == [proportion(row.positive_calls, row.studies) for row in rows]


def test_the_table_reads_from_none_to_severe() -> None:
    groups = np.array(["severe", "none", "mild", "severe", "none", "mild"])
    table = calls_by_group(groups, np.array([0.9, 0.1, 0.5, 0.8, 0.6, 0.2]), threshold=0.5, order=GRADES)
    lines = str(table).splitlines()
    assert lines[0] == "Called positive at the operating point 0.500 (Clopper-Pearson):"
    assert lines[1] == "  none      1 of 2  0.500 (95 % CI 0.013–0.987)"
    assert lines[3] == "  moderate  0 of 0  –"
    assert lines[4] == "  severe    2 of 2  1.000 (95 % CI 0.158–1.000)"
    assert CallsByGroup.from_json(table.canonical_json()) == table


@pytest.mark.parametrize(
    ("order", "complaint"),
    [
        ((), "every group once"),
        (("none", "mild", "none"), "every group once"),
        (("none", "mild"), "group 'severe', which the table does not list"),
    ],
)
def test_a_table_that_is_not_of_the_groups_is_refused(order: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        calls_by_group(np.array(["none", "severe"]), np.array([0.1, 0.9]), threshold=0.5, order=order)
