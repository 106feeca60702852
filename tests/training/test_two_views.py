"""A network of several views: one backbone for all, and Grad-CAM of each inside the graph."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from client.in_process import InProcessEngine
from client.interpretation import interpret
from export.run import EntryVersion, Workplace, export_network
from phantoms import Part, pet_cohort
from preprocessing import Prepared, prepare
from specs.network import Preset
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from tests.training.tiny import random_pixels, silent_progress, tiny, tiny_settings, with_opinions
from training import run
from training.phantom_data import prepared_phantoms
from training.radiograph_network import RadiographNetwork
from training.training_data import phantom_training_data

SPEC = SARCOIDOSIS_LYMPHOMA
VIEWS = SPEC.recipe.pixels.shape[0]


@pytest.fixture(scope="module")
def network() -> RadiographNetwork:
    """Return a network whose answers differ; not to be changed."""
    torch.manual_seed(5)
    return with_opinions(RadiographNetwork(SPEC, Preset.DEMONSTRATION))


def gradient_maps(network: RadiographNetwork, pixels: torch.Tensor) -> torch.Tensor:
    """Compute Grad-CAM as published: features weighed by their mean gradient, negative evidence cut off."""
    features = network.places(network.reduce(pixels))
    score = network.classifier(network.pool(features).reshape(len(pixels), -1))
    (gradients,) = torch.autograd.grad(score.sum(), features)
    weights = gradients.mean(dim=(2, 3), keepdim=True)
    maps = functional.relu((weights * features).sum(dim=1))
    return maps.reshape(len(pixels), VIEWS, *maps.shape[1:])


def test_the_maps_are_the_published_grad_cam(network: RadiographNetwork) -> None:
    pixels = random_pixels(SPEC, studies=3)
    with torch.inference_mode():
        _, maps = network(pixels)
    expected = gradient_maps(network, pixels).detach()
    assert SPEC.head.activation_map is not None
    assert maps.shape == expected.shape == (3, *SPEC.head.activation_map.shape)
    assert (expected > 0).any()
    np.testing.assert_allclose(maps, expected, rtol=1e-4, atol=1e-6)


def test_each_view_counts_and_has_its_own_weights(network: RadiographNetwork) -> None:
    pixels = random_pixels(SPEC, studies=2)
    with torch.inference_mode():
        answers = network(pixels)[0]
        exchanged = network(pixels.flip(1))[0]
        without_lateral = network(torch.cat([pixels[:, :1], torch.zeros_like(pixels[:, 1:])], dim=1))[0]
    assert not torch.allclose(answers, exchanged, atol=1e-4)
    assert not torch.allclose(answers, without_lateral, atol=1e-4)


def test_a_map_holds_the_evidence_of_its_own_view_alone(network: RadiographNetwork) -> None:
    pixels = random_pixels(SPEC, studies=2)
    changed = torch.cat([pixels[:, :1], random_pixels(SPEC, studies=2, seed=7)[:, 1:]], dim=1)
    with torch.inference_mode():
        first, second = network(pixels)[1], network(changed)[1]
    assert torch.allclose(first[:, 0], second[:, 0], atol=1e-6)
    assert not torch.allclose(first[:, 1], second[:, 1], atol=1e-4)


def test_a_study_has_the_same_answer_in_every_batch(network: RadiographNetwork) -> None:
    pixels = random_pixels(SPEC, studies=4)
    with torch.inference_mode():
        together = network(pixels)
        alone = [network(pixels[place : place + 1]) for place in range(4)]
    for place, outputs in enumerate(alone):
        for whole, single in zip(together, outputs, strict=True):
            np.testing.assert_allclose(whole[place], single[0], atol=1e-5)


def test_phantoms_of_pet_are_training_data(tmp_path: Path) -> None:
    part = prepared_phantoms(Part.TRAINING, SPEC, count=3, cache=tmp_path, progress=silent_progress())
    again = prepared_phantoms(Part.TRAINING, SPEC, count=3, cache=tmp_path, progress=silent_progress())
    assert part.pixels.shape == (3, *SPEC.recipe.pixels.shape)
    assert part.sha256() == again.sha256()
    truths = [phantom.truth for phantom in pet_cohort(Part.TRAINING, count=3)]
    assert part.truth.tolist() == [float(truth.sarcoidosis) for truth in truths]


@pytest.mark.slow
def test_a_network_is_trained_on_pet_and_exported_through_the_gate(tmp_path: Path) -> None:
    data = phantom_training_data(tiny(SPEC), phantoms=32, cache=tmp_path, progress=silent_progress)
    run.train(tiny(SPEC), Preset.DEMONSTRATION, data, settings=tiny_settings(tmp_path / "run"))
    record = export_network(
        tiny(SPEC),
        Preset.DEMONSTRATION,
        weights=tmp_path / "run",
        target=EntryVersion(repository=tmp_path / "repository"),
        workplace=Workplace(cache=tmp_path, progress=silent_progress, parity_studies=8),
    )
    (figures,) = record.parity
    assert figures.studies == 8
    with InProcessEngine(tmp_path / "repository") as engine:
        model = engine.served_model(SPEC.name)
        scan = prepare(pet_cohort(Part.TEST, count=1)[0].datasets(), SPEC.recipe)
        assert isinstance(scan, Prepared)
        answer = interpret(model, engine.infer(model, {"pixels": scan.tensor[np.newaxis]}, ("probability", "grad_cam")))
    assert answer.value is not None
    assert answer.heat_map is not None
    assert answer.heat_map.shape == (VIEWS, 16, 8)
