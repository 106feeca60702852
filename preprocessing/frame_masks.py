"""Masks in patient axes brought back to the frames of the image that their volume came from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from preprocessing.eligibility import NotEligible
from preprocessing.grid import ordered_frames, tilt_reason
from preprocessing.identity import Identity
from preprocessing.organ_masks import OrganMask
from preprocessing.placed_frames import Plane, tilt_degrees
from preprocessing.series import Series
from preprocessing.volume import AxisOrder
from specs.series import SeriesRules


@dataclass(frozen=True, kw_only=True)
class ImageFrames:
    """Where the frames of one image lie, in its own order.

    Attributes:
        planes: Of each frame.
        spacing_mm: Between neighboring frames, above 0.
        stacked: Of each frame, its place in the stack along the normal.
        axes: How the stack becomes a volume in patient axes.
    """

    planes: tuple[Plane, ...]
    spacing_mm: float
    stacked: tuple[int, ...]
    axes: AxisOrder

    def masks(self, mask: OrganMask) -> NDArray[np.bool_]:
        """Bring a mask of the volume to the frames, axes (frame, row, column) of the image.

        Raises:
            ValueError: the mask has not the shape of the volume.
        """
        stack = self.axes.to_grid(mask)
        if stack.shape[0] != len(self.planes):
            raise ValueError("The mask has not the shape of the volume that comes from this image")
        return stack[list(self.stacked)]


def image_frames(ds: FileDataset, rules: SeriesRules) -> ImageFrames | NotEligible:
    """Place the frames of an image that is a whole series, or say why the rules refuse it; no pixel is decoded.

    Raises:
        InputError: the image is of the accepted kind but broken.
    """
    ordered = ordered_frames(Series.of([ds]), rules)
    if isinstance(ordered, NotEligible):
        return ordered
    first, last = ordered[0].plane, ordered[-1].plane
    if tilt_degrees(first.directions) > rules.largest_tilt_degrees:
        return NotEligible(identity=Identity.of(ds), reasons=(tilt_reason(rules),))
    span_mm = last.distance_mm(first.normal) - first.distance_mm(first.normal)
    places = {frame.index: place for place, frame in enumerate(ordered)}
    planes = {frame.index: frame.plane for frame in ordered}
    return ImageFrames(
        planes=tuple(planes[index] for index in range(len(ordered))),
        spacing_mm=span_mm / (len(ordered) - 1),
        stacked=tuple(places[index] for index in range(len(ordered))),
        axes=AxisOrder.of(first.directions),
    )
