"""Figures of single groups of patients, on numbers small enough to count by hand."""

import numpy as np
import pytest

from evaluation.agreement import mean_interval
from evaluation.characteristics import Characteristics, groupings
from evaluation.discrimination import area_under_roc
from evaluation.finding_subgroups import finding_subgroups
from evaluation.proportions import proportion
from evaluation.quantity_subgroups import quantity_subgroups

SEXES = groupings([Characteristics(sex=sex) for sex in "FFFFMMMO"])
TRUTH = np.array([1, 1, 0, 0, 1, 0, 0, 1], np.bool_)
PROBABILITIES = np.array([0.9, 0.2, 0.1, 0.6, 0.8, 0.3, 0.7, 0.6])


def test_a_finding_is_measured_in_each_group_on_its_own() -> None:
    women, men, others = finding_subgroups(TRUTH, PROBABILITIES, SEXES, threshold=0.5)
    assert [(row.characteristic, row.group, row.studies, row.positives) for row in (women, men, others)] == [
        ("sex", "F", 4, 2),
        ("sex", "M", 3, 1),
        ("sex", "O", 1, 1),
    ]
    assert (women.sensitivity, women.specificity) == (proportion(1, 2), proportion(1, 2))
    assert (men.sensitivity, men.specificity) == (proportion(1, 1), proportion(1, 2))
    assert (others.sensitivity, others.specificity) == (proportion(1, 1), None)


def test_an_area_needs_two_studies_of_either_kind() -> None:
    women, men, others = finding_subgroups(TRUTH, PROBABILITIES, SEXES, threshold=0.5)
    assert women.auc == area_under_roc(TRUTH[:4], PROBABILITIES[:4])
    assert women.auc.estimate == 3 / 4
    assert men.auc is None
    assert others.auc is None
    assert "AUC –" in str(others)
    assert str(women).startswith("  sex F: 4 studies, 2 with the finding; AUC 0.750 (95 % CI ")


def test_a_quantity_is_measured_in_each_group_on_its_own() -> None:
    truth = np.array([50, 60, 70, 40, 30, 50, 60, 55], np.float64)
    values = truth + np.array([1, -3, 2, -4, 5, 5, 8, 1])
    women, men, others = quantity_subgroups(truth, values, SEXES)
    assert women.mean_absolute_error == mean_interval(np.array([1.0, 3.0, 2.0, 4.0]))
    assert women.bias is not None
    assert women.bias.estimate == -1
    assert men.bias is not None
    assert men.bias.estimate == pytest.approx(6)
    assert (others.studies, others.mean_absolute_error, others.bias) == (1, None, None)
    assert str(others) == "  sex O: 1 studies; mean absolute error –, bias –"
