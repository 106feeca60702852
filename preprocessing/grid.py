"""Slices stacked by where they lie: from the frames of a series to one even grid of voxels, in any orientation.

The order of files, of instance numbers, of frames and the sign of a spacing play no part: slices are ordered by their
position along the normal. Slice Thickness, Slice Location and Instance Number are never read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.attributes import texts, whole_number
from preprocessing.eligibility import NotEligible
from preprocessing.errors import InvalidAttribute
from preprocessing.frames import stored_frames
from preprocessing.placed_frames import PlacedFrame, tilt_degrees
from preprocessing.series import Series
from preprocessing.series_eligibility import placed_frames, series_reasons
from specs.policy import Policy
from specs.series import SeriesRules

Voxels = NDArray[np.float32]
"""Rescaled values, axes (slice, row, column)."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A series as an even grid, axes (slice, row, column) as its images have rows and columns.

    `directions` has a row an axis: the unit vector, in patient axes (LPS), in which that index grows; slices are
    ordered along the normal, the cross product of the directions of column and row. `spacing_mm` has the order of the
    axes. `position_mm` is the center of voxel (0, 0, 0), LPS. `unit` is in the words of Units (0054,1001).
    """

    values: Voxels
    directions: NDArray[np.float64]
    spacing_mm: tuple[float, float, float]
    position_mm: tuple[float, float, float]
    unit: str


def read_grid(series: Series, rules: SeriesRules) -> Grid | NotEligible:
    """Decode a series into a grid, or say why it is not eligible.

    Raises:
        InputError: an image is of the accepted kind but broken.

    Source:
        PS3.3 C.7.6.2.1.1 (position and orientation), C.8.9.4 (rescale a PET slice), C.8.4.15 (NM stacking).
    """
    frames = ordered_frames(series, rules)
    return frames if isinstance(frames, NotEligible) else _stacked(frames)


def ordered_frames(series: Series, rules: SeriesRules) -> tuple[PlacedFrame, ...] | NotEligible:
    """Order the frames of a series by position without decoding any, or say why they are no even stack.

    Raises:
        InputError: as `read_grid`, but for damaged pixels.
    """
    frames: tuple[PlacedFrame, ...] = ()
    reasons = series_reasons(series, rules)
    if not reasons:
        frames = placed_frames(series, rules)
        reasons = tuple(_mixture_reasons(frames, rules))
    if not reasons:
        normal = frames[0].plane.normal
        frames = tuple(sorted(frames, key=lambda frame: frame.plane.distance_mm(normal)))
        reasons = tuple(_stacking_reasons(frames, rules))
    return NotEligible(identity=series.identity, reasons=reasons) if reasons else frames


def _mixture_reasons(frames: Sequence[PlacedFrame], rules: SeriesRules) -> Iterator[str]:
    """Say what makes the frames of a series different pictures instead of one stack."""
    units = {frame.meaning.unit for frame in frames}
    if len(units) > 1:
        yield "its images have different units"
    elif not units <= set(rules.units):
        yield f"its unit is not stated, or not one of {', '.join(rules.units)}"
    if len({(frame.ds.Rows, frame.ds.Columns) for frame in frames}) > 1:
        yield "its images have different matrices"
    if len({"".join(texts(frame.ds, "FrameOfReferenceUID")) for frame in frames}) > 1:
        yield "its images have different frames of reference: their positions cannot be compared"
    spacings = np.array([frame.plane.pixel_spacing_mm for frame in frames])
    if np.ptp(spacings, axis=0).max() > rules.pixel_spacing_tolerance_mm:
        yield "its images have different pixel spacings"
    yield from _direction_reasons(frames, rules)


def _direction_reasons(frames: Sequence[PlacedFrame], rules: SeriesRules) -> Iterator[str]:
    pairs = np.array([(frame.plane.along_row, frame.plane.along_column) for frame in frames])
    products = np.einsum("fik,fjk->fij", pairs, pairs)
    if not np.abs(products - np.eye(2)).max() <= 2 * rules.direction_tolerance:  # nor where a product overflows
        yield "its orientation is not two directions of unit length at a right angle"
    elif np.ptp(pairs, axis=0).max() > rules.direction_tolerance:
        yield "its images have different orientations"
    elif rules.oblique is Policy.REFUSE and tilt_degrees(frames[0].plane.directions) > rules.largest_tilt_degrees:
        yield tilt_reason(rules)


def tilt_reason(rules: SeriesRules) -> str:
    """Say why a series has no patient axes."""
    return f"its axes are more than {rules.largest_tilt_degrees:g} degrees from those of the patient"


def _stacking_reasons(frames: Sequence[PlacedFrame], rules: SeriesRules) -> Iterator[str]:
    """Say why frames in the order of their positions are no even stack."""
    if len(frames) < rules.fewest_slices:
        slices = "1 slice" if len(frames) == 1 else f"{len(frames)} slices"
        yield f"it has {slices}, fewer than {rules.fewest_slices}"
        return
    stated = max(whole_number(frame.ds, "NumberOfSlices") or 0 for frame in frames)
    if len(frames) < stated and rules.fewer_slices_than_stated is Policy.REFUSE:
        yield f"it has {len(frames)} of the {stated} slices that it says it has"
    rows, columns = frames[0].ds.Rows, frames[0].ds.Columns
    if len(frames) * rows * columns > rules.largest_voxels:
        yield f"it has {len(frames)} x {rows} x {columns} voxels, more than {rules.largest_voxels}"
    normal = frames[0].plane.normal
    positions = np.array([frame.plane.position_mm for frame in frames])
    distances = positions @ normal
    gaps = np.diff(distances)
    if not gaps.min() > rules.slice_position_tolerance * gaps.max():
        yield "several of its slices lie at one position: time points, gates or reconstructions are mixed in it"
        return
    tolerance_mm = rules.slice_position_tolerance * float(np.median(gaps))
    if not np.abs(distances - np.linspace(distances[0], distances[-1], len(frames))).max() <= tolerance_mm:
        yield "its slices are not evenly spaced: one is missing or out of place"
    aside = positions - positions[0] - np.outer(distances - distances[0], normal)
    if not np.linalg.norm(aside, axis=1).max() <= tolerance_mm:
        yield "its slices do not lie straight behind one another"


def _stacked(frames: Sequence[PlacedFrame]) -> Grid:
    """Decode ordered frames into their places, each image once."""
    first, last = frames[0].plane, frames[-1].plane
    span_mm = last.distance_mm(first.normal) - first.distance_mm(first.normal)
    rows_mm, columns_mm = first.pixel_spacing_mm
    return Grid(
        values=_decoded(frames),
        directions=first.directions,
        spacing_mm=(span_mm / (len(frames) - 1), rows_mm, columns_mm),
        position_mm=first.position_mm,
        unit=frames[0].meaning.unit,
    )


def _decoded(frames: Sequence[PlacedFrame]) -> Voxels:
    places: dict[int, list[int]] = {}
    for place, frame in enumerate(frames):
        places.setdefault(id(frame.ds), []).append(place)
    values = np.empty((len(frames), frames[0].ds.Rows, frames[0].ds.Columns), dtype=np.float32)
    for of_image in places.values():
        stored = stored_frames(frames[of_image[0]].ds)
        for place in of_image:
            meaning = frames[place].meaning
            with np.errstate(over="ignore"):
                values[place] = stored[frames[place].index] * meaning.slope + meaning.intercept
            if not np.isfinite(values[place]).all():
                raise InvalidAttribute(keyword="RescaleSlope")
    return values
