"""What the masks of early and late SPECT, and the planar images, say of the heart: each a quantity, known or not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import assert_never

import numpy as np

from preprocessing.corrections import corrections
from preprocessing.count_correction import CountCorrection
from preprocessing.heart_counts import HeartCounts, SpectWashout, heart_counts, spect_washout
from preprocessing.mask_alignment import aligned
from preprocessing.measurement import Measurement
from preprocessing.mibg_names import (
    WashoutName,
    heart_counts_name,
    organ_volume_name,
    planar_ratio_name,
    reference_ratio_name,
)
from preprocessing.organ_masks import OrganMasks
from preprocessing.planar_heart import known_collimator, planar_ratio, standardized_ratio
from preprocessing.prepared_volumes import MibgTimePoint
from preprocessing.unknown import Unknown
from preprocessing.volume import Volume
from specs.mibg import MibgTime
from specs.mibg_volumes import MibgVolumes

COUNTS_UNIT = "kg/MBq"
"""Of mean counts of a voxel for 1 MBq in a body of 1 kg at the time of the injection; counts have none."""


_ABSENT = {"heart": "no heart was found", "lungs": "no lungs were found", "liver": "no liver was found"}


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One quantity of a study, or why it is unknown; name, title and unit as of `Measurement`."""

    name: str
    title: str
    value: float | Unknown
    unit: str

    @property
    def measurement(self) -> Measurement | None:
        """It as a measurement; None where it is unknown."""
        if isinstance(self.value, Unknown):
            return None
        return Measurement(name=self.name, title=self.title, value=self.value, unit=self.unit)


@dataclass(frozen=True, kw_only=True)
class MaskedTime:
    """What was imaged at one time, and the masks on the grid of its volume."""

    time: MibgTime
    point: MibgTimePoint
    masks: OrganMasks

    @property
    def volume(self) -> Volume:
        """The SPECT volume."""
        return self.point.volume


def mibg_quantities(early: MaskedTime, late: MaskedTime, recipe: MibgVolumes) -> tuple[Quantity, ...]:
    """Measure a study by its masks.

    Args:
        early: Early images and masks.
        late: Late ones.
        recipe: Rules.

    Returns:
        Heart counts, ratios to the reference region, washout in its three forms, ratios of planar images as the
        collimator shows them and standardized, volumes of organs.
    """
    both = (early, late)
    return (
        *(_heart_counts(each, recipe) for each in both),
        *(_reference_ratio(each, recipe) for each in both),
        *_washout(washout_in_one_region(early, late, recipe)),
        *(quantity for each in both for quantity in _planar(each, recipe)),
        *(quantity for each in both for quantity in _volumes(each)),
    )


def unknown_lines(quantities: Iterable[Quantity]) -> tuple[str, ...]:
    """Say of each reason which quantities are unknown for it."""
    titles: dict[str, list[str]] = {}
    for each in quantities:
        if isinstance(each.value, Unknown):
            titles.setdefault(each.value.reason, []).append(each.title)
    return tuple(f"{', '.join(unknown)} unknown: {reason}" for reason, unknown in titles.items())


def washout_in_one_region(early: MaskedTime, late: MaskedTime, recipe: MibgVolumes) -> SpectWashout | Unknown:
    """Compare the counts of early and late in one region: the early masks, where they lie in the late volume.

    The late volume is laid over the early one by the masks of lungs and liver, so that a heart that has lost its uptake
    until then is measured where it was seen. Counts are corrected for decay; dose and weight cancel.

    Source:
        Saito S et al., EJNMMI Res 2021;11:105 aligned the masks of both; that the region is the early one: our choice.
    """
    if corrections(early.point.source) != corrections(late.point.source):
        return Unknown(reason="early and late volume are not corrected alike")
    movement = aligned(early.volume, early.masks, late.volume, late.masks, recipe.alignment)
    if isinstance(movement, Unknown):
        return movement
    moved = replace(early.volume, values=movement.late_on_early(late.volume, early.volume, late.volume.values))
    counts = []
    for volume, decay in ((early.volume, early.point.decay), (moved, late.point.decay)):
        if isinstance(decay, Unknown):
            return decay
        found = heart_counts(volume, early.masks, correction=decay, rules=recipe.reference)
        if isinstance(found, Unknown):
            return found
        counts.append(found)
    return spect_washout(counts[0], counts[1], recipe.count_rules)


