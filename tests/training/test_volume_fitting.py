"""Fitting models of volumes: the same seed gives the same weights, and a discriminator may judge."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from specs.network import Preset
from specs.volume import VolumeSpec
from tests.training.tiny_volumes import VOLUME_SPECS, of_slices, random_volumes, tiny_volumes
from training.errors import FitDiverged
from training.fit_settings import FitSettings
from training.volume_data import VolumePart
from training.volume_fitting import fit_volumes, made_network, volume_answers
from training.volume_network import VolumeNetwork

PERFUSION = tiny_volumes(VOLUME_SPECS["virtual_pet"])
STATES = ("stress", "rest")


def part(spec: VolumeSpec, *, patients: int, seed: int) -> VolumePart:
    """Draw patients whose target follows from what is seen: three quarters of it."""
    tensors = random_volumes(spec, patients=patients, seed=seed)
    targets = tensors.astype(np.float32) * np.float32(0.75 * 4 / 65_535)
    sizes = {"apex_mm": 45.0, "base_mm": 25.0, "radius_mm": 28.0}
    facts = {f"{state}_{name}": np.full(patients, size) for state in STATES for name, size in sizes.items()}
    return VolumePart(name="drawn", seed=seed, tensors=tensors, targets=targets, facts=facts)


def fitted(folder: Path, spec: VolumeSpec = PERFUSION, *, training: VolumePart | None = None) -> VolumeNetwork:
    network = made_network(spec, Preset.DEMONSTRATION, seed=3)
    settings = FitSettings(epochs=2, seed=3, balanced=False, folder=folder, show_progress=False, precision="32-true")
    training = training or part(spec, patients=4, seed=0)
    fit_volumes(spec, network, training=training, validation=part(spec, patients=1, seed=1), settings=settings)
    return network


def trained_with(spec: VolumeSpec, **training: float) -> VolumeSpec:
    return spec.model_copy(update={"training": spec.training.model_copy(update=training)})


def answers(network: VolumeNetwork) -> NDArray[np.float32]:
    return volume_answers(network, random_volumes(PERFUSION, patients=1, seed=2), batch_size=1)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    first, second = (fitted(tmp_path / name) for name in ("first", "second"))
    assert not first.training
    np.testing.assert_array_equal(answers(first), answers(second))


@pytest.mark.slow
def test_what_is_declared_of_losses_decides_the_fit_and_is_no_part_of_the_network(tmp_path: Path) -> None:
    plain = fitted(tmp_path / "plain", trained_with(PERFUSION, polar_map_weight=0.0))
    others = (
        trained_with(PERFUSION, polar_map_weight=10.0),
        trained_with(PERFUSION, polar_map_weight=0.0, adversarial_weight=0.5),
    )
    for number, spec in enumerate(others):
        other = fitted(tmp_path / f"{number}", spec)
        assert set(other.state_dict()) == set(plain.state_dict())
        assert np.isfinite(answers(other)).all()
        assert np.abs(answers(other) - answers(plain)).max() > 1e-4


@pytest.mark.slow
def test_a_network_of_slices_is_fitted_on_drawn_slices(tmp_path: Path) -> None:
    assert np.isfinite(answers(fitted(tmp_path, of_slices(PERFUSION)))).all()


@pytest.mark.parametrize(
    ("which", "update", "said"),
    [
        ("mibg_organs", {"training": {"adversarial_weight": 0.1}}, "an adversarial loss goes with perfusion only"),
        ("mibg_organs", {"training": {"polar_map_weight": 1.0}}, "a loss of polar maps goes with perfusion only"),
        ("mibg_organs", {"network": {"patch": 2}}, "a patch goes with perfusion only"),
        ("mibg_organs", {"network": {"joint": True}}, "a joint answer goes with perfusion only"),
        ("virtual_pet", {"network": {"joint": False}}, "a loss of polar maps goes with a joint answer only"),
        ("virtual_pet", {"network": {"patch": 5}}, "not of whole patches"),
        ("virtual_pet", {"network": {"dimensions": 2}}, "sees one slice at a time"),
    ],
)
def test_a_declaration_that_cannot_be_fitted_is_refused(
    which: str, update: dict[str, dict[str, object]], said: str
) -> None:
    declared = VOLUME_SPECS[which].model_dump()
    for part_of_spec, values in update.items():
        declared[part_of_spec].update(values)
    with pytest.raises(ValueError, match=said):
        VolumeSpec.model_validate(declared)


def test_a_fit_whose_answers_become_no_numbers_says_so(tmp_path: Path) -> None:
    broken = part(PERFUSION, patients=4, seed=0)
    broken.targets[:] = np.nan
    with pytest.raises(FitDiverged):
        fitted(tmp_path, training=broken)
