"""The gate lets through what is the same and nothing else."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.discrimination import Scores
from export.errors import ParityFailed
from export.parity import Answers, Compared, parity_figures, require_parity
from specs.head import FindingTolerances, QuantityTolerances
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import NetworkSpec
from specs.weights import FindingParity, QuantityParity
from tests.export.shifts import tolerated_shift, tolerating
from tests.specs.quantity import EVERY_SPEC, MAPPED_AGE
from tests.specs.records import parity, performance

ORIGINAL = np.linspace(0.05, 0.95, 40)
TRUTH = np.random.default_rng(2).random(40) < ORIGINAL
THRESHOLD = float((ORIGINAL[19] + ORIGINAL[20]) / 2)

MEASURED = np.linspace(20.0, 90.0, 40)
MEASURED_TRUTH = (MEASURED + np.random.default_rng(3).normal(0, 5, 40)).astype(np.float32)

FINDINGS = [spec for spec in EVERY_SPEC.values() if isinstance(spec.tolerances, FindingTolerances)]
QUANTITIES = [spec for spec in EVERY_SPEC.values() if isinstance(spec.tolerances, QuantityTolerances)]

every_finding = pytest.mark.parametrize("spec", FINDINGS, ids=lambda spec: spec.name)
every_quantity = pytest.mark.parametrize("spec", QUANTITIES, ids=lambda spec: spec.name)


def figures(variant: Scores, *, threshold: float = THRESHOLD) -> FindingParity:
    """Compare a variant of a finding model with the original."""
    compared = Compared(original=ORIGINAL, variant=variant, truth=TRUTH.astype(np.float32), data_set="parity")
    found = parity_figures(compared, performance(MITRAL_REGURGITATION, threshold=threshold))
    assert isinstance(found, FindingParity)
    return found


def measured_figures(variant: Answers) -> QuantityParity:
    """Compare a variant of a quantity's model with the original."""
    compared = Compared(original=MEASURED, variant=variant, truth=MEASURED_TRUTH, data_set="parity")
    found = parity_figures(compared, performance(MAPPED_AGE))
    assert isinstance(found, QuantityParity)
    return found


@every_finding
def test_the_original_itself_passes(spec: NetworkSpec) -> None:
    same = figures(ORIGINAL)
    require_parity(same, spec)
    assert (same.probability_shift, same.flipped_share, same.flip_distance, same.auc_change) == (0, 0, 0, 0)
    assert same.studies == 40


@every_quantity
def test_the_original_of_a_quantity_passes(spec: NetworkSpec) -> None:
    same = measured_figures(MEASURED)
    require_parity(same, spec)
    assert (same.value_shift, same.mean_absolute_error_change, same.studies) == (0, 0, 40)


@given(st.integers(0, 1000))
def test_rounding_within_the_tolerance_passes(seed: int) -> None:
    noise = np.random.default_rng(seed).uniform(-0.9, 0.9, 40)
    for spec in FINDINGS:
        require_parity(figures(ORIGINAL + noise * min(map(tolerated_shift, FINDINGS))), spec)


@given(st.integers(0, 1000))
def test_rounding_of_a_quantity_within_the_tolerance_passes(seed: int) -> None:
    noise = np.random.default_rng(seed).uniform(-0.4, 0.4, 40)
    for spec in QUANTITIES:
        require_parity(measured_figures(MEASURED + noise * tolerated_shift(spec)), spec)


@given(study=st.integers(0, 39), sign=st.sampled_from([-1, 1]))
def test_one_probability_beyond_the_tolerance_is_refused(study: int, sign: int) -> None:
    for spec in FINDINGS:
        variant = ORIGINAL.copy()
        variant[study] += sign * 2 * tolerated_shift(spec)
        with pytest.raises(ParityFailed, match="largest shift of a probability"):
            require_parity(figures(variant), spec)


@given(study=st.integers(0, 39), sign=st.sampled_from([-1, 1]))
def test_one_value_beyond_the_tolerance_is_refused(study: int, sign: int) -> None:
    for spec in QUANTITIES:
        variant = MEASURED.copy()
        variant[study] += sign * 2 * tolerated_shift(spec)
        with pytest.raises(ParityFailed, match="largest shift of a value"):
            require_parity(measured_figures(variant), spec)


@every_quantity
def test_a_larger_error_is_refused_though_no_value_moved_far(spec: NetworkSpec) -> None:
    worse = MEASURED + np.sign(MEASURED - MEASURED_TRUTH) * 0.5
    measured = measured_figures(worse)
    assert measured.value_shift == pytest.approx(0.5)
    assert measured.mean_absolute_error_change == pytest.approx(0.5)
    lenient = tolerating(spec, shift=1.0)
    with pytest.raises(ParityFailed, match="change of the mean absolute error"):
        require_parity(measured, lenient)
    with pytest.raises(ParityFailed, match="change of the mean absolute error"):  # a smaller error is a change too
        require_parity(measured_figures(2 * MEASURED - worse), lenient)


def test_a_flipped_call_is_refused_though_hardly_anything_moved() -> None:
    variant, threshold = ORIGINAL.copy(), float(ORIGINAL[20])
    variant[20] -= 1e-9
    measured = figures(variant, threshold=threshold)
    assert measured.flipped_share == 1 / 40
    assert measured.flip_distance == 0.0  # the original lay on the operating point
    assert measured.probability_shift == pytest.approx(1e-9, rel=1e-3)
    for spec in FINDINGS:
        with pytest.raises(ParityFailed, match="share of flipped calls"):
            require_parity(measured, spec)


def test_flips_are_measured_by_how_far_the_original_was_from_the_operating_point() -> None:
    variant = ORIGINAL.copy()
    variant[[25, 22]] = 0.1
    measured = figures(variant)
    assert measured.flipped_share == 2 / 40
    assert measured.flip_distance == pytest.approx(ORIGINAL[25] - THRESHOLD)


@every_finding
def test_another_order_of_the_studies_is_refused(spec: NetworkSpec) -> None:
    lenient = spec.tolerances.model_copy(update={"probability_shift": 0.99, "flipped_share": 0.99})
    variant = ORIGINAL.copy()
    variant[TRUTH & (ORIGINAL < THRESHOLD)], variant[~TRUTH & (ORIGINAL > THRESHOLD)] = 0.0, 0.96
    with pytest.raises(ParityFailed, match="change of the AUC"):
        require_parity(figures(variant), spec.model_copy(update={"tolerances": lenient}))


@pytest.mark.parametrize("study", [0, 39])
def test_an_answer_that_is_not_a_number_is_refused(study: int) -> None:
    variant, measured = ORIGINAL.copy(), MEASURED.copy()
    variant[study] = measured[study] = math.nan
    with pytest.raises(ValueError, match="not a number"):
        figures(variant)
    with pytest.raises(ValueError, match="finite number"):
        measured_figures(measured)


def test_a_missing_study_is_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        figures(ORIGINAL[:-1])
    with pytest.raises(ValueError, match="differ in length"):
        measured_figures(MEASURED[:-1])


def test_figures_of_another_kind_of_head_are_refused() -> None:
    with pytest.raises(TypeError, match="quantity figures do not go with finding tolerances"):
        require_parity(parity(MAPPED_AGE), MITRAL_REGURGITATION)
    with pytest.raises(TypeError, match="finding figures do not go with quantity tolerances"):
        require_parity(parity(MITRAL_REGURGITATION), MAPPED_AGE)
