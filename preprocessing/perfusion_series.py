"""Which series of a perfusion study may become short-axis slices, and which of them are meant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from preprocessing.attributes import texts, word
from preprocessing.corrections import corrections
from preprocessing.eligibility import NotEligible
from preprocessing.grid import ordered_frames
from preprocessing.identity import Identity
from preprocessing.placed_frames import tilt_degrees
from preprocessing.projection_eligibility import projection_reasons
from preprocessing.series import Series, grouped_by_series
from preprocessing.short_axis import given_by_slices
from preprocessing.state_clues import StateClues
from preprocessing.state_pairing import ASK_A_PERSON, StatesUnclear, check_doses, told_roles
from preprocessing.tracer import tracer_reasons
from specs.perfusion_pairing import Role, Roles
from specs.perfusion_slices import PerfusionSlices


class SeriesForm(IntEnum):
    """What a series holds; of several of one state the first form is taken."""

    SHORT_AXIS = 0
    """Slices that a person has reoriented: their normal is the long axis."""
    TRANSAXIAL = 1
    """Slices along the axes of the patient."""
    PROJECTIONS = 2
    """Raw projections."""
    OBLIQUE = 3
    """Slices of other views of the heart, of which several are the same volume."""


@dataclass(frozen=True, kw_only=True)
class PerfusionSeries:
    """A series that may become short-axis slices."""

    series: Series
    form: SeriesForm
    clues: StateClues


@dataclass(frozen=True, kw_only=True)
class PairedSeries:
    """The series of both states."""

    stress: PerfusionSeries
    rest: PerfusionSeries


def paired_series(study: Sequence[FileDataset], recipe: PerfusionSlices, roles: Roles) -> PairedSeries | NotEligible:
    """Find the series of stress and of rest, by their headers alone.

    Args:
        study: The images of one study in any order.
        recipe: What is accepted, and how states are told.
        roles: State of series by their Series Instance UIDs, as a person says; it overrides the headers.

    Raises:
        InputError: an image of the accepted kind is broken.
    """
    groups = [Series.of(group) for group in grouped_by_series(study)]
    checked = [_checked(series, recipe, roles) for series in groups]
    usable = [found for found in checked if isinstance(found, PerfusionSeries)]
    refused = [found for found in checked if isinstance(found, NotEligible)]
    identity = Identity.of_all(study)
    named = tuple(_named_and_refused(groups, checked, roles))
    if named:
        return NotEligible(identity=identity, reasons=named)
    if not usable:
        return NotEligible(identity=identity, reasons=_refusals(groups, refused, recipe))
    try:
        if {found.clues.given for found in usable} >= set(Role):
            return PairedSeries(stress=_named(usable, Role.STRESS), rest=_named(usable, Role.REST))
        told = told_roles([found.clues for found in usable], recipe.pairing)
        of_role = {
            role: _meant([found for found, found_role in zip(usable, told, strict=True) if found_role is role], role)
            for role in Role
        }
        pair = PairedSeries(stress=of_role[Role.STRESS], rest=of_role[Role.REST])
        check_doses(pair.stress.clues, pair.rest.clues, recipe.pairing)
    except StatesUnclear as unclear:
        reasons = (f"{unclear}; {ASK_A_PERSON}", *_refusals(groups, refused, recipe))
        return NotEligible(identity=identity, reasons=reasons)
    return pair


def _checked(series: Series, recipe: PerfusionSlices, roles: Roles) -> PerfusionSeries | NotEligible:
    ds = series.datasets[0]
    given = roles.get(series.identity.series_instance_uid or "")
    clues = StateClues.of(ds, recipe.pairing, given=given)
    if _kind(ds) in recipe.reconstruction.projections.image_types:
        form, reasons = SeriesForm.PROJECTIONS, tuple(projection_reasons(series, recipe.reconstruction.projections))
    else:
        frames = ordered_frames(series, recipe.series)
        if isinstance(frames, NotEligible):
            return frames
        form, reasons = _form_of_slices(frames[0].plane.directions, recipe), ()
    reasons = reasons or (*tracer_reasons(series, recipe.tracer), *_correction_reasons(series, recipe))
    if reasons:
        return NotEligible(identity=series.identity, reasons=reasons)
    return PerfusionSeries(series=series, form=form, clues=clues)


def _named_and_refused(
    groups: Sequence[Series], checked: Sequence[PerfusionSeries | NotEligible], roles: Roles
) -> Iterator[str]:
    """Yield why a series that a person named is not eligible: no other one takes its place."""
    for series, found in zip(groups, checked, strict=True):
        role = roles.get(series.identity.series_instance_uid or "")
        if role is not None and isinstance(found, NotEligible):
            yield f"the series that was named for {role} is not eligible: {found.reason}"


def _named(usable: Sequence[PerfusionSeries], role: Role) -> PerfusionSeries:
    """Return the series that a person named; the headers of no other one are asked.

    Raises:
        StatesUnclear: several were named.
    """
    return _meant([found for found in usable if found.clues.given is role], role)


def _form_of_slices(directions: NDArray[np.float64], recipe: PerfusionSlices) -> SeriesForm:
    if tilt_degrees(directions) <= recipe.series.largest_tilt_degrees:
        return SeriesForm.TRANSAXIAL
    given = given_by_slices(directions, recipe.ventricle, recipe.series)
    return SeriesForm.OBLIQUE if given.axis is None else SeriesForm.SHORT_AXIS


def _kind(ds: FileDataset) -> str:
    """Return the third value of Image Type (0008,0008), PS3.3 C.8.4.9.1.1."""
    return ([text.strip().upper() for text in texts(ds, "ImageType")][2:3] or [""])[0]


def _correction_reasons(series: Series, recipe: PerfusionSlices) -> tuple[str, ...]:
    made = frozenset[str]().union(*(corrections(ds) for ds in series.datasets))
    return tuple(
        f"its image is corrected ({correction}), which the model would do again"
        for correction in recipe.refused_corrections
        if correction in made
    )


def _meant(found: Sequence[PerfusionSeries], role: Role) -> PerfusionSeries:
    """Choose the series of a state: that which a person names, else that of the first form.

    Raises:
        StatesUnclear: there is none, or several are alike.
    """
    of_state = [each for each in found if each.clues.given is role] or found
    if not of_state:
        raise StatesUnclear(f"nothing tells which of its series is at {role}")
    form = min(each.form for each in of_state)
    alike = [each for each in of_state if each.form is form]
    if len(alike) > 1:
        raise StatesUnclear(f"{len(alike)} of its series at {role} could be meant")
    return alike[0]


def _refusals(groups: Sequence[Series], refused: Sequence[NotEligible], recipe: PerfusionSlices) -> tuple[str, ...]:
    """Return the distinct reasons of series that are of the accepted modality, or of all where none is."""
    uids = {
        series.identity.series_instance_uid
        for series in groups
        if word(series.datasets[0], "Modality") == recipe.series.modality
    }
    of_modality = [found for found in refused if found.identity.series_instance_uid in uids] or refused
    return tuple(dict.fromkeys(reason for found in of_modality for reason in found.reasons))
