"""Raw projections with wrong bytes in their header are refused or are an error of ours: nothing else comes out."""

import random

import numpy as np
import pytest

from preprocessing import NotEligible
from preprocessing.errors import InputError
from preprocessing.projections import Projections, read_projections
from preprocessing.reading import read_dataset
from preprocessing.series import Series
from specs.reconstruction import CARDIAC_PROJECTIONS
from tests.preprocessing.gamma_camera import energy_window, raw_tomo, raw_views, turn
from tests.preprocessing.radiographs import file_bytes

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of what it finds odd

HEADER_STARTS_AT = 132
MUTATIONS = 80
"""6,700 were run once; none found an exception that was not ours."""


def gated_file() -> bytes:
    stored = raw_views(angles_degrees=turn(225.0, -6.0, 30), bins=8)
    return file_bytes(
        raw_tomo(
            np.concatenate([stored, stored]),
            AngularViewVector=[*range(1, 31)] * 2,
            TimeSlotVector=[1] * 30 + [2] * 30,
            EnergyWindowInformationSequence=[energy_window(126, 154)],
        )
    )


def outcome(content: bytes) -> str:
    """Read projections; return what came out, in a word."""
    try:
        found = read_projections(Series.of([read_dataset(content)]), CARDIAC_PROJECTIONS)
    except InputError:
        return "error"
    if isinstance(found, NotEligible):
        assert all("\n" not in reason for reason in found.reasons)
        return "not eligible"
    assert isinstance(found, Projections)
    assert np.isfinite(found.counts).all()
    assert found.counts.min() >= 0
    assert min(found.pixel_mm) > 0
    assert np.isfinite(found.lowest_mm)
    return "projections"


def test_a_header_with_wrong_bytes_is_refused_or_is_an_error_of_ours() -> None:
    content = gated_file()
    end = content.rindex(b"\xe0\x7f\x10\x00")
    generator = random.Random(7)
    found = set()
    for _ in range(MUTATIONS):
        broken = bytearray(content)
        for _ in range(generator.randint(1, 4)):
            wrong = generator.randrange(256), ord(generator.choice("0123456789.-E\\ AB"))
            broken[generator.randrange(HEADER_STARTS_AT, end)] = generator.choice(wrong)
        found.add(outcome(bytes(broken)))
    assert found == {"error", "not eligible", "projections"}
