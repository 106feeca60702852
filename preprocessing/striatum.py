"""Uptake of the striata on dopamine-transporter SPECT: specific binding ratio, asymmetry, caudate and putamen."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from preprocessing.brain import Brain, find_brain, voxel_ml, without_rim
from preprocessing.volume import BACKWARD, HEADWARD, LEFTWARD, Volume
from specs.striatum import StriatumRules

_Profile = NDArray[np.float64]


class UptakeUnknown(ValueError):
    """The volume does not let uptake be measured; the message says why, in the words of a reason."""


@dataclass(frozen=True, kw_only=True)
class StriatumUptake:
    """What one striatum takes up; ratios of unit 1.

    Attributes:
        specific_binding_ratio: Specific over nonspecific concentration, were it spread over the declared volume.
        caudate: Of the brightest part of the caudate nucleus, over the reference region, less 1; blurred.
        putamen: The same of the putamen.
        profile: The same of each part of the profile, from front to back.
    """

    specific_binding_ratio: float
    caudate: float
    putamen: float
    profile: tuple[float, ...]

    @property
    def putamen_to_caudate(self) -> float:
        """Putamen over caudate, each with the nonspecific part: low where the shape is a dot, and always above 0."""
        return (1 + self.putamen) / (1 + self.caudate)


@dataclass(frozen=True, kw_only=True)
class StriatalUptake:
    """What both striata of a patient take up, and where they are.

    Attributes:
        left: The patient's left striatum.
        right: The patient's right striatum.
        reference: Mean of the reference region, in the unit of the volume.
        center_mm: The middle between the striata, mm from the outer corner of voxel (0, 0, 0), in the order of the
            axes.
    """

    left: StriatumUptake
    right: StriatumUptake
    reference: float
    center_mm: tuple[float, float, float]

    @property
    def specific_binding_ratio(self) -> float:
        """Mean of both sides."""
        return (self.left.specific_binding_ratio + self.right.specific_binding_ratio) / 2

    @property
    def signed_asymmetry_percent(self) -> float | None:
        """Right less left over their mean, %, -200 to 200, above 0 where the right striatum binds more.

        None where nothing binds on one side or both, for then the mean of the two says nothing.
        """
        if min(self.left.specific_binding_ratio, self.right.specific_binding_ratio) <= 0:
            return None
        mean = self.specific_binding_ratio
        return 100 * (self.right.specific_binding_ratio - self.left.specific_binding_ratio) / mean

    @property
    def asymmetry_percent(self) -> float | None:
        """The asymmetry index 200 |R - L| / (R + L), %."""
        signed = self.signed_asymmetry_percent
        return None if signed is None else abs(signed)


def striatal_uptake(volume: Volume, rules: StriatumRules) -> StriatalUptake:
    """Measure a reconstructed volume of the head.

    The striata are where the most counts above the brain's typical ones lie about the middle of it. Every length is in
    mm, and a voxel that a border cuts counts in part, so that neither the size of voxels nor where they lie decides.

    Args:
        volume: In patient axes, counts.
        rules: Regions and sizes.

    Raises:
        UptakeUnknown: there is no brain, it is not all in the volume, or it has too few counts.

    Source:
        Named at the rules.
    """
    brain = find_brain(volume, rules)
    if brain is None:
        raise UptakeUnknown("the volume is empty")
    least, largest = rules.brain_ml
    if not least <= brain.volume_ml(volume) <= largest:
        raise UptakeUnknown(f"what it shows has {brain.volume_ml(volume):.0f} mL, which no brain has")
    place = _StriatalPlace.find(volume, brain, rules)
    reference = _reference(volume, brain, place, rules)
    if reference < rules.fewest_counts:
        raise UptakeUnknown(f"the brain has fewer than {rules.fewest_counts:g} counts a voxel")
    left, right = (_side(volume, place, rules, reference=reference, is_left=is_left) for is_left in (True, False))
    if min(1 + nucleus for side in (left, right) for nucleus in (side.caudate, side.putamen)) < rules.lowest_nucleus:
        raise UptakeUnknown("what is brightest in the brain are not its striata")
    return StriatalUptake(
        left=left,
        right=right,
        reference=reference,
        center_mm=(_middle(place.slab_mm), _middle(place.rows_mm), place.middle_mm),
    )


def _middle(window_mm: tuple[float, float]) -> float:
    return sum(window_mm) / 2


@dataclass(frozen=True, kw_only=True)
class _StriatalPlace:
    """Where the striata are, mm from the outer corner of voxel (0, 0, 0)."""

    middle_mm: float
    slab_mm: tuple[float, float]
    rows_mm: tuple[float, float]
    front_mm: float

    @classmethod
    def find(cls, volume: Volume, brain: Brain, rules: StriatumRules) -> "_StriatalPlace":
        """Find the slab, then front and back.

        Raises:
            UptakeUnknown: nothing is brighter than the rest, or the regions reach beyond the volume.
        """
        excess = np.maximum(volume.values.astype(np.float64) - brain.level, 0) * brain.mask
        about = _about(brain.middle_mm, rules.reach_mm)
        excess = excess * shares(volume, LEFTWARD, about)
        excess = excess * shares(volume, BACKWARD, _about(brain.center_mm[BACKWARD], rules.length_mm))[:, None]
        slab = _brightest_window(excess.sum(axis=(1, 2)), volume.spacing_mm[HEADWARD], rules.slab_mm)
        profile = (excess * shares(volume, HEADWARD, slab)[:, None, None]).sum(axis=(0, 2))
        row_mm = volume.spacing_mm[BACKWARD]
        centers_mm = (np.arange(profile.size) + 0.5) * row_mm
        if profile.sum() <= 0:
            raise UptakeUnknown("no striatum is brighter than the rest of the brain")
        rows = _about(float(np.average(centers_mm, weights=profile)), rules.length_mm / 2)
        place = cls(middle_mm=brain.middle_mm, slab_mm=slab, rows_mm=rows, front_mm=_front_mm(profile, row_mm))
        place._require_room(volume, about)
        return place

    def _require_room(self, volume: Volume, columns_mm: tuple[float, float]) -> None:
        for axis, (start, end) in enumerate((self.slab_mm, self.rows_mm, columns_mm)):
            if start < 0 or end > volume.values.shape[axis] * volume.spacing_mm[axis]:
                raise UptakeUnknown("the striata are too near to the border of the volume")

    def columns_mm(self, rules: StriatumRules, *, is_left: bool) -> tuple[float, float]:
        """Return from where to where one side reaches; columns go from the patient's right to left."""
        if is_left:
            return self.middle_mm, self.middle_mm + rules.reach_mm
        return self.middle_mm - rules.reach_mm, self.middle_mm


