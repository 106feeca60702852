"""Which series of a perfusion study may become short-axis slices, and how each of them was made."""

from dataclasses import dataclass
from enum import IntEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from preprocessing.attributes import texts
from preprocessing.corrections import CHANGE_SHARES, corrections
from preprocessing.eligibility import NotEligible
from preprocessing.grid import ordered_frames
from preprocessing.placed_frames import tilt_degrees
from preprocessing.projection_eligibility import projection_reasons
from preprocessing.series import Series
from preprocessing.short_axis import given_by_slices
from preprocessing.state_clues import StateClues
from preprocessing.tracer import tracer_reasons
from specs.perfusion_pairing import Roles
from specs.perfusion_slices import PerfusionSlices


class SeriesForm(IntEnum):
    """What a series holds; of several forms that both states have the first one is taken."""

    SHORT_AXIS = 0
    """Slices that a person has reoriented: their normal is the long axis."""
    TRANSAXIAL = 1
    """Slices along the axes of the patient."""
    PROJECTIONS = 2
    """Raw projections."""
    OBLIQUE = 3
    """Slices of other views of the heart, of which several are the same volume."""

    @property
    def words(self) -> str:
        """As people read it, of several."""
        match self:
            case SeriesForm.SHORT_AXIS:
                return "reoriented slices"
            case SeriesForm.TRANSAXIAL:
                return "transverse slices"
            case SeriesForm.PROJECTIONS:
                return "raw projections"
            case SeriesForm.OBLIQUE:
                return "slices of another view of the heart"
            case _:
                assert_never(self)


@dataclass(frozen=True, kw_only=True)
class SeriesKind:
    """How a series was made, as far as it changes what share of the brightest wall a place has."""

    form: SeriesForm
    corrections: frozenset[str]

    def __str__(self) -> str:
        corrected = f" corrected for {', '.join(sorted(self.corrections))}" if self.corrections else ""
        return f"{self.form.words}{corrected}"


@dataclass(frozen=True, kw_only=True)
class PerfusionSeries:
    """A series that may become short-axis slices."""

    series: Series
    kind: SeriesKind
    clues: StateClues


def eligible_series(series: Series, recipe: PerfusionSlices, roles: Roles) -> PerfusionSeries | NotEligible:
    """Tell whether a series may become short-axis slices, by its headers alone.

    Args:
        series: Any.
        recipe: What is accepted.
        roles: State of series by their Series Instance UIDs, as a person says.

    Raises:
        InputError: an image of the accepted kind is broken.
    """
    ds = series.datasets[0]
    given = roles.get(series.identity.series_instance_uid or "")
    clues = StateClues.of(ds, recipe.pairing, given=given)
    if _image_kind(ds) in recipe.reconstruction.projections.image_types:
        form, reasons = SeriesForm.PROJECTIONS, tuple(projection_reasons(series, recipe.reconstruction.projections))
    else:
        frames = ordered_frames(series, recipe.series)
        if isinstance(frames, NotEligible):
            return frames
        form, reasons = _form_of_slices(frames[0].plane.directions, recipe), ()
    made = frozenset[str]().union(*(corrections(ds) for ds in series.datasets))
    reasons = reasons or (*tracer_reasons(series, recipe.tracer), *_correction_reasons(made, recipe))
    if reasons:
        return NotEligible(identity=series.identity, reasons=reasons)
    return PerfusionSeries(series=series, kind=SeriesKind(form=form, corrections=made & CHANGE_SHARES), clues=clues)


def _form_of_slices(directions: NDArray[np.float64], recipe: PerfusionSlices) -> SeriesForm:
    if tilt_degrees(directions) <= recipe.series.largest_tilt_degrees:
        return SeriesForm.TRANSAXIAL
    given = given_by_slices(directions, recipe.ventricle, recipe.series)
    return SeriesForm.OBLIQUE if given.axis is None else SeriesForm.SHORT_AXIS


def _image_kind(ds: FileDataset) -> str:
    """Return the third value of Image Type (0008,0008), PS3.3 C.8.4.9.1.1."""
    return ([text.strip().upper() for text in texts(ds, "ImageType")][2:3] or [""])[0]


def _correction_reasons(made: frozenset[str], recipe: PerfusionSlices) -> tuple[str, ...]:
    return tuple(
        f"its image is corrected ({correction}), which the model would do again"
        for correction in recipe.refused_corrections
        if correction in made
    )