def _heart_counts(each: MaskedTime, recipe: MibgVolumes) -> Quantity:
    correction = each.point.correction
    found: HeartCounts | Unknown = (
        correction
        if isinstance(correction, Unknown)
        else heart_counts(each.volume, each.masks, correction=correction, rules=recipe.reference)
    )
    return Quantity(
        name=heart_counts_name(each.time),
        title=f"{each.time} heart counts",
        value=found if isinstance(found, Unknown) else found.heart_counts,
        unit=COUNTS_UNIT,
    )


def _reference_ratio(each: MaskedTime, recipe: MibgVolumes) -> Quantity:
    as_stored = CountCorrection(factor=1.0, since_injection_s=0.0, frame_duration_s=None)  # cancels in a ratio
    found = heart_counts(each.volume, each.masks, correction=as_stored, rules=recipe.reference)
    return Quantity(
        name=reference_ratio_name(each.time),
        title=f"{each.time} SPECT heart-to-reference ratio",
        value=found if isinstance(found, Unknown) else found.spect_heart_to_reference_ratio,
        unit="1",
    )


def _washout(found: SpectWashout | Unknown) -> Iterator[Quantity]:
    titles = {
        WashoutName.OF_HEART: "washout",
        WashoutName.BACKGROUND_CORRECTED: "washout above the reference region",
        WashoutName.OF_RATIO: "washout of the ratio",
    }
    for name, title in titles.items():
        value = found if isinstance(found, Unknown) else _percent(found, name)
        yield Quantity(name=name.value, title=title, value=value, unit="%")


def _percent(found: SpectWashout, name: WashoutName) -> float | Unknown:
    match name:
        case WashoutName.OF_HEART:
            return found.of_heart_percent
        case WashoutName.BACKGROUND_CORRECTED:
            return found.background_corrected_percent
        case WashoutName.OF_RATIO:
            return found.of_ratio_percent
        case _:
            assert_never(name)


def _planar(each: MaskedTime, recipe: MibgVolumes) -> Iterator[Quantity]:
    """Yield the ratio of the planar image and, where there is one, what it is on the standard collimator."""
    image = each.point.planar
    found = image if isinstance(image, Unknown) else planar_ratio(image, recipe.planar)
    ratio = found if isinstance(found, Unknown) else found.ratio
    title = f"{each.time} planar heart-to-mediastinum ratio"
    yield Quantity(name=planar_ratio_name(each.time), title=title, value=ratio, unit="1")
    if isinstance(ratio, Unknown) or isinstance(image, Unknown):
        return
    collimator = known_collimator(image.collimator, recipe.collimators)
    yield Quantity(
        name=planar_ratio_name(each.time, standardized=True),
        title=f"{title}, standardized",
        value=collimator
        if isinstance(collimator, Unknown)
        else standardized_ratio(ratio, coefficient=collimator.coefficient),
        unit="1",
    )


def _volumes(each: MaskedTime) -> Iterator[Quantity]:
    voxel_ml = float(np.prod(each.volume.spacing_mm)) / 1000
    for organ, absent in _ABSENT.items():
        mask = getattr(each.masks, organ)
        value = float(mask.sum()) * voxel_ml if mask.any() else Unknown(reason=absent)
        yield Quantity(
            name=organ_volume_name(organ, each.time),
            title=f"{each.time} {organ} volume in view",
            value=value,
            unit="mL",
        )
