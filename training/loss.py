"""What fitting minimizes, and by what it tells the best epoch."""

from typing import assert_never

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from evaluation.discrimination import area_under_roc
from specs.head import FindingProbability, ImageHead, MeasuredQuantity
from training.errors import FitDiverged
from training.radiograph_network import RadiographNetwork


def score_loss(network: RadiographNetwork, score: Tensor, truth: Tensor, *, positive_weight: float = 1.0) -> Tensor:
    """Return the loss of scores, shape (batch,), against the truth of the same shape.

    Cross-entropy for a finding, where `positive_weight` multiplies the loss of each study that has it; for a quantity
    Huber's loss in deviations, which follows a wild value less: our choice.
    """
    match network.head:
        case FindingProbability():
            weight = torch.tensor(positive_weight, device=score.device)
            return functional.binary_cross_entropy_with_logits(score, truth, pos_weight=weight)
        case MeasuredQuantity():
            return functional.huber_loss(score, (truth - network.quantity_center) / network.quantity_deviation)
        case _:
            assert_never(network.head)


def validation_merit(head: ImageHead, truth: NDArray[np.float64], answers: NDArray[np.float64]) -> float | None:
    """Return what the best epoch has most of: the AUC, or the mean absolute error below zero; None where undefined.

    Raises:
        FitDiverged: an answer is no number.
    """
    if not np.isfinite(answers).all():
        raise FitDiverged
    match head:
        case FindingProbability():
            defined = 2 <= truth.sum() <= truth.size - 2
            return area_under_roc(truth > 0, answers).estimate if defined else None
        case MeasuredQuantity():
            return -float(np.abs(answers - truth).mean())
        case _:
            assert_never(head)


def positive_weight(truth: NDArray[np.float32]) -> float:
    """Return how many studies are without the finding for each with it, from their truth, shape (studies,)."""
    positives = float((truth > 0).sum())
    return (truth.size - positives) / max(positives, 1.0)
