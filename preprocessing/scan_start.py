"""The moment that a PET series with Decay Correction START was corrected to: QIBA's vendor-neutral steps."""

import math
from datetime import datetime, timedelta

from pydicom.dataset import Dataset

from preprocessing.attributes import number
from preprocessing.moments import moment_of
from preprocessing.series import Series
from preprocessing.unknown import Unknown
from preprocessing.uptake_header import UptakeHeader
from specs.uptake import UptakeRules


def scan_start(series: Series, header: UptakeHeader, rules: UptakeRules) -> datetime | Unknown:
    """Find the start of the scan.

    Series Date and Time, unless a later processing made the series anew, so that they are after the first acquisition.
    Then GE's own attribute; then, computed back from the reference time of each slice, what Siemens' scanners leave;
    then the earliest acquisition, which is right where all bed positions are in the series.

    Source:
        QIBA, "SUV vendor-neutral pseudo-code", 2018-06-26. The back computation is its "reliable in all cases";
        that the slices must agree on it is our choice.
    """
    acquired = [moment_of(ds, "AcquisitionDate", "AcquisitionTime") for ds in series.datasets]
    stated = [moment for moment in acquired if moment is not None]
    if header.series_start is None or len(stated) < len(acquired):
        return Unknown(reason="the date or time of the series or of an acquisition is not stated")
    if header.series_start <= min(stated):
        return header.series_start
    if header.ge_start is not None:
        return header.ge_start
    starts = [_back_computed(ds, moment, header) for ds, moment in zip(series.datasets, stated, strict=True)]
    computed = [start for start in starts if start is not None]
    if len(computed) < len(stated):
        return min(stated)
    if (max(computed) - min(computed)).total_seconds() > rules.back_computation_tolerance_s:
        return Unknown(reason="the reference times of its slices name different starts of the scan")
    return min(computed)


def _back_computed(ds: Dataset, acquired: datetime, header: UptakeHeader) -> datetime | None:
    """Return acquisition - reference time + time of the average count rate; None where the slice does not say."""
    reference_ms, duration_ms = number(ds, "FrameReferenceTime"), number(ds, "ActualFrameDuration")
    if not reference_ms or reference_ms < 0 or not duration_ms or duration_ms < 0 or not header.half_life_s:
        return None
    average_s = average_count_rate_s(duration_ms / 1000, half_life_s=header.half_life_s)
    return acquired + timedelta(seconds=average_s - reference_ms / 1000)


def average_count_rate_s(duration_s: float, *, half_life_s: float) -> float:
    """Return when in a frame the count rate is that of the frame's average, s after its start.

    Args:
        duration_s: Of the frame, s; above 0.
        half_life_s: Of the radionuclide, s; above 0.

    Source:
        PS3.3 C.8.9.4.1.5; QIBA's steps. ln(x / (1 - exp(-x))) / decay constant, with x the decay during the frame.
    """
    decay_constant = math.log(2) / half_life_s
    decay = decay_constant * duration_s
    return math.log(decay / -math.expm1(-decay)) / decay_constant
