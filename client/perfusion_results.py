"""What virtual PET says of a study: values and scores of the 17 segments, polar maps, derived NM images."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

import numpy as np
from numpy.typing import NDArray

from client.derived_nm import Derivation, derived_nm
from client.derived_objects import Provenance, SeriesNumber
from client.engine import ServedModel
from client.errors import ContractError, NoUptake, OutputError
from client.perfusion_picture import CaptionedMap, perfusion_picture
from client.volume_results import NamedObject, VolumeResult
from evaluation.perfusion_scores import (
    SUMS,
    Scores,
    SummedScores,
    Values,
    percent_of_highest,
    segment_scores,
    summed_scores,
)
from evaluation.polar_map import PolarMap, polar_map, segment_values
from preprocessing import PreparedPerfusion
from preprocessing.measurement import Measurement
from preprocessing.short_axis import ShortAxis
from specs.myocardial_segments import AHA_SEGMENTS
from specs.perfusion_pairing import Role
from specs.perfusion_scores import NormalLimits
from specs.volume_figures import PerfusionPerformance
from specs.volume_head import VirtualPerfusion

_SERIES_NUMBERS: Final = {Role.STRESS: SeriesNumber.STRESS_PERFUSION, Role.REST: SeriesNumber.REST_PERFUSION}


class PerfusionImage(StrEnum):
    """What segments are measured on."""

    VIRTUAL_PET = "virtual_pet"
    SPECT = "spect"

    @property
    def words(self) -> str:
        """As people read it."""
        return "virtual PET" if self is PerfusionImage.VIRTUAL_PET else "SPECT"


def segment_name(image: PerfusionImage, state: Role, number: int) -> str:
    """Return what a table calls the value of a segment: `virtual_pet_stress_04`."""
    return f"{image}_{state}_{number:02d}"


def score_name(image: PerfusionImage, state: Role, number: int) -> str:
    """Return what a table calls the score of a segment: `virtual_pet_stress_score_04`."""
    return f"{image}_{state}_score_{number:02d}"


def sum_name(image: PerfusionImage, short: str) -> str:
    """Return what a table calls a sum of scores, by its short name: `virtual_pet_sss`."""
    return f"{image}_{short.lower()}"


def perfusion_result(
    model: ServedModel, prepared: PreparedPerfusion, perfusion: NDArray[np.float32], *, delivered: bool
) -> VolumeResult:
    """Measure virtual PET and the SPECT that it is computed from, on the same slices.

    Args:
        model: Whose answer it is; its contract holds the normal limits.
        prepared: What it was given.
        perfusion: The answer, a share of the uptake of healthy wall, 0 and up, axes (state, slice, row, column).
        delivered: Whether a picture and DICOM objects are wanted too.

    Raises:
        ContractError: the contract is of another kind of model.
        NoUptake: the SPECT has no uptake in the wall.
        OutputError: the answer has none.
    """
    head, performance = model.contract.spec.head, model.contract.weights.performance
    if not isinstance(head, VirtualPerfusion) or not isinstance(performance, PerfusionPerformance):
        raise ContractError(model=model.name, what="it is not that of a perfusion model")
    spect = {Role.STRESS: prepared.stress, Role.REST: prepared.rest}
    virtual = {
        state: slices.with_values(values) for (state, slices), values in zip(spect.items(), perfusion, strict=True)
    }
    limits = {Role.STRESS: performance.stress_limits, Role.REST: performance.rest_limits}
    spect_limits = {Role.STRESS: performance.spect_stress_limits, Role.REST: performance.spect_rest_limits}
    found = (
        _measured(PerfusionImage.VIRTUAL_PET, virtual, head, limits),
        _measured(PerfusionImage.SPECT, spect, head, spect_limits),
    )
    return VolumeResult(
        summary=", ".join(f"{short} {value}" for short, value in found[0].sums.by_name.items()),
        measurements=tuple(each for measured in found for each in _measurements(measured)),
        picture=perfusion_picture(_captioned(found)) if delivered else None,
        objects=tuple(_objects(model, prepared, virtual)) if delivered else (),
    )


@dataclass(frozen=True, kw_only=True)
class _MeasuredState:
    """One state on one image: its polar map, its segments in % of the highest one, their scores."""

    polar_map: PolarMap
    values: Values
    percents: Values
    scores: Scores


@dataclass(frozen=True, kw_only=True)
class _MeasuredImage:
    image: PerfusionImage
    states: Mapping[Role, _MeasuredState]

    @property
    def sums(self) -> SummedScores:
        return summed_scores(self.states[Role.STRESS].scores, self.states[Role.REST].scores)


def _measured(
    image: PerfusionImage,
    slices: Mapping[Role, ShortAxis],
    head: VirtualPerfusion,
    limits: Mapping[Role, NormalLimits],
) -> _MeasuredImage:
    states = {}
    for state, of_state in slices.items():
        unrolled = polar_map(of_state, head.polar_map)
        values = segment_values(unrolled, head.polar_map)
        if not values.max() > 0:
            raise _no_uptake(image, state, head)
        states[state] = _MeasuredState(
            polar_map=unrolled,
            values=values,
            percents=percent_of_highest(values),
            scores=segment_scores(values, limits[state], head.scores),
        )
    return _MeasuredImage(image=image, states=states)


def _no_uptake(image: PerfusionImage, state: Role, head: VirtualPerfusion) -> NoUptake | OutputError:
    """Blame the study for SPECT, the model for its answer."""
    match image:
        case PerfusionImage.SPECT:
            return NoUptake(state=state)
        case PerfusionImage.VIRTUAL_PET:
            return OutputError(
                tensor=head.answer.name, what="without uptake in the wall", accepted="uptake in one segment"
            )
        case _:
            assert_never(image)


def _measurements(measured: _MeasuredImage) -> Iterator[Measurement]:
    """Yield the sums, then values and scores of each state."""
    image = measured.image
    for short, total in measured.sums.by_name.items():
        yield Measurement(name=sum_name(image, short), title=f"{short} of {image.words}", value=total, unit="1")
    for state, of_state in measured.states.items():
        where = f"{image.words} at {state}"
        for segment, percent in zip(AHA_SEGMENTS, of_state.percents.tolist(), strict=True):
            title = f"{where}, {segment.name} ({segment.number})"
            yield Measurement(name=segment_name(image, state, segment.number), title=title, value=percent, unit="%")
        for segment, score in zip(AHA_SEGMENTS, of_state.scores.tolist(), strict=True):
            title = f"score of {where}, {segment.name} ({segment.number})"
            yield Measurement(name=score_name(image, state, segment.number), title=title, value=score, unit="1")


def _captioned(found: tuple[_MeasuredImage, ...]) -> list[list[CaptionedMap]]:
    """Return the maps with a row a state, SPECT left of virtual PET, each in % of its highest segment."""
    return [
        [
            CaptionedMap(
                caption=f"{measured.image.words}, {state}",
                percents=100 * measured.states[state].polar_map / measured.states[state].values.max(),
                sum_of_scores=f"{short} {measured.sums.by_name[short]}",
            )
            for measured in reversed(found)
        ]
        for state, short in zip(Role, SUMS, strict=False)  # the third sum is of both states
    ]


def _objects(
    model: ServedModel, prepared: PreparedPerfusion, virtual: Mapping[Role, ShortAxis]
) -> Iterator[NamedObject]:
    sources = {Role.STRESS: prepared.stress_sources, Role.REST: prepared.rest_sources}
    provenance = Provenance.of(model, made_at=datetime.now())  # DICOM times are local: PS3.5 6.2
    for state, slices in virtual.items():
        derivation = Derivation(
            title=f"virtual PET, {state}",
            series_number=_SERIES_NUMBERS[state],
            description="Short-axis slices of SPECT, translated by a network to the perfusion that PET would show, a "
            "share of the uptake of healthy wall; no PET was made.",
        )
        ds = derived_nm(slices.grid, sources[state], derivation=derivation, provenance=provenance)
        yield NamedObject(name=f"{model.name}_{state}", ds=ds)
