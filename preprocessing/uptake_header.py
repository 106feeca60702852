"""What the headers of a PET series say of dose, times and units: all that an SUV is computed from."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, time
from typing import Self

from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from preprocessing.attributes import coded_item, items, number, texts, word
from preprocessing.corrections import corrections
from preprocessing.moments import moment_in, moment_of, time_of, zone_of
from preprocessing.private_attributes import PhilipsFactors, ge_scan_start

_BQ_PER_MBQ = 1e6
_WORDS = {
    "suv_type": "SUV type",
    "weight_kg": "the patient's weight",
    "dose_bq": "the dose",
    "half_life_s": "the half life",
    "injection_clock": "the time of the injection",
    "ge_start": "the start of the scan",
    "decay_reference": "the moment of decay correction",
    "philips": "the scanner's own factors",
}
"""What people call a field whose name is not a word."""

TO_A_STATED_MOMENT = "STATED MOMENT"
"""What stands for the values of Decay Correction (0054,1102) in Enhanced PET, which has none: it names a moment."""


@dataclass(frozen=True, kw_only=True)
class UptakeHeader:
    """What every image of a series must say alike; None or empty where it is not said.

    `injection` is Radiopharmaceutical Start DateTime, `injection_clock` the same without a date. `series_start` and
    `ge_start` are what vendors take for the start of the scan; `decay_reference` is the moment that an Enhanced PET
    image names itself.
    """

    corrections: frozenset[str]
    decay_correction: str
    suv_type: str
    weight_kg: float | None
    dose_bq: float | None
    half_life_s: float | None
    radionuclide: Code | None
    injection: datetime | None
    injection_clock: time | None
    series_start: datetime | None
    ge_start: datetime | None
    decay_reference: datetime | None
    philips: PhilipsFactors

    @classmethod
    def of(cls, ds: Dataset) -> Self:
        """Read the header of an image.

        Source:
            PS3.3 C.7.2.2 (weight), C.8.9.1 to C.8.9.2 (PET series and isotope), C.8.22.4 and C.8.22.6 (Enhanced PET,
            whose dose is in MBq and which names the moment of decay correction).
        """
        is_enhanced = word(ds, "SOPClassUID") == uid.EnhancedPETImageStorage
        agents = items(ds, "RadiopharmaceuticalInformationSequence")
        agent = agents[0] if len(agents) == 1 else Dataset()
        dose, zone = number(agent, "RadionuclideTotalDose"), zone_of(ds)
        return cls(
            corrections=corrections(ds),
            decay_correction=TO_A_STATED_MOMENT if is_enhanced else word(ds, "DecayCorrection"),
            suv_type=word(ds, "SUVType"),
            weight_kg=number(ds, "PatientWeight"),
            dose_bq=dose * _BQ_PER_MBQ if dose is not None and is_enhanced else dose,
            half_life_s=number(agent, "RadionuclideHalfLife"),
            radionuclide=coded_item(agent, "RadionuclideCodeSequence"),
            injection=moment_in("".join(texts(agent, "RadiopharmaceuticalStartDateTime")), zone=zone),
            injection_clock=time_of(agent, "RadiopharmaceuticalStartTime"),
            series_start=moment_of(ds, "SeriesDate", "SeriesTime"),
            ge_start=moment_in(ge_scan_start(ds), zone=zone),
            decay_reference=moment_in("".join(texts(ds, "DecayCorrectionDateTime")), zone=zone),
            philips=PhilipsFactors.of(ds),
        )

    def differences(self, other: Self) -> Iterator[str]:
        """Yield the names of what another image says differently, in words."""
        for field in fields(self):
            mine, others = getattr(self, field.name), getattr(other, field.name)
            if (mine is None) != (others is None) or (mine is not None and mine != others):
                yield _WORDS.get(field.name, field.name.replace("_", " "))
