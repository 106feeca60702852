"""A myocardial perfusion SPECT study as the input tensor of a model of both its states."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from preprocessing.eligibility import NotEligible
from preprocessing.grid import Grid, read_grid
from preprocessing.identity import Identity
from preprocessing.image_header import without_pixels
from preprocessing.left_ventricle import VentricleUnknown, find_left_ventricle
from preprocessing.perfusion_pair import paired_series
from preprocessing.perfusion_series import PerfusionSeries, SeriesForm
from preprocessing.prepared_volumes import PreparedPerfusion
from preprocessing.reconstruction import reconstruct_series
from preprocessing.sampling import as_grid
from preprocessing.short_axis import ShortAxis, given_by_slices, short_axis
from preprocessing.wall_level import wall_level
from specs.perfusion_pairing import NO_ROLES, Role, Roles
from specs.perfusion_slices import PerfusionSlices

_FULL_SCALE: Final = np.iinfo(np.uint16).max


def prepare_perfusion(
    study: Sequence[FileDataset], recipe: PerfusionSlices, roles: Roles = NO_ROLES
) -> PreparedPerfusion | NotEligible:
    """Turn the series of stress and rest of a study into short-axis slices, or say why it cannot be done.

    Neither the order of files and slices nor the sign of a spacing plays a part.

    Args:
        study: The images of one study.
        recipe: What is accepted and what is made of it.
        roles: Which series, by its Series Instance UID, is at stress or at rest, as a person says.

    Raises:
        InputError: a series of the accepted kind is broken.
    """
    pair = paired_series(study, recipe, roles)
    if isinstance(pair, NotEligible):
        return pair
    states = []
    for role, found in ((Role.STRESS, pair.stress), (Role.REST, pair.rest)):
        slices = _slices(found, recipe)
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
        remarks=pair.remarks,
    )


def shares_on_wire(tensor: NDArray[np.uint16], recipe: PerfusionSlices) -> NDArray[np.float32]:
    """Return what values of the tensor stand for: shares of the level of the wall, the same shape."""
    return tensor.astype(np.float32) * np.float32(recipe.largest_share / _FULL_SCALE)


def _slices(found: PerfusionSeries, recipe: PerfusionSlices) -> ShortAxis | NotEligible:
    """Lay a series out in short-axis slices, in shares of the level of its wall."""
    grid = _grid(found, recipe)
    if isinstance(grid, NotEligible):
        return grid
    identity = found.series.identity
    given = given_by_slices(grid.directions, recipe.ventricle, recipe.series)
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
    if found.kind.form is SeriesForm.PROJECTIONS:
        volume = reconstruct_series(found.series, recipe.reconstruction)
        return volume if isinstance(volume, NotEligible) else as_grid(volume)
    return read_grid(found.series, recipe.series)


def _on_wire(slices: ShortAxis, recipe: PerfusionSlices) -> NDArray[np.uint16]:
    scaled = np.rint(slices.values * np.float32(_FULL_SCALE / recipe.largest_share))
    return np.asarray(np.clip(scaled, 0, _FULL_SCALE), np.uint16)