def _about(center_mm: float, reach_mm: float) -> tuple[float, float]:
    return center_mm - reach_mm, center_mm + reach_mm


def shares(volume: Volume, axis: int, window_mm: tuple[float, float]) -> _Profile:
    """Return how much of each plane of an axis lies in a window, shape (planes,), 0 to 1."""
    edges = np.arange(volume.values.shape[axis] + 1) * volume.spacing_mm[axis]
    inside = np.clip(edges, *window_mm)
    return np.asarray(np.diff(inside) / volume.spacing_mm[axis])


def _brightest_window(profile: _Profile, spacing_mm: float, length_mm: float) -> tuple[float, float]:
    """Return the window of a length that is centered on what the brightest one holds."""
    width = max(1, round(length_mm / spacing_mm))
    if width >= profile.size:
        raise UptakeUnknown("the striata are too near to the border of the volume")
    sums = np.convolve(profile, np.ones(width), mode="valid")
    first = int(np.argmax(sums))
    within = profile[first : first + width]
    if within.sum() <= 0:
        raise UptakeUnknown("no striatum is brighter than the rest of the brain")
    center_mm = float(np.average(np.arange(first, first + width) + 0.5, weights=within)) * spacing_mm
    return _about(center_mm, length_mm / 2)


def _front_mm(profile: _Profile, row_mm: float) -> float:
    """Return where a profile from front to back first reaches half of its maximum, between two rows."""
    half = float(profile.max()) / 2
    row = int(np.argmax(profile >= half))
    before = float(profile[row - 1]) if row else 0.0
    return (row + 0.5 - (float(profile[row]) - half) / (float(profile[row]) - before)) * row_mm


