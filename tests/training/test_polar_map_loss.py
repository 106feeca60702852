"""The loss of polar maps: it measures what reports measure."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

from evaluation.perfusion_scores import percent_of_highest
from specs.left_ventricle import SHORT_AXIS_48
from specs.myocardial_segments import PERFUSION_MAP
from training.perfusion_segments import Facts, segment_percents
from training.polar_map_loss import PolarMapLoss, coarse, sampling_places

RULES = coarse(PERFUSION_MAP)
SHAPE = (2, SHORT_AXIS_48.slices, SHORT_AXIS_48.rows, SHORT_AXIS_48.columns)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One patient with a ventricle; volumes have the shape (1, state, slice, row, column)."""

    facts: Facts
    places: Tensor

    def error(self, answered: Tensor, wanted: Tensor) -> float:
        return float(PolarMapLoss(PERFUSION_MAP)(answered, wanted, self.places))


@cache
def case() -> Case:
    sizes = {"apex_mm": 45.0, "base_mm": 25.0, "radius_mm": 28.0}
    facts = {f"{state}_{name}": np.array([size]) for state in ("stress", "rest") for name, size in sizes.items()}
    return Case(facts=facts, places=sampling_places(facts, grid=SHORT_AXIS_48, rules=PERFUSION_MAP))


def smooth(seed: int) -> Tensor:
    """Draw a volume that differs little from voxel to voxel, 0.5 to 1."""
    torch.manual_seed(seed)
    coarse_values = torch.rand((1, 2, 6, 8, 8))
    fine = torch.nn.functional.interpolate(coarse_values, SHAPE[1:], mode="trilinear", align_corners=True)
    return 0.5 + 0.5 * fine


def with_less_below(volume: Tensor, factor: float) -> Tensor:
    """Take uptake from the inferior half."""
    less = volume.clone()
    less[:, :, :, SHAPE[2] // 2 :] *= factor
    return less


def test_the_right_answer_has_no_error_in_any_unit() -> None:
    assert case().error(3 * smooth(0), smooth(0)) == pytest.approx(0, abs=1e-10)


def test_segments_are_those_that_reports_have() -> None:
    answered, wanted = smooth(1), smooth(2)
    loss = PolarMapLoss(PERFUSION_MAP)
    for volume in (answered, wanted):
        _, segments = loss._shares(volume, case().places)
        expected = segment_percents(volume.numpy(), case().facts, grid=SHORT_AXIS_48, rules=RULES)
        np.testing.assert_allclose(100 * segments.numpy(), percent_of_highest(expected)[0], atol=0.6)


def test_a_deeper_miss_is_a_larger_error() -> None:
    errors = [case().error(with_less_below(smooth(3), factor), smooth(3)) for factor in (0.9, 0.7, 0.5)]
    assert errors == sorted(errors)
    assert errors[0] > 1e-4


def test_an_answer_can_be_mended_by_its_gradient() -> None:
    answered = with_less_below(smooth(4), 0.6).requires_grad_()
    loss = PolarMapLoss(PERFUSION_MAP)
    before = loss(answered, smooth(4), case().places)
    before.backward()
    assert answered.grad is not None
    step = answered.detach() - 1e-3 * answered.grad / answered.grad.abs().max()
    assert float(loss(step, smooth(4), case().places)) < float(before.detach())
