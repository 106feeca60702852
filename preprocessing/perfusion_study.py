"""A myocardial perfusion SPECT study as the input tensor of a model of both its states."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from preprocessing.eligibility import NotEligible
from preprocessing.grid import Grid, read_grid
from preprocessing.identity import Identity
from preprocessing.image_header import without_pixels
from preprocessing.left_ventricle import GivenVentricle, VentricleUnknown, find_left_ventricle
from preprocessing.perfusion_pair import PairedSeries, paired_series
from preprocessing.perfusion_series import PerfusionSeries, SeriesForm
from preprocessing.prepared_volumes import PreparedPerfusion
from preprocessing.reconstruction import reconstruct_series
from preprocessing.sampling import as_grid
from preprocessing.short_axis import ShortAxis, given_by_slices, short_axis
from preprocessing.wall_level import wall_level
from specs.perfusion_pairing import Role
from specs.perfusion_slices import PerfusionSlices
from specs.told import NOTHING_TOLD, Direction, LongAxes, Told

_RECONSTRUCTED_HERE: Final = "the slices were reconstructed here, from raw projections"
_FULL_SCALE: Final = np.iinfo(np.uint16).max


def prepare_perfusion(
    study: Sequence[FileDataset], recipe: PerfusionSlices, told: Told = NOTHING_TOLD
) -> PreparedPerfusion | NotEligible:
    """Turn the series of stress and rest of a study into short-axis slices, or say why it cannot be done.

    Neither the order of files and slices nor the sign of a spacing plays a part.

    Args:
        study: The images of one study.
        recipe: What is accepted and what is made of it.
        told: What a person says of series: their states, and where the left ventricle points.

    Raises:
        InputError: a series of the accepted kind is broken.
    """
    pair = paired_series(study, recipe, told.roles)
    if isinstance(pair, NotEligible):
        return pair
    axes = _told_axes(pair, study, told.long_axes)
    if isinstance(axes, NotEligible):
        return axes
    states = []
    for role, found in pair.states.items():
        slices = _slices(found, recipe, axis=axes[role])
        if isinstance(slices, NotEligible):
            reasons = tuple(f"at {role} {reason}" for reason in slices.reasons)
            return NotEligible(identity=slices.identity, reasons=reasons)
        states.append(slices)
    tensor = np.stack([_on_wire(slices, recipe) for slices in states])
    stress, rest = (
        slices.with_values(shares) for slices, shares in zip(states, shares_on_wire(tensor, recipe), strict=True)
    )
    return PreparedPerfusion(
        identity=Identity.of_all([*pair.stress.series.datasets, *pair.rest.series.datasets]),
        tensor=tensor,
        stress=stress,
        rest=rest,
        stress_sources=tuple(map(without_pixels, pair.stress.series.datasets)),
        rest_sources=tuple(map(without_pixels, pair.rest.series.datasets)),
        remarks=(
            *pair.remarks,
            *(f"at {role} a person gave the long axis" for role, axis in axes.items() if axis),
            *([_RECONSTRUCTED_HERE] if _is_raw(pair.stress) else []),
        ),
    )


def shares_on_wire(tensor: NDArray[np.uint16], recipe: PerfusionSlices) -> NDArray[np.float32]:
    """Return what values of the tensor stand for: shares of the level of the wall, the same shape."""
    return tensor.astype(np.float32) * np.float32(recipe.largest_share / _FULL_SCALE)


def _told_axes(
    pair: PairedSeries, study: Sequence[FileDataset], told: LongAxes
) -> Mapping[Role, Direction | None] | NotEligible:
    """Return the long axis of each state that a person gave; that of another series of the study is not dropped."""
    uids = {role: _uid(found.series.datasets[0]) for role, found in pair.states.items()}
    if any(_uid(ds) in told and _uid(ds) not in uids.values() for ds in study):
        reason = "a person gave the long axis of a series of it that is not taken"
        return NotEligible(identity=Identity.of_all(study), reasons=(reason,))
    return {role: told.get(uid) for role, uid in uids.items()}


def _uid(ds: FileDataset) -> str:
    return Identity.of(ds).series_instance_uid or ""


def _is_raw(found: PerfusionSeries) -> bool:
    return found.kind.form is SeriesForm.PROJECTIONS


def _slices(found: PerfusionSeries, recipe: PerfusionSlices, *, axis: Direction | None) -> ShortAxis | NotEligible:
    """Lay a series out in short-axis slices, in shares of the level of its wall, about the axis that a person gave."""
    grid = _grid(found, recipe)
    if isinstance(grid, NotEligible):
        return grid
    identity = found.series.identity
    if axis is not None and np.dot(axis, recipe.ventricle.typical_apex) < 0:
        reason = "the long axis that a person gave points to where a base is: it is to point from base to apex"
        return NotEligible(identity=identity, reasons=(reason,))
    of_slices = given_by_slices(grid.directions, recipe.ventricle, recipe.series)
    given = of_slices if axis is None else GivenVentricle(axis=axis)
    try:
        ventricle = find_left_ventricle(grid, recipe.ventricle, given)
    except VentricleUnknown as unknown:
        return NotEligible(identity=identity, reasons=(f"the left ventricle was not found: {unknown}",))
    slices = short_axis(grid, ventricle, recipe.grid)
    level = wall_level(slices, wall_mm=recipe.ventricle.wall_mm, quantile=recipe.level_quantile)
    if not level > 0:
        return NotEligible(identity=identity, reasons=("the wall of the left ventricle is dark",))
    return slices.with_values(slices.values / np.float32(level))


def _grid(found: PerfusionSeries, recipe: PerfusionSlices) -> Grid | NotEligible:
    if _is_raw(found):
        volume = reconstruct_series(found.series, recipe.reconstruction)
        return volume if isinstance(volume, NotEligible) else as_grid(volume)
    return read_grid(found.series, recipe.series)


def _on_wire(slices: ShortAxis, recipe: PerfusionSlices) -> NDArray[np.uint16]:
    scaled = np.rint(slices.values * np.float32(_FULL_SCALE / recipe.largest_share))
    return np.asarray(np.clip(scaled, 0, _FULL_SCALE), np.uint16)
