"""Phantoms of perfusion become training data through the client's own code, beside their PET on the same slices."""

from functools import cache

import numpy as np
import pytest

from evaluation.perfusion_scores import percent_of_highest
from evaluation.polar_map import polar_map, segment_values
from export.perfusion_parity import perfusion_parity
from phantoms import PerfusionPhantom, PerfusionState, Site, perfusion_phantom
from preprocessing import NotEligible
from preprocessing.perfusion_study import prepare_perfusion
from specs.myocardial_segments import PERFUSION_MAP
from specs.perfusion_slices import PERFUSION_SLICES_48 as RECIPE
from specs.virtual_pet import VIRTUAL_PET
from training.perfusion_data import DISEASED, perfusion_example
from training.perfusion_performance import percents_of, perfusion_performance, spect_percents
from training.perfusion_segments import segment_percents
from training.volume_data import VolumePart
from training.volume_example import VolumeExample

PEOPLE = 5


def person(index: int) -> PerfusionPhantom:
    return perfusion_phantom(seed=11, index=index, site=list(Site)[index % 2])


@cache
def example(index: int) -> VolumeExample:
    """Return one patient as training data; not to be changed."""
    return perfusion_example(person(index), RECIPE)


@cache
def part() -> VolumePart:
    """Return several patients; not to be changed."""
    examples = [example(index) for index in range(PEOPLE)]
    return VolumePart(
        name="phantoms 0-4",
        seed=11,
        tensors=np.stack([each.tensor for each in examples]),
        targets=np.stack([each.target for each in examples]),
        facts={name: np.array([each.facts[name] for each in examples]) for name in examples[0].facts},
    )


def test_the_tensor_is_what_a_client_sends_of_the_study() -> None:
    prepared = prepare_perfusion(person(0).datasets(), RECIPE)
    assert not isinstance(prepared, NotEligible)
    np.testing.assert_array_equal(example(0).tensor, prepared.tensor)


def test_the_target_is_the_pet_of_both_states_in_shares_of_healthy_wall() -> None:
    for index in range(PEOPLE):
        target = example(index).target
        assert target.shape == example(index).tensor.shape
        assert target.dtype == np.float32
        assert target.min() >= 0
        assert 0.95 < np.quantile(target, 0.999) < 1.3
        phantom = person(index)
        facts = {name: np.array([value]) for name, value in example(index).facts.items()}
        (measured,) = segment_percents(target[np.newaxis], facts, grid=RECIPE.grid, rules=PERFUSION_MAP)
        for place, state in enumerate(PerfusionState):
            # The base is blunted by blur and found by SPECT: beyond it segments are those of the phantom.
            np.testing.assert_allclose(measured[place, 6:], phantom.pet_percent(state)[6:], atol=9)


def test_facts_tell_who_has_disease_and_where_ventricles_are() -> None:
    for index in range(PEOPLE):
        facts = example(index).facts
        assert facts[DISEASED] == person(index).truth.diseased
        for state in PerfusionState:
            true = person(index).ventricle(state)
            assert facts[f"{state}_radius_mm"] == pytest.approx(true.radius_mm, abs=5)
            assert facts[f"{state}_apex_mm"] == pytest.approx(true.apex_mm, abs=9)


def test_performance_measures_errors_and_learns_limits_from_people_without_disease() -> None:
    spec, of = VIRTUAL_PET, part()
    found = perfusion_performance(
        spec, training=of, training_outputs=of.targets, validation=of, validation_outputs=np.float32(1.5) * of.targets
    )
    assert found.segment_error_percent == pytest.approx(0, abs=1e-4)  # a factor is no error: values are percents
    assert 4 < found.spect_segment_error_percent < 15
    healthy = of.facts[DISEASED] == 0
    assert found.stress_limits.patients == healthy.sum() >= 2
    pet, spect = percents_of(spec, of, of.targets)[healthy], spect_percents(spec, of)[healthy]
    np.testing.assert_allclose(found.rest_limits.mean_percent, pet[:, 1].mean(axis=0))
    np.testing.assert_allclose(found.spect_stress_limits.deviation_percent, spect[:, 0].std(axis=0, ddof=1))
    assert found.spect_stress_limits.mean_percent[3] < found.stress_limits.mean_percent[3] - 5  # the inferior wall


def test_segments_of_arrays_are_those_of_the_client() -> None:
    prepared = prepare_perfusion(person(1).datasets(), RECIPE)
    assert not isinstance(prepared, NotEligible)
    theirs = np.array(
        [segment_values(polar_map(slices, PERFUSION_MAP), PERFUSION_MAP) for slices in (prepared.stress, prepared.rest)]
    )
    np.testing.assert_allclose(spect_percents(VIRTUAL_PET, part())[1], percent_of_highest(theirs), atol=0.1)


def test_parity_is_the_largest_shift_of_any_segment() -> None:
    of = part()
    assert perfusion_parity(VIRTUAL_PET, of, original=of.targets, variant=of.targets).segment_shift_percent == 0
    darker = of.targets.copy()
    darker[2, 1, :, 32:] *= 0.9  # the inferior half of one patient at rest
    found = perfusion_parity(VIRTUAL_PET, of, original=of.targets, variant=darker)
    assert found.segment_shift_percent == pytest.approx(10, abs=3)
    assert (found.data_set, found.studies) == ("phantoms 0-4", PEOPLE)