def _reference(volume: Volume, brain: Brain, place: _StriatalPlace, rules: StriatumRules) -> float:
    """Return the mean of the brain without its rim and without both volumes of interest.

    Raises:
        UptakeUnknown: nothing of it is left.
    """
    region = without_rim(brain, volume, rim_mm=rules.rim_mm).astype(np.float64)
    for is_left in (True, False):
        region *= 1 - _box(volume, place, place.columns_mm(rules, is_left=is_left))
    total = float(region.sum())
    if total <= 0:
        raise UptakeUnknown("nothing of the brain is left to compare with")
    return float((volume.values * region).sum() / total)


def _box(volume: Volume, place: _StriatalPlace, columns_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Return how much of each voxel lies in the large volume of interest of one side, 0 to 1."""
    slices, rows = shares(volume, HEADWARD, place.slab_mm), shares(volume, BACKWARD, place.rows_mm)
    return slices[:, None, None] * rows[:, None] * shares(volume, LEFTWARD, columns_mm)


def _side(
    volume: Volume, place: _StriatalPlace, rules: StriatumRules, *, reference: float, is_left: bool
) -> StriatumUptake:
    columns_mm = place.columns_mm(rules, is_left=is_left)
    box = _box(volume, place, columns_mm)
    counts_ml = float((volume.values * box).sum()) * voxel_ml(volume)
    region_ml = float(box.sum()) * voxel_ml(volume)
    profile_mm = _behind(_middle(place.rows_mm), rules.profile_mm)

    def uptake(rows_mm: tuple[float, float]) -> float:
        return _brightest(volume, place, rows_mm, columns_mm, rules) / reference - 1

    return StriatumUptake(
        specific_binding_ratio=(counts_ml - reference * region_ml) / (reference * rules.striatum_ml),
        caudate=uptake(_behind(place.front_mm, rules.caudate_mm)),
        putamen=uptake(_behind(place.front_mm, rules.putamen_mm)),
        profile=tuple(map(uptake, pairwise(np.linspace(*profile_mm, rules.profile_parts + 1).tolist()))),
    )


def _behind(place_mm: float, window_mm: tuple[float, float]) -> tuple[float, float]:
    return place_mm + window_mm[0], place_mm + window_mm[1]


def _brightest(
    volume: Volume,
    place: _StriatalPlace,
    rows_mm: tuple[float, float],
    columns_mm: tuple[float, float],
    rules: StriatumRules,
) -> float:
    """Return the mean of the brightest part of one side between two rows."""
    held = shares(volume, HEADWARD, place.slab_mm)[:, None, None]
    held = held * shares(volume, BACKWARD, rows_mm)[:, None] * shares(volume, LEFTWARD, columns_mm)
    inside = held > 0
    if not inside.any():
        raise UptakeUnknown("the striata are too near to the border of the volume")
    values, sizes_ml = volume.values[inside].astype(np.float64), held[inside] * voxel_ml(volume)
    order = np.argsort(-values, kind="stable")
    taken_ml = np.clip(rules.nucleus_ml - (np.cumsum(sizes_ml[order]) - sizes_ml[order]), 0, sizes_ml[order])
    return float((values[order] * taken_ml).sum() / taken_ml.sum())
