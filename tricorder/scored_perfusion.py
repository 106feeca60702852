"""A phantom of perfusion that was scored: what SPECT, virtual PET and PET show of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from client.perfusion_results import PerfusionImage, segment_name, sum_name
from client.result import ResultRow
from client.volume_results import VolumeResult
from evaluation.perfusion_figures import ShownDefect
from evaluation.perfusion_scores import SUMS, percent_of_highest
from evaluation.polar_map import PolarMap, long_axis_shares, place_weights, polar_map, segment_values
from phantoms import MyocardialTruth, PerfusionDefect, PerfusionPhantom, PerfusionState, defect_shares
from preprocessing import NotEligible, PreparedPerfusion
from preprocessing.grid import read_grid
from preprocessing.series import Series
from preprocessing.short_axis import ShortAxis
from specs.myocardial_segments import AHA_SEGMENTS, PolarMapRules
from specs.perfusion_pairing import Role
from specs.series import SPECT_SERIES
from training.perfusion_data import laid_out
from training.volume_example import as_read

_OWN_SERIES = SPECT_SERIES.model_copy(update={"refused_image_types": ()})
"""Rules that read what a model made, too: those of a recipe refuse it."""


@dataclass(frozen=True, kw_only=True)
class ScoredPerfusion:
    """One phantom patient who was scored; values are % of the highest segment, axes (state, segment), stress first.

    Attributes:
        name: Number of the phantom.
        truth: What is true of the patient.
        spect: What SPECT shows.
        virtual_pet: What virtual PET shows.
        pet: What PET without noise shows on the same slices, so that its noise is not taken for the model's error.
        spect_sums: SSS, SRS and SDS of SPECT.
        virtual_pet_sums: The same of virtual PET.
        defects: How deep each defect is shown, at each state at which it is there.
    """

    name: str
    truth: MyocardialTruth
    spect: NDArray[np.float64]
    virtual_pet: NDArray[np.float64]
    pet: NDArray[np.float64]
    spect_sums: NDArray[np.int64]
    virtual_pet_sums: NDArray[np.int64]
    defects: tuple[ShownDefect, ...]


def scored_perfusion(
    phantom: PerfusionPhantom,
    row: ResultRow,
    *,
    prepared: PreparedPerfusion,
    volume: VolumeResult,
    rules: PolarMapRules,
) -> ScoredPerfusion:
    """Join what the client says of a phantom with what is true of it.

    Args:
        phantom: The patient.
        row: The client's own figures of SPECT and virtual PET.
        prepared: The slices that they were measured on.
        volume: What was delivered: virtual PET is read back from the DICOM objects.
        rules: Of the polar map.
    """
    values = {measured.name: measured.value for measured in row.measurements}
    spect = (prepared.stress, prepared.rest)
    virtual = tuple(slices.with_values(_read_back(each.ds)) for slices, each in zip(spect, volume.objects, strict=True))
    pet = tuple(
        slices.with_values(laid_out(phantom.pet(state, noisy=False), slices))
        for slices, state in zip(spect, PerfusionState, strict=True)
    )
    maps = [[polar_map(slices, rules) for slices in image] for image in (spect, virtual, pet)]
    pet_values = np.array([segment_values(unrolled, rules) for unrolled in maps[2]])
    return ScoredPerfusion(
        name=row.source,
        truth=phantom.truth,
        spect=_percents(values, PerfusionImage.SPECT),
        virtual_pet=_percents(values, PerfusionImage.VIRTUAL_PET),
        pet=percent_of_highest(pet_values),
        spect_sums=_sums(values, PerfusionImage.SPECT),
        virtual_pet_sums=_sums(values, PerfusionImage.VIRTUAL_PET),
        defects=tuple(_defects(row.source, phantom.truth, spect, maps, rules)),
    )


def _percents(values: Mapping[str, float], image: PerfusionImage) -> NDArray[np.float64]:
    return np.array([[values[segment_name(image, state, each.number)] for each in AHA_SEGMENTS] for state in Role])


def _sums(values: Mapping[str, float], image: PerfusionImage) -> NDArray[np.int64]:
    return np.array([round(values[sum_name(image, short)]) for short in SUMS], np.int64)


def _read_back(ds: Dataset) -> NDArray[np.float32]:
    """Read a delivered image as any program would: its slices are in the order of the prepared ones."""
    found = read_grid(Series.of(as_read([ds])), _OWN_SERIES)
    if isinstance(found, NotEligible):
        raise TypeError(f"A delivered image cannot be read back: {found.reason}")
    return found.values


def _defects(
    name: str,
    truth: MyocardialTruth,
    slices: Sequence[ShortAxis],
    maps: Sequence[Sequence[PolarMap]],
    rules: PolarMapRules,
) -> Iterator[ShownDefect]:
    """Yield each defect at each state at which it is there; maps are axes (image, state): SPECT, virtual PET, PET."""
    for place, state in enumerate(PerfusionState):
        for defect in truth.defects:
            if defect.depth(state) > 0:
                weights = _weights(defect, slices[place], rules)
                depths = [_depth_percent(image[place], weights, rules) for image in maps]
                spect, virtual_pet, pet = depths
                yield ShownDefect(
                    patient=name, territory=defect.artery.value, spect=spect, virtual_pet=virtual_pet, pet=pet
                )


def _weights(defect: PerfusionDefect, slices: ShortAxis, rules: PolarMapRules) -> NDArray[np.float64]:
    """Return how much of a defect lies at each place of a polar map, where the ventricle was found."""
    rings = np.repeat(long_axis_shares(slices, rules)[:, np.newaxis], rules.angles, axis=1)
    angles = np.broadcast_to((np.arange(rules.angles) + 0.5) * 2 * np.pi / rules.angles, rings.shape)
    shares = defect_shares(defect, rings.astype(np.float32), angles.astype(np.float32))
    return np.asarray(shares * place_weights(rules), np.float64)


def _depth_percent(unrolled: PolarMap, weights: NDArray[np.float64], rules: PolarMapRules) -> float:
    highest = float(segment_values(unrolled, rules).max())
    return 100 * (1 - float(np.average(unrolled, weights=weights)) / highest)
