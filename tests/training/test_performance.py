"""What weights are worth, against independent computation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import pearsonr
from sklearn.metrics import brier_score_loss, confusion_matrix, mean_absolute_error, roc_auc_score, roc_curve

from specs.head import LargestYouden, LeastSensitivity, LeastSpecificity, OperatingPointPolicy
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.weights import FindingPerformance, QuantityPerformance
from tests.evaluation.cohorts import simulated
from tests.specs.quantity import CONCAT_POOLED_AGE, MAPPED_AGE
from training.errors import NotMeasurable, OperatingPointUnreachable
from training.performance import performance


def test_a_finding_is_measured_at_the_operating_point_with_the_largest_youden_index() -> None:
    outcomes, log_odds = simulated(400)
    answers = expit(log_odds)
    found = performance(MITRAL_REGURGITATION.head, outcomes.astype(np.float32), answers, data_set="simulated")
    assert isinstance(found, FindingPerformance)
    assert found.discrimination.auc == pytest.approx(roc_auc_score(outcomes, answers), abs=1e-12)
    assert found.discrimination.auc_lower < found.discrimination.auc < found.discrimination.auc_upper
    assert found.calibration.brier_score == pytest.approx(brier_score_loss(outcomes, answers), abs=1e-12)
    point = found.operating_point
    (true_negative, false_positive), (false_negative, true_positive) = confusion_matrix(
        outcomes, answers >= point.threshold
    )
    counts = point.counts
    assert (counts.true_positive, counts.false_negative) == (true_positive, false_negative)
    assert (counts.true_negative, counts.false_positive) == (true_negative, false_positive)
    false_rates, true_rates, _ = roc_curve(outcomes, answers, drop_intermediate=False)
    youden = true_positive / outcomes.sum() - false_positive / (~outcomes).sum()
    assert youden == pytest.approx((true_rates - false_rates).max(), abs=1e-12)
    assert point.policy == LargestYouden()
    assert {point.data_set, found.discrimination.data_set, found.calibration.data_set} == {"simulated"}


@pytest.mark.parametrize("policy", [LeastSensitivity(sensitivity=0.95), LeastSpecificity(specificity=0.95)])
def test_the_record_names_the_policy_by_which_the_point_was_chosen_and_the_point_keeps_to_it(
    policy: OperatingPointPolicy,
) -> None:
    outcomes, log_odds = simulated(400)
    head = MITRAL_REGURGITATION.head.model_copy(update={"operating_point_policy": policy})
    found = performance(head, outcomes.astype(np.float32), expit(log_odds), data_set="simulated")
    assert isinstance(found, FindingPerformance)
    assert found.operating_point.policy == policy
    counts = found.operating_point.counts
    hit, cleared = counts.true_positive / outcomes.sum(), counts.true_negative / (~outcomes).sum()
    reached, other = (hit, cleared) if isinstance(policy, LeastSensitivity) else (cleared, hit)
    assert 0.95 <= reached < 0.96
    assert 0.2 < other < 0.8


def test_a_sensitivity_that_no_point_has_is_refused_with_what_there_is() -> None:
    policy = LeastSensitivity(sensitivity=1.0)
    head = MITRAL_REGURGITATION.head.model_copy(update={"operating_point_policy": policy})
    truth, answers = np.array([1, 1, 0, 0], np.float32), np.array([0.1, 0.9, 0.1, 0.5])
    with pytest.raises(OperatingPointUnreachable, match=r"on four: no threshold has a sensitivity of 1.0; .* 0.500"):
        performance(head, truth, answers, data_set="four")


@given(seed=st.integers(0, 1000), studies=st.integers(3, 60))
def test_a_quantity_is_measured_by_its_errors_in_its_unit(seed: int, studies: int) -> None:
    generator = np.random.default_rng(seed)
    truth = generator.uniform(18, 95, studies).astype(np.float32)
    answers = truth + generator.normal(-3, 8, studies)
    for spec in (MAPPED_AGE, CONCAT_POOLED_AGE):
        found = performance(spec.head, truth, answers, data_set="drawn")
        assert isinstance(found, QuantityPerformance)
        assert (found.data_set, found.studies) == ("drawn", studies)
        errors = [float(answer) - float(value) for answer, value in zip(answers, truth, strict=True)]
        bias = sum(errors) / studies
        assert found.mean_absolute_error == pytest.approx(mean_absolute_error(truth, answers), rel=1e-9)
        assert found.bias == pytest.approx(bias, abs=1e-9)
        spread = sum((error - bias) ** 2 for error in errors) / (studies - 1)
        assert found.error_deviation == pytest.approx(spread**0.5, rel=1e-9)
        assert found.pearson_r == pytest.approx(pearsonr(truth.astype(np.float64), answers).statistic, abs=1e-6)


def test_an_answer_that_is_always_too_old_has_a_bias_above_zero() -> None:
    truth = np.array([30, 40, 50], dtype=np.float32)
    found = performance(MAPPED_AGE.head, truth, truth + np.float64(4), data_set="older")
    assert isinstance(found, QuantityPerformance)
    assert (found.bias, found.mean_absolute_error) == (4, 4)
    assert found.error_deviation == pytest.approx(0, abs=1e-12)
    assert found.pearson_r == pytest.approx(1)


@pytest.mark.parametrize(
    ("truth", "answers", "said"),
    [
        ([1, 1, 1, 0], [0.1, 0.2, 0.3, 0.4], "3 of 4 studies have the finding"),
        ([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4], "0 of 4 studies"),
        ([0, 0, 1, 1], [0.1, 0.2, np.nan, 0.4], "an answer is no number"),
        ([0, 0, 1, 1], [0.5, 0.5, 0.5, 0.5], "all studies get the same answer"),
    ],
)
def test_a_finding_without_figures_says_why(truth: list[int], answers: list[float], said: str) -> None:
    with pytest.raises(NotMeasurable, match=f"on some studies: {said}"):
        performance(
            MITRAL_REGURGITATION.head, np.array(truth, dtype=np.float32), np.array(answers), data_set="some studies"
        )


@pytest.mark.parametrize(
    ("truth", "answers", "said"),
    [
        ([50.0], [51.0], "no two studies have different truth"),
        ([50.0, 50.0], [51.0, 52.0], "no two studies have different truth"),
        ([50.0, 60.0], [51.0, np.inf], "an answer is no number"),
        ([50.0, 60.0], [51.0, 51.0], "all studies get the same answer"),
    ],
)
def test_a_quantity_without_figures_says_why(truth: list[float], answers: list[float], said: str) -> None:
    with pytest.raises(NotMeasurable, match=f"on some studies: {said}"):
        performance(MAPPED_AGE.head, np.array(truth, dtype=np.float32), np.array(answers), data_set="some studies")
