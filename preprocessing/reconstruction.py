"""From raw projections to a volume in patient axes."""

from typing import assert_never

import numpy as np

from preprocessing.eligibility import NotEligible
from preprocessing.filtered_back_projection import filtered_back_projection, smoothed
from preprocessing.ordered_subsets import ordered_subsets
from preprocessing.projections import Projections, read_projections
from preprocessing.series import Series
from preprocessing.volume import Volume
from specs.reconstruction import FilteredBackProjection, OrderedSubsets, ReconstructionRules


def reconstruct_series(series: Series, rules: ReconstructionRules) -> Volume | NotEligible:
    """Reconstruct the raw projections of a series, or say why they are not eligible.

    Raises:
        InputError: the image is of the accepted kind but broken.
    """
    projections = read_projections(series, rules.projections)
    return projections if isinstance(projections, NotEligible) else reconstruct(projections, rules)


def reconstruct(projections: Projections, rules: ReconstructionRules) -> Volume:
    """Reconstruct views, slice by slice.

    Values below 0, which smoothing and filtering leave, are set to 0: no place takes up less than nothing.

    Returns:
        Counts a view that come from a voxel, at least 0. The axis of rotation is at 0 to the left and to the back, for
        Image Position of raw projections is no position of slices; the height is the header's. Our choice.
    """
    method = rules.method
    rows_mm, columns_mm = projections.pixel_mm
    spacing_mm = (rows_mm, columns_mm, columns_mm)
    match method:
        case FilteredBackProjection():
            values = filtered_back_projection(
                projections.counts, projections.angles_degrees, method, pixel_mm=projections.pixel_mm
            )
        case OrderedSubsets():
            *_, values = ordered_subsets(projections.counts, projections.angles_degrees, method)
            if method.smoothing is not None:
                values = smoothed(values, method.smoothing, spacing_mm=spacing_mm)
        case _:
            assert_never(method)
    first_mm = -(values.shape[-1] - 1) / 2 * columns_mm
    return Volume(
        values=np.maximum(values, 0).astype(np.float32),
        spacing_mm=spacing_mm,
        position_mm=(first_mm, first_mm, projections.lowest_mm),
        unit="CNTS",
    )
