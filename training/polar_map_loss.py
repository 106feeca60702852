"""How wrong an answered perfusion is where it is read: on the polar map and in its segments."""

from typing import assert_never

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluation.polar_map import place_weights, segment_places
from specs.left_ventricle import ShortAxisGrid
from specs.myocardial_segments import AHA_SEGMENTS, AlongRadius, OverSegment, PolarMapRules
from training.perfusion_segments import Facts, wall_places

_RINGS, _ANGLES, _STEP_MM = 4, 24, 2.0
"""Coarser than the maps that are reported, for speed: our choice."""
_SEGMENT_WEIGHT = 2.0
"""Of the segments' squared error beside that of the map: our choice."""
_LEAST_LEVEL = 0.1
"""Of the highest segment that maps are measured by, in the unit of the answer: an untrained network may answer next to
nothing. Our choice."""


def coarse(rules: PolarMapRules) -> PolarMapRules:
    """Return the rules of the maps that the loss is of."""
    return rules.model_copy(update={"rings": _RINGS, "angles": _ANGLES})


class PolarMapLoss(nn.Module):
    """The mean squared error of polar maps and of their segments, both as shares of each map's highest segment.

    So that the mean over patients is right: a mean absolute error would settle at the likelier of "attenuated" and
    "a defect". Our choice, as all weights.

    Args:
        rules: Of the maps that are reported.
    """

    def __init__(self, rules: PolarMapRules) -> None:
        super().__init__()
        self.rules = coarse(rules)
        of_places = place_weights(self.rules)
        of_segments = np.stack([segment_places(segment, self.rules) * of_places for segment in AHA_SEGMENTS])
        of_segments /= of_segments.sum(axis=(1, 2), keepdims=True)
        self.register_buffer("of_places", torch.from_numpy(of_places.astype(np.float32)), persistent=False)
        self.register_buffer("of_segments", torch.from_numpy(of_segments.astype(np.float32)), persistent=False)
        self.of_places: Tensor
        self.of_segments: Tensor

    def forward(self, answered: Tensor, wanted: Tensor, places: Tensor) -> Tensor:
        """Return the error.

        Args:
            answered: Uptake in any unit, shape (patient, state, slice, row, column).
            wanted: What it should be, the same shape.
            places: Of `sampling_places`, shape (patient, state, rings, angles, places, 3).
        """
        with torch.autocast(answered.device.type, enabled=False):  # or the segments would be of half precision
            answered_map, answered_segments = self._shares(answered.float(), places)
            wanted_map, wanted_segments = self._shares(wanted, places)
        of_map = (self.of_places * (answered_map - wanted_map) ** 2).mean() / self.of_places.mean()
        return of_map + _SEGMENT_WEIGHT * functional.mse_loss(answered_segments, wanted_segments)

    def _shares(self, volumes: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        unrolled = self._unrolled(volumes.flatten(0, 1), places.flatten(0, 1))
        match self.rules.over_segment:
            case OverSegment.MEAN:
                segments = torch.einsum("vra,sra->vs", unrolled, self.of_segments)
            case OverSegment.MAXIMUM:
                segments = torch.where(self.of_segments > 0, unrolled[:, None], 0).amax(dim=(2, 3))
            case _:
                assert_never(self.rules.over_segment)
        level = segments.amax(dim=1, keepdim=True).clamp(min=_LEAST_LEVEL)
        return unrolled / level[..., None], segments / level

    def _unrolled(self, volumes: Tensor, places: Tensor) -> Tensor:
        """Return polar maps, shape (volume, rings, angles)."""
        values = functional.grid_sample(volumes[:, None], places, padding_mode="border", align_corners=True)[:, 0]
        match self.rules.along_radius:
            case AlongRadius.MAXIMUM:
                return values.amax(dim=-1)
            case AlongRadius.MEAN:
                return values.mean(dim=-1)
            case _:
                assert_never(self.rules.along_radius)


def sampling_places(facts: Facts, *, grid: ShortAxisGrid, rules: PolarMapRules) -> Tensor:
    """Return where the loss samples the slices of patients.

    Returns:
        Shape (patients, states, rings, angles, places of a ray, 3), float32: column, row and slice, -1 at the first
        and 1 at the last, as `torch.nn.functional.grid_sample` wants them.
    """
    indices = wall_places(facts, grid=grid, rules=coarse(rules), step_mm=_STEP_MM)
    last = np.array([grid.slices, grid.rows, grid.columns], np.float32) - 1
    return torch.from_numpy(np.ascontiguousarray((2 * indices / last - 1)[..., ::-1]))
