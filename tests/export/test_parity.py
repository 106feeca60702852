"""The gate lets through what is the same and nothing else."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.discrimination import Scores
from export.errors import ParityFailed
from export.parity import parity_figures, require_parity
from specs import SPECS
from specs.model import ModelSpec
from specs.weights import ParityFigures

ORIGINAL = np.linspace(0.05, 0.95, 40)
TRUTH = np.random.default_rng(2).random(40) < ORIGINAL
THRESHOLD = float((ORIGINAL[19] + ORIGINAL[20]) / 2)
TIGHTEST = min(spec.tolerances.probability_shift for spec in SPECS.values())


def figures(variant: Scores, *, threshold: float = THRESHOLD) -> ParityFigures:
    """Compare a variant with the original."""
    return parity_figures(ORIGINAL, variant, truth=TRUTH, threshold=threshold, data_set="parity")


def test_the_original_itself_passes(spec: ModelSpec) -> None:
    same = figures(ORIGINAL)
    require_parity(same, spec)
    assert (same.probability_shift, same.flipped_share, same.flip_distance, same.auc_change) == (0, 0, 0, 0)
    assert same.studies == 40


@given(st.integers(0, 1000))
def test_rounding_within_the_tolerance_passes(seed: int) -> None:
    noise = np.random.default_rng(seed).uniform(-0.9, 0.9, 40) * TIGHTEST
    for spec in SPECS.values():
        require_parity(figures(ORIGINAL + noise), spec)


@given(study=st.integers(0, 39), sign=st.sampled_from([-1, 1]))
def test_one_probability_beyond_the_tolerance_is_refused(study: int, sign: int) -> None:
    for spec in SPECS.values():
        variant = ORIGINAL.copy()
        variant[study] += sign * 2 * spec.tolerances.probability_shift
        with pytest.raises(ParityFailed, match="largest shift of a probability"):
            require_parity(figures(variant), spec)


def test_a_flipped_call_is_refused_though_hardly_anything_moved(spec: ModelSpec) -> None:
    variant, threshold = ORIGINAL.copy(), float(ORIGINAL[20])
    variant[20] -= 1e-9
    measured = figures(variant, threshold=threshold)
    assert measured.flipped_share == 1 / 40
    assert measured.flip_distance == 0.0  # the original lay on the operating point
    assert measured.probability_shift == pytest.approx(1e-9, rel=1e-3)
    with pytest.raises(ParityFailed, match="share of flipped calls"):
        require_parity(measured, spec)


def test_flips_are_measured_by_how_far_the_original_was_from_the_operating_point() -> None:
    variant = ORIGINAL.copy()
    variant[[25, 22]] = 0.1
    measured = figures(variant)
    assert measured.flipped_share == 2 / 40
    assert measured.flip_distance == pytest.approx(ORIGINAL[25] - THRESHOLD)


def test_another_order_of_the_studies_is_refused(spec: ModelSpec) -> None:
    lenient = spec.tolerances.model_copy(update={"probability_shift": 0.99, "flipped_share": 0.99})
    variant = ORIGINAL.copy()
    variant[TRUTH & (ORIGINAL < THRESHOLD)], variant[~TRUTH & (ORIGINAL > THRESHOLD)] = 0.0, 0.96
    with pytest.raises(ParityFailed, match="change of the AUC"):
        require_parity(figures(variant), spec.model_copy(update={"tolerances": lenient}))


@pytest.mark.parametrize("study", [0, 39])
def test_a_probability_that_is_not_a_number_is_refused(study: int) -> None:
    variant = ORIGINAL.copy()
    variant[study] = math.nan
    with pytest.raises(ValueError, match="not a number"):
        figures(variant)


def test_a_missing_study_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        figures(ORIGINAL[:-1])
