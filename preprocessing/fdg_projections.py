"""An FDG PET series as the input tensor of a model of two projections."""

from collections.abc import Sequence

import numpy as np
from pydicom.dataset import FileDataset

from preprocessing.eligibility import NotEligible
from preprocessing.identity import Identity
from preprocessing.prepared import Placement, Prepared
from preprocessing.projection import project
from preprocessing.series import Series
from preprocessing.suv import suv_volume
from preprocessing.tracer import chosen_series_of_tracer
from preprocessing.volume import read_volume
from specs.fdg_projections import FdgProjections


def prepare_fdg(study: Sequence[FileDataset], recipe: FdgProjections) -> Prepared | NotEligible:
    """Turn the one eligible PET series of a study into its projections, or say why there is none.

    Raises:
        InputError: a series of the accepted kind is broken.
    """
    series = chosen_series_of_tracer(study, recipe.series, recipe.tracer)
    if isinstance(series, NotEligible):
        return series
    volume = read_volume(series, recipe.series)
    if isinstance(volume, NotEligible):
        return volume
    uptake = suv_volume(volume, series, recipe.uptake)
    if isinstance(uptake, NotEligible):
        return uptake
    views = project(uptake, recipe.projection)
    return Prepared(
        identity=_identity(series),
        pixels=np.stack([views.frontal, views.lateral]),
        placement=Placement(top=0, left=0, rows=recipe.projection.rows, columns=recipe.projection.columns),
        sides=(("R", "L"), ("A", "P")),
        remarks=series.remarks,
    )


def _identity(series: Series) -> Identity:
    """Name the instance too where the whole series is one, as an enhanced image is."""
    return Identity.of_all(series.datasets)
