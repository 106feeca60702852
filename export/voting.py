"""The graphs that combine what the members of an ensemble say."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from specs.ensemble import LEAST_EVIDENCE


class Vote(nn.Module):
    """Soft voting: the plain mean of probabilities.

    Source:
        The sources say "soft voting" (reference section 1a); weights of the votes were not found: our choice.
    """

    def forward(self, *probabilities: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean, shape (batch, 1), and each member's probability, shape (batch, member)."""
        each = torch.cat(probabilities, dim=1)
        return each.mean(dim=1, keepdim=True), each


class MapMean(nn.Module):
    """The mean of maps, each without its negative evidence, resized, and divided by its largest value: our choice."""

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, *maps: Tensor) -> Tensor:
        """Return a map of this shape, shape (batch, row, column), 0 to 1, from maps of any shape."""
        return torch.stack([self._scaled(each) for each in maps]).mean(dim=0)

    def _scaled(self, evidence: Tensor) -> Tensor:
        positive = functional.relu(evidence).unsqueeze(1)
        resized = functional.interpolate(positive, size=self.shape, mode="bilinear", align_corners=False)
        return (resized / resized.amax(dim=(2, 3), keepdim=True).clamp(min=LEAST_EVIDENCE)).squeeze(1)
