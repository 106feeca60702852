"""Counts of an NM image corrected for decay, injected activity and body weight, or why they cannot be."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Self

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from preprocessing.attributes import coded_item, items, number, texts
from preprocessing.corrections import corrections
from preprocessing.eligibility import NotEligible
from preprocessing.identity import Identity
from preprocessing.moments import last_at, moment_in, moment_of, time_of, zone_of
from preprocessing.unknown import Unknown
from preprocessing.washout import decay_correction
from specs.mibg import CountRules

_DECAY_CORRECTED = "it is decay-corrected already, and to which moment is not said"


@dataclass(frozen=True, kw_only=True)
class CountCorrection:
    """How counts of one image are corrected.

    Attributes:
        factor: Corrected over stored counts, kg/MBq: corrected ones are counts of a voxel or pixel at the time of the
            injection, for 1 MBq in a body of 1 kg. Of a correction for decay alone its unit is 1.
        since_injection_s: From the injection to the start of the acquisition.
        frame_duration_s: Of a projection or of the planar image; None where it is not stated.
    """

    factor: float
    since_injection_s: float
    frame_duration_s: float | None


def count_correction(ds: Dataset, rules: CountRules) -> CountCorrection | NotEligible:
    """Find how the counts of an NM image are corrected.

    The moment that counts stand for is the start of the acquisition: our choice, which cancels where early and late
    take equally long. How long they take is not corrected for, as in the source.

    Returns:
        The correction; or every reason why there is none.

    Source:
        Saito S et al., EJNMMI Res 2021;11:105: corrected by physical decay, injected dose and body weight. PS3.3
        C.8.4.10 (tracer, dose in MBq), C.7.2.2 (weight).
    """
    header = _CountHeader.of(ds)
    since_s = _since_s(header, rules)
    reasons = tuple(_reasons(header, rules))
    if isinstance(since_s, Unknown):
        reasons = (*reasons, since_s.reason)
    if reasons or header.weight_kg is None or header.dose_mbq is None or isinstance(since_s, Unknown):
        return NotEligible(identity=Identity.of(ds), reasons=reasons)
    return CountCorrection(
        factor=decay_correction(since_s, half_life_s=rules.half_life_s) * header.weight_kg / header.dose_mbq,
        since_injection_s=since_s,
        frame_duration_s=header.frame_duration_s,
    )


def decay_only(ds: Dataset, rules: CountRules) -> CountCorrection | Unknown:
    """Find how counts are corrected for decay alone: of what early and late are compared in, dose and weight cancel."""
    header = _CountHeader.of(ds)
    since_s = _since_s(header, rules)
    if isinstance(since_s, Unknown):
        return since_s
    if "DECY" in header.corrections:
        return Unknown(reason=_DECAY_CORRECTED)
    return CountCorrection(
        factor=decay_correction(since_s, half_life_s=rules.half_life_s),
        since_injection_s=since_s,
        frame_duration_s=header.frame_duration_s,
    )


def since_injection_s(ds: Dataset, rules: CountRules) -> float | Unknown:
    """Return the time from the injection to the start of the acquisition of an NM image, s, or why it is unknown."""
    return _since_s(_CountHeader.of(ds), rules)


@dataclass(frozen=True, kw_only=True)
class _CountHeader:
    """What an image says of dose, weight and times; None where it does not."""

    corrections: frozenset[str]
    weight_kg: float | None
    dose_mbq: float | None
    radionuclide: Code | None
    injection: datetime | None
    injection_clock: time | None
    start: datetime | None
    frame_duration_s: float | None

    @classmethod
    def of(cls, ds: Dataset) -> Self:
        agents = items(ds, "RadiopharmaceuticalInformationSequence")
        agent = agents[0] if len(agents) == 1 else Dataset()
        rotations = items(ds, "RotationInformationSequence")
        durations = {number(item, "ActualFrameDuration") for item in (*rotations, ds)} - {None}
        duration_ms = durations.pop() if len(durations) == 1 else None
        return cls(
            corrections=corrections(ds),
            weight_kg=number(ds, "PatientWeight"),
            dose_mbq=number(agent, "RadionuclideTotalDose"),
            radionuclide=coded_item(agent, "RadionuclideCodeSequence"),
            injection=moment_in("".join(texts(agent, "RadiopharmaceuticalStartDateTime")), zone=zone_of(ds)),
            injection_clock=time_of(agent, "RadiopharmaceuticalStartTime"),
            start=moment_of(ds, "AcquisitionDate", "AcquisitionTime"),
            frame_duration_s=None if duration_ms is None else duration_ms / 1000,
        )


def _reasons(header: _CountHeader, rules: CountRules) -> Iterator[str]:
    """Reasons never repeat what is stated: weight and dose are the patient's."""
    for name, value, accepted, unit in (
        ("patient's weight", header.weight_kg, rules.weight_kg, "kg"),
        ("radionuclide total dose", header.dose_mbq, rules.dose_mbq, "MBq"),
    ):
        if value is None:
            yield f"{name} is not stated"
        elif value not in accepted:
            yield f"{name} is not within {accepted.lowest:g} to {accepted.highest:g} {unit}"
    wanted = rules.radionuclide
    if header.radionuclide is None:
        yield "its radionuclide is not stated"
    elif header.radionuclide != Code(wanted.value, wanted.scheme, wanted.meaning):
        yield f"its radionuclide is not {wanted.meaning}"
    if "DECY" in header.corrections:  # PS3.3 C.8.4.9 has no attribute that names the moment
        yield _DECAY_CORRECTED


def _since_s(header: _CountHeader, rules: CountRules) -> float | Unknown:
    if header.start is None:
        return Unknown(reason="the date or time of the acquisition is not stated")
    injection = header.injection
    if injection is None:
        if header.injection_clock is None:
            return Unknown(reason="the time of the injection is not stated")
        injection = last_at(header.injection_clock, until=header.start)
    since_s = (header.start - injection).total_seconds()
    if since_s < 0:
        return Unknown(reason="the injection is stated to be after the acquisition")
    if since_s > rules.longest_uptake_s:
        hours = rules.longest_uptake_s / 3600
        return Unknown(reason=f"the injection is stated to be more than {hours:g} h before the acquisition")
    return since_s
