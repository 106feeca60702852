"""A network of two scales: fitted apart, and its log-odds are the mean of theirs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from specs.model import NetworkSpec
from specs.network import ConcatPoolClassifier, Network, Preset
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from tests.training.tiny import drawn_data, random_pixels, tiny, tiny_settings, with_opinions
from training.fitting import fit
from training.radiograph_network import RadiographNetwork
from training.run import load_network, train
from training.two_scales import scales

SPEC = tiny(SARCOIDOSIS_LYMPHOMA)


def test_the_log_odds_are_the_mean_of_those_of_both_scales() -> None:
    torch.manual_seed(7)
    singles = [with_opinions(RadiographNetwork(spec, Preset.DEMONSTRATION)) for _, spec in scales(SPEC)]
    network = RadiographNetwork(SPEC, Preset.DEMONSTRATION).eval()
    network.join(*singles)
    pixels = random_pixels(SPEC, studies=4)
    with torch.inference_mode():
        log_odds = torch.logit(network(pixels)[0])
        coarse, detailed = (torch.logit(single(pixels)[0]) for single in singles)
    assert not torch.allclose(coarse, detailed, atol=1e-2)
    np.testing.assert_allclose(log_odds, (coarse + detailed) / 2, atol=1e-4)


def test_each_scale_is_fitted_as_a_network_of_its_own(tmp_path: Path) -> None:
    data, settings = drawn_data(SPEC), tiny_settings(tmp_path / "both")
    train(SPEC, Preset.DEMONSTRATION, data, settings=settings)
    network, _ = load_network(SPEC, tmp_path / "both")
    singles = []
    for name, spec in scales(SPEC):
        own = tiny_settings(tmp_path / name)
        torch.manual_seed(own.seed)
        singles.append(RadiographNetwork(spec, Preset.DEMONSTRATION))
        fit(singles[-1], spec.training, training=data.training, validation=data.validation, settings=own)
    pixels = random_pixels(SPEC, studies=4)
    with torch.inference_mode():
        log_odds, *alone = (torch.logit(each(pixels)[0]) for each in (network, *singles))
    np.testing.assert_allclose(log_odds, (alone[0] + alone[1]) / 2, atol=1e-4)
    assert {path.name for path in (tmp_path / "both").iterdir()} >= {"coarse", "detailed", "weights.safetensors"}


@pytest.mark.parametrize(
    "changed", [{"stem_pool": True}, {"classifier": ConcatPoolClassifier(hidden=8, dropout=(0.1, 0.1))}]
)
def test_a_coarse_backbone_stands_beside_a_detailed_one_before_a_linear_classifier(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a coarse backbone stands beside"):
        Network.model_validate(SPEC.network.model_dump() | changed)


def test_a_coarse_backbone_has_a_share_of_the_epochs(tmp_path: Path) -> None:
    settings = replace(tiny_settings(tmp_path), epochs=4)
    spec = SPEC.model_copy(update={"training": SPEC.training.model_copy(update={"coarse_epochs_share": 0.5})})
    train(spec, Preset.DEMONSTRATION, drawn_data(spec), settings=settings)
    for name, epochs in (("coarse", 2), ("detailed", 4)):
        log = (tmp_path / name / "log" / "metrics.csv").read_text(encoding="utf-8")
        assert {line.partition(",")[0] for line in log.splitlines()[1:]} == {str(epoch) for epoch in range(epochs)}


def test_a_share_of_the_epochs_needs_a_coarse_backbone() -> None:
    declared = SPEC.model_dump()
    declared["network"] |= {"coarse_backbone": False}
    with pytest.raises(ValueError, match="and none else"):
        NetworkSpec.model_validate(declared)
