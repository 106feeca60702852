"""NM images of which no volume can be made, and why."""

from pathlib import Path
from typing import Any

import pytest

from preprocessing.errors import InvalidAttribute
from preprocessing.grid import read_grid
from preprocessing.reading import read_dataset
from preprocessing.series import Series
from preprocessing.series_eligibility import series_reasons
from specs.series import SPECT_SERIES
from tests.preprocessing.radiographs import published_file
from tests.preprocessing.tomography import (
    SMALL_SPECT,
    as_read,
    counting,
    nuclear_image,
    refusal,
)

STORED = counting((6, 2, 3))
SENTINEL = "Zyxwvut^Sentinel"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("TOMO", "image type is TOMO: raw projections of the detector, which no slices were reconstructed from yet"),
        (
            "GATED TOMO",
            "image type is GATED TOMO: raw projections of the detector, which no slices were reconstructed from yet",
        ),
        (
            "RECON GATED TOMO",
            "image type is RECON GATED TOMO: it is gated, so that there are several time points of each slice",
        ),
        ("STATIC", "image type is STATIC: a planar image, not slices"),
        ("WHOLE BODY", "image type is WHOLE BODY: a planar image, not slices"),
        (SENTINEL, "image type does not say that it holds reconstructed slices (RECON TOMO)"),
    ],
)
def test_an_nm_image_that_holds_no_reconstructed_slices_is_refused(kind: str, reason: str) -> None:
    assert refusal([nuclear_image(STORED, ImageType=["ORIGINAL", "PRIMARY", kind, "EMISSION"])], SMALL_SPECT) == (
        reason,
    )


def test_a_real_image_of_raw_projections_is_not_eligible_and_the_reason_says_so(samples: Path) -> None:
    ds = read_dataset((samples / "spect" / "RIMD_case_NM_00001.dcm").read_bytes())
    assert series_reasons(Series.of([ds]), SPECT_SERIES) == (
        "image type is TOMO: raw projections of the detector, which no slices were reconstructed from yet",
    )


def test_a_published_whole_body_scan_in_a_secondary_capture_is_not_eligible() -> None:
    ds = read_dataset(published_file("JPEG2000_UNC.dcm"))
    assert series_reasons(Series.of([ds]), SPECT_SERIES) == (
        "its SOP class is not one of slices that can be placed in the patient",
    )


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        (
            {"TimeSlotVector": [1, 1, 1, 2, 2, 2]},
            "its frames differ in more than the slice: TimeSlotVector has several values",
        ),
        (
            {"EnergyWindowVector": [1, 2] * 3},
            "its frames differ in more than the slice: EnergyWindowVector has several values",
        ),
        (
            {"FrameIncrementPointer": [0x00540010, 0x00540020]},
            "its frames are not numbered by slice: the frame increment pointer does not name the slice vector",
        ),
        (
            {"SliceVector": [6, 5, 4, 3, 2, 1]},
            "its frames are not in the order of their slice numbers: which of them the position is of is not said",
        ),
        ({"DetectorInformationSequence": []}, "the position or orientation of its slices in the patient is not stated"),
        (
            {"SpacingBetweenSlices": None},
            "the spacing between its slices is not stated; slice thickness is another thing",
        ),
        ({"SpacingBetweenSlices": 0}, "the spacing between its slices is not stated; slice thickness is another thing"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "RECON TOMO", "TRANSMISSION"]}, "it shows transmission, not emission"),
    ],
)
def test_nm_slices_that_cannot_be_placed_are_refused(attributes: dict[str, Any], reason: str) -> None:
    assert refusal([nuclear_image(STORED, **attributes)], SMALL_SPECT) == (reason,)


def test_two_detectors_that_place_the_slices_differently_are_refused() -> None:
    ds, other = nuclear_image(STORED), nuclear_image(STORED, position_mm=(0.0, 0.0, 0.0))
    ds.DetectorInformationSequence.append(other.DetectorInformationSequence[0])
    assert refusal([ds], SMALL_SPECT) == ("its detectors place the first slice differently",)


def test_a_slice_vector_that_does_not_number_every_frame_is_an_error() -> None:
    for numbers in ([1, 2, 3, 4, 5, 5], [1, 2, 3], [0, 1, 2, 3, 4, 5], [2, 3, 4, 5, 6, 7]):
        with pytest.raises(InvalidAttribute, match="SliceVector"):
            read_grid(as_read([nuclear_image(STORED, SliceVector=numbers)]), SMALL_SPECT)
