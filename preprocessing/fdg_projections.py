"""An FDG PET series as the input tensor of a model of two projections."""

from collections.abc import Sequence

import numpy as np
from pydicom.dataset import FileDataset

from preprocessing.eligibility import NotEligible
from preprocessing.identity import Identity
from preprocessing.prepared import Placement, Prepared
from preprocessing.projection import project
from preprocessing.series import Series, grouped_by_series
from preprocessing.series_choice import chosen_series
from preprocessing.suv import suv_volume
from preprocessing.tracer import tracer_reasons
from preprocessing.volume import read_volume
from specs.fdg_projections import FdgProjections


def prepare_fdg(study: Sequence[FileDataset], recipe: FdgProjections) -> Prepared | NotEligible:
    """Turn the one eligible PET series of a study into its projections, or say why there is none.

    Raises:
        InputError: a series of the accepted kind is broken.
    """
    series = _chosen(study, recipe)
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
    )


def _chosen(study: Sequence[FileDataset], recipe: FdgProjections) -> Series | NotEligible:
    """Choose among the series of the accepted tracer; where there is none, say what is wrong with the others."""
    found = [Series.of(group) for group in grouped_by_series(study)]
    of_tracer = [series for series in found if not tracer_reasons(series, recipe.tracer)]
    chosen = chosen_series(of_tracer or found, recipe.series)
    if isinstance(chosen, NotEligible) or of_tracer:
        return chosen
    return NotEligible(identity=chosen.identity, reasons=tracer_reasons(chosen, recipe.tracer))


def _identity(series: Series) -> Identity:
    """Name the instance too where the whole series is one, as an enhanced image is."""
    return Identity.of_all(series.datasets)
