"""PET series from the published headers of `calculate-suv`, and with any header of an SUV."""

import json
import math
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset, FileDataset

from preprocessing import NotEligible
from preprocessing.series import Series
from preprocessing.suv import SuvFactor, suv_factor
from specs.uptake import FDG_UPTAKE, UptakeRules
from tests.preprocessing.tomography import agent, as_read, counting, pet_images

_OF_AGENT = (
    "RadionuclideTotalDose",
    "RadionuclideHalfLife",
    "RadiopharmaceuticalStartTime",
    "RadiopharmaceuticalStartDateTime",
)
PHILIPS_CREATOR = "Philips PET Private Group"
GE_CREATOR = "GEMS_PETD_01"


def published_series(file: Path) -> Series:
    """Build a series whose images have the published header, each of its own slice."""
    headers = json.loads(file.read_text(encoding="utf-8"))
    images = pet_images(counting((len(headers), 2, 2)))
    for ds, header in zip(images, headers, strict=True):
        _write_header(ds, header)
    return as_read(images)


def _write_header(ds: FileDataset, header: dict[str, Any]) -> None:
    for keyword in ("PatientWeight", "PatientSize", "SUVType"):
        if keyword in ds and keyword not in header:
            delattr(ds, keyword)
    private = header.pop("PhilipsPETPrivateGroup")
    injection = Dataset()
    for keyword, value in header.items():
        setattr(injection if keyword in _OF_AGENT else ds, keyword, value)
    ds.RadiopharmaceuticalInformationSequence = [injection]
    add_philips(ds, suv=private.get("SUVScaleFactor"), activity=private.get("ActivityConcentrationScaleFactor"))


def add_philips(ds: Dataset, *, suv: str | None = None, activity: str | None = None) -> None:
    """Write the factors of Philips in a block that is not the usual first one."""
    if suv is None and activity is None:
        return
    ds.private_block(0x7053, "Somebody else", create=True).add_new(0x00, "LO", "99")
    block = ds.private_block(0x7053, PHILIPS_CREATOR, create=True)
    if suv is not None:
        block.add_new(0x00, "DS", suv)
    if activity is not None:
        block.add_new(0x09, "DS", activity)


def uptake_series(*, injection: dict[str, Any] | None = None, slices: int = 3, **attributes: Any) -> Series:
    """Build a series of 75 kg and 300 MBq an hour before noon, with what is told changed."""
    items = [agent(**(injection or {}))]
    images = pet_images(counting((slices, 2, 2)), **attributes)
    for ds in images:
        ds.RadiopharmaceuticalInformationSequence = items
    return as_read(images)


HALF_LIFE_S = 6586.2
HOUR_S = 3600.0
FACTOR_AT_NOON = 75_000 / (300e6 * math.exp(-math.log(2) * HOUR_S / HALF_LIFE_S))
"""Of `uptake_series`: 75 kg, 300 MBq, one hour."""


def factor_of(series: Series, *, unit: str = "BQML", rules: UptakeRules = FDG_UPTAKE) -> SuvFactor:
    found = suv_factor(series, rules, unit=unit)
    assert isinstance(found, SuvFactor), found
    return found


def reasons_of(series: Series, *, unit: str = "BQML", rules: UptakeRules = FDG_UPTAKE) -> tuple[str, ...]:
    found = suv_factor(series, rules, unit=unit)
    assert isinstance(found, NotEligible), found
    return found.reasons


def decayed(weight_kg: float, dose_bq: float, half_life_s: float, uptake_s: float) -> float:
    """Return the factor by the law of decay with e, where the code has powers of two."""
    return weight_kg * 1000 / (dose_bq * math.exp(-math.log(2) / half_life_s * uptake_s))


def enhanced_factor(ds: FileDataset, unit: str = "BQML") -> SuvFactor | NotEligible:
    return suv_factor(as_read([ds]), FDG_UPTAKE, unit=unit)
