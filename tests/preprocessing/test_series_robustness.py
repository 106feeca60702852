"""A series with wrong bytes in a header is refused or is an error of ours: nothing else comes out of it."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from preprocessing import NotEligible
from preprocessing.errors import InputError
from preprocessing.reading import read_dataset
from preprocessing.series import Series, grouped_by_series
from preprocessing.series_choice import chosen_series
from preprocessing.suv import SuvFactor, suv_factor
from preprocessing.volume import Volume, read_volume
from specs.series import SeriesRules
from specs.uptake import FDG_UPTAKE
from tests.preprocessing.radiographs import file_bytes
from tests.preprocessing.tomography import SMALL_PET, SMALL_SPECT, counting, enhanced_pet, nuclear_image, pet_images
from tests.preprocessing.uptake_headers import GE_CREATOR, add_philips

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of what it finds odd

STORED = counting((4, 2, 3))
HEADER_STARTS_AT = 132
MUTATIONS = 60
"""A kind; 14,000 of all kinds together were run once, and found five exceptions that were not ours."""


def philips_files() -> list[bytes]:
    images = pet_images(STORED, Units="CNTS")
    for ds in images:
        add_philips(ds, suv="0.1", activity="1.5")
    return [file_bytes(ds) for ds in images]


def ge_files() -> list[bytes]:
    images = pet_images(STORED, SeriesTime="130000")
    for ds in images:
        ds.private_block(0x0009, GE_CREATOR, create=True).add_new(0x0D, "DT", "20260105115000.00")
    return [file_bytes(ds) for ds in images]


def outcome(files: Sequence[bytes], rules: SeriesRules) -> str:
    """Go the whole way from files to an SUV factor; return what came out, in a word."""
    try:
        groups = grouped_by_series(read_dataset(content) for content in files)
        series = chosen_series([Series.of(group) for group in groups], rules)
        if isinstance(series, NotEligible):
            return "not eligible"
        volume = read_volume(series, rules)
        if isinstance(volume, NotEligible):
            return "not eligible"
        return of_volume(volume, series)
    except InputError:
        return "error"


def of_volume(volume: Volume, series: Series) -> str:
    assert np.isfinite(volume.values).all()
    factor = suv_factor(series, FDG_UPTAKE, unit=volume.unit)
    if isinstance(factor, SuvFactor):
        assert 0 < factor.factor < np.inf
        return "SUV"
    return "no SUV"


@pytest.mark.parametrize(
    ("files", "rules"),
    [
        (philips_files(), SMALL_PET),
        (ge_files(), SMALL_PET),
        ([file_bytes(nuclear_image(STORED))], SMALL_SPECT),
        ([file_bytes(enhanced_pet(STORED))], SMALL_PET),
    ],
    ids=["Philips", "GE", "SPECT", "Enhanced PET"],
)
def test_wrong_bytes_in_a_header_give_a_reason_or_an_error_of_ours(files: list[bytes], rules: SeriesRules) -> None:
    chance = random.Random(7)
    outcomes = set()
    for _ in range(MUTATIONS):
        damaged = [bytearray(content) for content in files]
        victim = chance.choice(damaged)
        for _ in range(chance.choice((1, 2, 4))):
            place = chance.randrange(HEADER_STARTS_AT, len(victim))
            victim[place] = chance.choice((chance.randrange(256), ord(chance.choice("0123456789.-\\ AB"))))
        outcomes.add(outcome([bytes(content) for content in damaged], rules))
    assert {"error", "not eligible"} <= outcomes
    assert outcomes & {"SUV", "no SUV"}
