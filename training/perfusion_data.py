"""Phantoms of myocardial perfusion as training data: SPECT as a client prepares it, and the PET that it misses."""

import numpy as np
from numpy.typing import NDArray

from phantoms import PerfusionPhantom, PerfusionState, PlacedVolume
from preprocessing.eligibility import NotEligible
from preprocessing.perfusion_study import prepare_perfusion
from preprocessing.sampling import CUBIC, as_grid, places_mm, sampled
from preprocessing.short_axis import ShortAxis
from preprocessing.volume import Volume
from specs.perfusion_slices import PerfusionSlices
from training.perfusion_segments import ventricle_facts
from training.volume_example import VolumeExample, as_read

DISEASED = "diseased"
"""Fact: 1 where perfusion is reduced anywhere, else 0."""


def perfusion_example(phantom: PerfusionPhantom, recipe: PerfusionSlices) -> VolumeExample:
    """Prepare a phantom as a user's study, beside its PET on the very same slices.

    That PET lies where the ventricle was found in SPECT: an error of the search moves both alike, and the network is
    not asked to mend it. It is without noise: the highest of 17 noisy segments is too high, and the others are measured
    by it (0.1 % on 60 phantoms).

    Args:
        phantom: One patient.
        recipe: How studies are prepared.

    Raises:
        ValueError: the phantom is not eligible.
    """
    prepared = prepare_perfusion(as_read(phantom.datasets()), recipe)
    if isinstance(prepared, NotEligible):
        raise ValueError(f"Phantom {phantom.index} of seed {phantom.seed} is not eligible: {prepared.reason}")
    states = ((PerfusionState.STRESS, prepared.stress), (PerfusionState.REST, prepared.rest))
    facts = {DISEASED: float(phantom.truth.diseased)}
    for state, slices in states:
        facts |= ventricle_facts(state, slices.ventricle)
    return VolumeExample(
        tensor=prepared.tensor,
        target=np.stack([laid_out(phantom.pet(state, noisy=False), slices) for state, slices in states]),
        facts=facts,
    )


def laid_out(volume: PlacedVolume, slices: ShortAxis) -> NDArray[np.float32]:
    """Resample a volume to the places of short-axis slices, by cubic splines.

    Returns:
        At least 0, the shape of the slices; 0 where the volume does not reach.
    """
    placed = Volume(values=volume.values, spacing_mm=volume.spacing_mm, position_mm=volume.position_mm, unit="1")
    indices = np.moveaxis(np.indices(slices.values.shape).astype(np.float64), 0, -1)
    values = sampled(as_grid(placed), places_mm(slices.grid, indices), CUBIC)
    return np.asarray(np.maximum(values, 0), np.float32)
