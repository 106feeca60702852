"""Standardized uptake values by body weight of a PET series: the factor of its values, or why there is none.

Source of every step, unless it says otherwise: QIBA, "SUV vendor-neutral pseudo-code", 2018-06-26.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydicom.sr.coding import Code

from preprocessing import uptake_header
from preprocessing.body_size import uptake_per_activity
from preprocessing.eligibility import NotEligible
from preprocessing.moments import last_at
from preprocessing.scan_start import scan_start
from preprocessing.series import Series
from preprocessing.unknown import Unknown
from preprocessing.uptake_header import UptakeHeader
from preprocessing.volume import Volume
from specs.uptake import Range, UptakeRules

SUV_UNIT = "g/ml"


class SuvSource(StrEnum):
    """What the factor was made from."""

    ACTIVITY = "activity concentration, weight and decayed dose"
    COUNTS = "counts by the scanner's factor to activity concentration, weight and decayed dose"
    SCANNER = "counts by the scanner's own factor"
    STORED = "the stored unit is SUV"


@dataclass(frozen=True, kw_only=True)
class SuvFactor:
    """SUV by body weight, g/ml, of a rescaled value of 1; one for all slices of a series."""

    factor: float
    source: SuvSource


def suv_volume(volume: Volume, series: Series, rules: UptakeRules) -> Volume | NotEligible:
    """Turn the volume of a PET series into SUV by body weight, g/ml, or say why that cannot be known."""
    found = suv_factor(series, rules, unit=volume.unit)
    return found if isinstance(found, NotEligible) else volume.scaled(found.factor, unit=SUV_UNIT)


def suv_factor(series: Series, rules: UptakeRules, *, unit: str) -> SuvFactor | NotEligible:
    """Find the factor from rescaled values to SUV by body weight.

    Args:
        series: All images of the series.
        rules: What is accepted.
        unit: Of the rescaled values, in the words of Units (0054,1001).

    Returns:
        The factor, g/ml of a rescaled value of 1; or every reason why it cannot be known.
    """
    first, *others = (UptakeHeader.of(ds) for ds in series.datasets)
    differing = sorted({name for other in others for name in first.differences(other)})
    reasons = tuple(f"its images differ in {name}" for name in differing) or tuple(_header_reasons(first, rules))
    if not reasons:
        found = _factor(series, first, rules, unit=unit)
        if isinstance(found, SuvFactor):
            return found
        reasons = found
    return NotEligible(identity=series.identity, reasons=reasons)


def _header_reasons(header: UptakeHeader, rules: UptakeRules) -> Iterator[str]:
    for term in rules.corrections:
        if term not in header.corrections:
            yield f"corrected image does not name {term}"
    if header.decay_correction == "NONE":
        yield "decay correction is NONE"
    accepted_nuclide = Code(rules.radionuclide.value, rules.radionuclide.scheme, rules.radionuclide.meaning)
    if header.radionuclide is not None and header.radionuclide != accepted_nuclide:
        yield f"its radionuclide is not {rules.radionuclide.meaning}"


def _factor(series: Series, header: UptakeHeader, rules: UptakeRules, *, unit: str) -> SuvFactor | tuple[str, ...]:
    """Return the factor, or the reasons why there is none."""
    match unit:
        case "GML":
            if header.suv_type not in ("", *rules.suv_types):  # absent is BW: PS3.3 C.8.9.1
                return (f"its stored values are SUV of another type than {' or '.join(rules.suv_types)}",)
            return SuvFactor(factor=1.0, source=SuvSource.STORED)
        case "BQML":
            per_activity = _per_activity(series, header, rules)
            if isinstance(per_activity, tuple):
                return per_activity
            return SuvFactor(factor=per_activity, source=SuvSource.ACTIVITY)
        case "CNTS":
            return _of_counts(series, header, rules)
        case _:
            return ("its unit is neither activity nor counts nor SUV",)


def _of_counts(series: Series, header: UptakeHeader, rules: UptakeRules) -> SuvFactor | tuple[str, ...]:
    if header.philips.suv_per_count is not None:
        return SuvFactor(factor=header.philips.suv_per_count, source=SuvSource.SCANNER)
    if header.philips.bq_per_ml_per_count is None:
        return ("its unit is counts, and no factor of the scanner to activity or SUV is stated",)
    per_activity = _per_activity(series, header, rules)
    if isinstance(per_activity, tuple):
        return per_activity
    return SuvFactor(factor=header.philips.bq_per_ml_per_count * per_activity, source=SuvSource.COUNTS)


def _per_activity(series: Series, header: UptakeHeader, rules: UptakeRules) -> float | tuple[str, ...]:
    """Return SUV per Bq/ml: weight over decayed dose; or every reason why it cannot be known."""
    weight_kg, dose_bq, half_life_s = header.weight_kg, header.dose_bq, header.half_life_s
    decay_s = _decay_s(series, header, rules)
    reasons = (*_dose_reasons(header, rules), *([decay_s.reason] if isinstance(decay_s, Unknown) else []))
    if reasons or weight_kg is None or dose_bq is None or half_life_s is None or isinstance(decay_s, Unknown):
        return reasons
    return uptake_per_activity(1000 * weight_kg, decayed_dose_bq=dose_bq * 2 ** (-decay_s / half_life_s))


def _dose_reasons(header: UptakeHeader, rules: UptakeRules) -> Iterator[str]:
    """Reasons never repeat what is stated: weight and dose are the patient's."""
    stated: tuple[tuple[str, float | None, Range, str], ...] = (
        ("patient's weight", header.weight_kg, rules.weight_kg, "kg"),
        ("radionuclide total dose", header.dose_bq, rules.dose_bq, "Bq"),
        ("radionuclide half life", header.half_life_s, rules.half_life_s, "s"),
    )
    for name, value, accepted, unit in stated:
        if value is None:
            yield f"{name} is not stated"
        elif value not in accepted:
            yield f"{name} is not within {accepted.lowest:g} to {accepted.highest:g} {unit}"


def _decay_s(series: Series, header: UptakeHeader, rules: UptakeRules) -> float | Unknown:
    """Return how long the dose decayed until the moment that the images were corrected to, s."""
    match header.decay_correction:
        case "ADMIN":  # corrected to the injection itself: to decay the dose too would count it twice (horos#653)
            return 0.0
        case "START":
            start = scan_start(series, header, rules)
            return start if isinstance(start, Unknown) else _uptake_s(header, start, rules)
        case uptake_header.TO_A_STATED_MOMENT:
            if header.decay_reference is None:
                return Unknown(reason="the moment that its images are decay-corrected to is not stated")
            return _uptake_s(header, header.decay_reference, rules)
        case _:
            return Unknown(reason="decay correction is neither START nor ADMIN")


def _uptake_s(header: UptakeHeader, start: datetime, rules: UptakeRules) -> float | Unknown:
    """Return the time from the injection to the moment that the images were corrected to, s."""
    injection = header.injection
    if injection is None:
        if header.injection_clock is None:
            return Unknown(reason="the time of the injection is not stated")
        injection = last_at(header.injection_clock, until=start)  # QIBA names midnight and leaves it open
    uptake_s = (start - injection).total_seconds()
    if uptake_s < 0:
        return Unknown(reason="the injection is stated to be after the scan")
    if uptake_s > rules.longest_uptake_s:
        return Unknown(
            reason=f"the injection is stated to be more than {rules.longest_uptake_s / 3600:g} h before the scan"
        )
    return uptake_s
