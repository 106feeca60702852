"""What is minimized, what the best epoch is, and answers that do not depend on how they are asked for."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from sklearn.metrics import log_loss, roc_auc_score

from specs.head import FindingProbability
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import NetworkSpec
from specs.network import Preset
from tests.evaluation.cohorts import LabeledScores, labeled_scores
from tests.specs.quantity import MAPPED_AGE
from tests.training.tiny import opinionated_network, random_pixels
from training.fitting import answers
from training.loss import score_loss, validation_merit

SCORES = [-3.0, -0.5, 0.0, 0.4, 2.5]


def test_answers_do_not_depend_on_the_batch_size(spec: NetworkSpec) -> None:
    network = opinionated_network(spec.name, Preset.DEMONSTRATION)
    pixels = random_pixels(spec, studies=5).numpy()
    one, two, all_at_once = (answers(network, pixels, batch_size=size) for size in (1, 2, 8))
    assert one.shape == (5,)
    assert one == pytest.approx(two, rel=1e-6, abs=1e-6)
    assert one == pytest.approx(all_at_once, rel=1e-6, abs=1e-6)


def test_the_loss_of_a_finding_is_the_cross_entropy_of_its_probability() -> None:
    network, truth = opinionated_network(MITRAL_REGURGITATION.name, Preset.DEMONSTRATION), [0.0, 1.0, 1.0, 0.0, 1.0]
    probabilities = [1 / (1 + math.exp(-score)) for score in SCORES]
    loss = score_loss(network, torch.tensor(SCORES), torch.tensor(truth))
    assert float(loss) == pytest.approx(log_loss(truth, probabilities), rel=1e-6)


def test_a_positive_weight_multiplies_the_loss_of_each_study_with_the_finding() -> None:
    network = opinionated_network(MITRAL_REGURGITATION.name, Preset.DEMONSTRATION)
    scores, truth = torch.tensor(SCORES), torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0])
    single = [float(score_loss(network, scores[[i]], truth[[i]])) for i in range(5)]
    weighted = [3 * loss if truth[i] else loss for i, loss in enumerate(single)]
    assert float(score_loss(network, scores, truth, positive_weight=3.0)) == pytest.approx(sum(weighted) / 5, rel=1e-6)


def test_the_loss_of_a_quantity_is_hubers_in_deviations() -> None:
    network = opinionated_network(MAPPED_AGE.name, Preset.DEMONSTRATION)  # center 50, deviation 20
    truth = [50.0, 45.0, 90.0, 58.0, 20.0]
    errors = [abs(score - (value - 50) / 20) for score, value in zip(SCORES, truth, strict=True)]
    expected = [0.5 * error**2 if error <= 1 else error - 0.5 for error in errors]
    loss = score_loss(network, torch.tensor(SCORES), torch.tensor(truth))
    assert float(loss) == pytest.approx(sum(expected) / 5, rel=1e-6)


def test_a_perfect_score_of_a_quantity_has_no_loss_and_is_answered_as_its_truth() -> None:
    network, truth = opinionated_network(MAPPED_AGE.name, Preset.DEMONSTRATION), torch.tensor([31.0, 50.0, 88.5])
    score = (truth - 50) / 20
    assert float(score_loss(network, score, truth)) == pytest.approx(0, abs=1e-10)
    assert network.answer(score).numpy() == pytest.approx(truth.numpy())


@given(labeled_scores())
def test_the_merit_of_a_finding_is_the_area_under_its_roc_curve(sample: LabeledScores) -> None:
    truth, scores = sample
    merit = validation_merit(MITRAL_REGURGITATION.head, truth.astype(np.float64), scores)
    assert merit == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)


@pytest.mark.parametrize("positives", [0, 1, 9, 10])
def test_the_merit_of_a_finding_is_undefined_with_fewer_than_two_studies_of_a_kind(positives: int) -> None:
    truth = (np.arange(10) < positives).astype(np.float64)
    assert validation_merit(MITRAL_REGURGITATION.head, truth, np.linspace(0, 1, 10)) is None


def test_the_merit_of_a_quantity_is_larger_the_smaller_its_error() -> None:
    truth = np.array([30.0, 50.0, 70.0])
    near, far = truth + np.array([1, -2, 3]), truth + np.array([10, -20, 30])
    assert validation_merit(MAPPED_AGE.head, truth, near) == pytest.approx(-2)
    assert validation_merit(MAPPED_AGE.head, truth, far) == pytest.approx(-20)


def test_every_head_has_a_merit_on_a_mixed_set(spec: NetworkSpec) -> None:
    truth = np.array([0.0, 1.0, 0.0, 1.0])
    merit = validation_merit(spec.head, truth, truth)
    assert merit == (1.0 if isinstance(spec.head, FindingProbability) else 0.0)
