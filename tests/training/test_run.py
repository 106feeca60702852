"""A whole training run on a few phantoms leaves what export needs."""

from pathlib import Path
from typing import assert_never

import numpy as np
import pytest
import safetensors.torch
import torch

from evaluation.discrimination import area_under_roc
from evaluation.operating_points import count_calls
from phantoms import Part, radiograph_cohort, true_answer
from preprocessing import Prepared, prepare
from preprocessing.reading import read_dataset
from specs.head import FindingProbability, MeasuredQuantity
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import NetworkSpec
from specs.volume_figures import OrganPerformance, PerfusionPerformance
from specs.weights import FindingPerformance, OutcomePerformance, QuantityPerformance
from tests.specs.quantity import CONCAT_POOLED_AGE, MAPPED_AGE
from tests.training.tiny import PHANTOMS, silent_progress, tiny, train
from training.fitting import answers
from training.network_run import WEIGHTS_FILE
from training.phantom_data import prepared_phantoms
from training.prepared_part import PreparedPart
from training.run import load_network


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepared phantoms, kept between the tests."""
    return tmp_path_factory.mktemp("cache")


def validation_part(spec: NetworkSpec, cache: Path) -> PreparedPart:
    """Return the studies on which the run chose its operating point."""
    with silent_progress() as bar:
        return prepared_phantoms(Part.VALIDATION, tiny(spec), count=PHANTOMS // 4, cache=cache, progress=bar)


def test_prepared_phantoms_are_what_the_client_prepares(spec: NetworkSpec, cache: Path, tmp_path: Path) -> None:
    part = validation_part(spec, cache)
    assert part.pixels.shape == (PHANTOMS // 4, *spec.recipe.pixels.shape)
    assert part.measurements.shape == (PHANTOMS // 4, len(spec.training.phantom_measurements))
    phantom = radiograph_cohort(Part.VALIDATION, count=PHANTOMS // 4)[3]
    phantom.write(tmp_path / "phantom.dcm")
    prepared = prepare(read_dataset((tmp_path / "phantom.dcm").read_bytes()), spec.recipe)
    assert isinstance(prepared, Prepared)
    assert np.array_equal(part.pixels[3], prepared.pixels)
    truth = getattr(phantom.truth, spec.truth.phantom)
    assert part.truth.dtype == np.float32
    assert part.truth[3] == (truth.positive if isinstance(spec.head, FindingProbability) else truth)
    assert part.truth[3] == true_answer(phantom.truth, spec)


def test_models_of_one_recipe_share_their_prepared_phantoms(tmp_path: Path) -> None:
    finding, quantity = validation_part(MITRAL_REGURGITATION, tmp_path), validation_part(MAPPED_AGE, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    assert np.array_equal(finding.pixels, quantity.pixels)
    assert set(finding.truth) == {0, 1}
    assert len(set(quantity.truth)) > 2


def test_prepared_phantoms_are_read_back_unchanged(spec: NetworkSpec, cache: Path) -> None:
    first = validation_part(spec, cache)
    files = {file: file.stat().st_mtime_ns for file in cache.iterdir()}
    second = validation_part(spec, cache)
    assert {file: file.stat().st_mtime_ns for file in cache.iterdir()} == files
    assert (first.name, first.seed) == (second.name, second.seed)
    for name in ("pixels", "truth", "measurements"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_a_run_can_be_loaded_and_repeats_its_own_figures(spec: NetworkSpec, tmp_path: Path, cache: Path) -> None:
    summary = train(spec, tmp_path, cache)
    network, loaded = load_network(tiny(spec), tmp_path)
    assert loaded == summary
    assert not network.training
    part = validation_part(spec, cache)
    found = answers(network, part.pixels, batch_size=spec.training.batch_size)
    match summary.performance:
        case FindingPerformance(operating_point=point, discrimination=discrimination):
            assert isinstance(spec.head, FindingProbability)
            assert area_under_roc(part.truth > 0, found).estimate == discrimination.auc
            assert count_calls(part.truth > 0, found, point.threshold) == point.counts
        case QuantityPerformance(mean_absolute_error=error, studies=studies):
            assert isinstance(spec.head, MeasuredQuantity)
            assert float(np.abs(found - part.truth).mean()) == error
            assert studies == PHANTOMS // 4
        case OutcomePerformance() | PerfusionPerformance() | OrganPerformance():
            pytest.fail("no network of images gives these")
        case _:
            assert_never(summary.performance)
    assert (summary.data_set.training_studies, summary.data_set.validation_studies) == (PHANTOMS, PHANTOMS // 4)
    assert summary.demonstration
    assert summary.parameters == sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize("spec", [MAPPED_AGE, CONCAT_POOLED_AGE], ids=lambda spec: spec.name)
def test_a_quantity_is_answered_about_the_mean_of_the_training_truth(
    spec: NetworkSpec, tmp_path: Path, cache: Path
) -> None:
    summary = train(spec, tmp_path, cache)
    truth = [float(phantom.truth.age_years) for phantom in radiograph_cohort(Part.TRAINING, count=PHANTOMS)]
    saved = safetensors.torch.load_file(tmp_path / WEIGHTS_FILE)
    assert float(saved["quantity_center"]) == pytest.approx(np.mean(truth), rel=1e-6)
    assert float(saved["quantity_deviation"]) == pytest.approx(np.std(truth), rel=1e-6)
    assert isinstance(summary.performance, QuantityPerformance)
    assert summary.performance.mean_absolute_error < 60  # a score of zero would be about 20 years off


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(
    spec: NetworkSpec, tmp_path: Path, cache: Path
) -> None:
    for folder, seed in (("first", 3), ("again", 3), ("other", 4)):
        train(spec, tmp_path / folder, cache, seed=seed)
    first, again, other = (
        safetensors.torch.load_file(tmp_path / folder / WEIGHTS_FILE) for folder in ("first", "again", "other")
    )
    assert all(torch.equal(tensor, again[name]) for name, tensor in first.items())
    assert not all(torch.equal(tensor, other[name]) for name, tensor in first.items())


def test_a_folder_without_a_run_says_so(spec: NetworkSpec, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_network(spec, tmp_path)
