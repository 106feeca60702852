"""Raw projections of a rotating gamma camera (NM TOMO), each with the angle that it was taken from: PS3.3 C.8.4.12."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from preprocessing.attributes import items, numbers, required_numbers
from preprocessing.eligibility import NotEligible
from preprocessing.errors import InvalidAttribute
from preprocessing.frames import stored_frames
from preprocessing.projection_eligibility import projection_reasons
from preprocessing.projection_views import Viewpoint, viewpoints
from preprocessing.series import Series
from specs.reconstruction import ProjectionRules

Views = NDArray[np.float64]
"""Counts, axes (view, row, column): rows feet to head, columns by `Projections`."""


@dataclass(frozen=True, kw_only=True)
class Projections:
    """Views of a patient, in the order of the angles that they were taken from.

    Attributes:
        counts: At least 0, axes (view, row, column). Rows go feet to head. At angle a, columns go -cos a to the left
            and sin a to the back: in a view from the front, right to left of the patient. The axis of rotation is in
            the middle of the columns.
        angles_degrees: Shape (view,), 0 to 360: 0 at the patient's back, 90 at the left (PS3.3 C.8.4.11).
        pixel_mm: Between rows, and between columns.
        lowest_mm: Height of the center of row 0, LPS.
    """

    counts: Views
    angles_degrees: NDArray[np.float64]
    pixel_mm: tuple[float, float]
    lowest_mm: float


def read_projections(series: Series, rules: ProjectionRules) -> Projections | NotEligible:
    """Decode raw projections, or say why they are not eligible.

    Several gates of a view are summed. Where a header says from where a view was taken, by its orientation, it must
    agree with the angle; a picture that is stored mirrored or head down by its orientation is turned.

    Raises:
        InputError: the image is of the accepted kind but broken.

    Source:
        PS3.3 C.8.4.8 (frame vectors), C.8.4.11 (detector), C.8.4.12 (rotation).
    """
    reasons = tuple(projection_reasons(series, rules))
    if reasons:
        return NotEligible(identity=series.identity, reasons=reasons)
    ds = series.datasets[0]
    points = viewpoints(ds, rules)
    uneven = tuple(_view_reasons(points, rules))
    if uneven:
        return NotEligible(identity=series.identity, reasons=uneven)
    return _decoded(ds, points)


def _view_reasons(points: tuple[Viewpoint, ...], rules: ProjectionRules) -> Iterator[str]:
    """Say why views leave directions out: a ray that is seen from both ends is the same ray."""
    taken = {(point.detector, point.view): point for point in points}
    if len(taken) < rules.fewest_views:
        yield f"it has {len(taken)} views, fewer than {rules.fewest_views}"
        return
    if len(set(Counter((point.detector, point.view) for point in points).values())) > 1:
        yield "its views have different numbers of gates"
    if not all(point.is_consistent(rules.angle_tolerance_degrees) for point in taken.values()):
        yield "the orientation of its views contradicts their angles"
    directions = np.sort([point.angle_degrees % 180 for point in taken.values()])
    gaps = np.diff(directions, append=directions[0] + 180)
    distinct = gaps[gaps > rules.angle_tolerance_degrees]
    if distinct.max() > rules.largest_step_degrees:
        yield f"two neighboring views are {distinct.max():.1f} degrees apart: an arc of less than 180 degrees, or a gap"
    elif np.ptp(distinct) > rules.angle_tolerance_degrees or len(taken) % len(distinct):
        yield "its views are not evenly spread over 180 or 360 degrees"


def _decoded(ds: FileDataset, points: tuple[Viewpoint, ...]) -> Projections:
    stored = stored_frames(ds)
    summed: dict[tuple[float, int], Views] = {}
    for point in points:
        place = (point.angle_degrees, point.detector)
        summed[place] = summed.get(place, 0.0) + point.turned(stored[point.frame].astype(np.float64))
    places = sorted(summed)
    rows_mm, columns_mm = required_numbers(ds, "PixelSpacing", count=2)
    if min(rows_mm, columns_mm) <= 0:
        raise InvalidAttribute(keyword="PixelSpacing")
    counts = np.stack([summed[place] for place in places])
    return Projections(
        counts=np.maximum(counts, 0.0),
        angles_degrees=np.array([angle for angle, _ in places]),
        pixel_mm=(rows_mm, columns_mm),
        lowest_mm=_lowest_mm(ds, points[0], rows_mm),
    )


def _lowest_mm(ds: FileDataset, point: Viewpoint, rows_mm: float) -> float:
    """Return how high the lowest row is; without a position the middle of the view is at 0: our choice."""
    span_mm = (int(ds.Rows) - 1) * rows_mm
    position = numbers(items(ds, "DetectorInformationSequence")[point.detector - 1], "ImagePositionPatient", count=3)
    if position is None:
        return -span_mm / 2
    return position[2] if point.rows_headward > 0 else position[2] - span_mm
