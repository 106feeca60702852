"""Raw projections: every view is taken from where its header says, whatever the order, the detectors or the gates."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preprocessing.attributes import items
from preprocessing.errors import InvalidAttribute, MissingAttribute
from preprocessing.projections import Projections, read_projections
from preprocessing.reading import read_dataset
from preprocessing.series import Series
from specs.policy import Policy
from specs.reconstruction import CARDIAC_PROJECTIONS
from tests.preprocessing.gamma_camera import (
    BALLS,
    BINS,
    PIXEL_MM,
    SCALE,
    detector,
    energy_window,
    projected,
    raw_tomo,
    raw_views,
    refusal,
    turn,
    view,
)
from tests.preprocessing.tomography import as_read

CLOCKWISE = turn(225.0, -6.0, 30)
STORED = raw_views(angles_degrees=CLOCKWISE)


def assert_same(found: Projections, expected: Projections) -> None:
    np.testing.assert_allclose(found.angles_degrees, expected.angles_degrees, atol=1e-9)
    np.testing.assert_array_equal(found.counts, expected.counts)
    assert (found.pixel_mm, found.lowest_mm) == (expected.pixel_mm, expected.lowest_mm)


def test_a_real_file_gives_as_many_counts_as_its_header_says_and_angles_that_its_orientation_confirms(
    samples: Path,
) -> None:
    ds = read_dataset((samples / "spect" / "RIMD_case_NM_00001.dcm").read_bytes())
    projections = read_projections(Series.of([ds]), CARDIAC_PROJECTIONS)
    assert isinstance(projections, Projections)
    assert projections.counts.sum() == int(ds.CountsAccumulated) == 3_949_221
    np.testing.assert_allclose(projections.angles_degrees, np.arange(51.44, 226, 6))
    first = next(iter(items(ds, "DetectorInformationSequence"))).ImageOrientationPatient
    from_front_and_right = np.cross(first[:3], first[3:])  # into the patient
    angle = np.radians(225.44)
    np.testing.assert_allclose(from_front_and_right, [-np.sin(angle), -np.cos(angle), 0], atol=1e-3)


def test_views_are_upright_from_feet_to_head_and_ordered_by_angle() -> None:
    found = projected(raw_tomo(STORED))
    assert found.angles_degrees.tolist() == sorted(CLOCKWISE)
    for angle, counts in zip(found.angles_degrees, found.counts, strict=True):
        np.testing.assert_allclose(counts, SCALE * view(BALLS, angle)[::-1], atol=0.5)
    assert found.lowest_mm == -(BINS - 1) / 2 * PIXEL_MM


@pytest.mark.parametrize("direction", ["CC", "CCW"])
def test_a_rotation_the_other_way_gives_the_same_views(direction: str) -> None:
    other_way = raw_tomo(STORED[::-1].copy(), start=CLOCKWISE[-1], direction=direction)
    assert_same(projected(other_way), projected(raw_tomo(STORED)))


@settings(max_examples=10)
@given(order=st.permutations(range(30)))
def test_the_order_of_frames_plays_no_part(order: list[int]) -> None:
    shuffled = raw_tomo(STORED[order], AngularViewVector=[place + 1 for place in order])
    assert_same(projected(shuffled), projected(raw_tomo(STORED)))


def test_views_that_are_stored_mirrored_or_head_down_by_their_orientation_are_turned() -> None:
    upright = detector(225.0).ImageOrientationPatient
    turned = detector(225.0, ImageOrientationPatient=[-part for part in upright])
    turned.ImagePositionPatient = [0.0, 0.0, -(BINS - 1) / 2 * PIXEL_MM]
    found = projected(raw_tomo(STORED[:, ::-1, ::-1].copy(), DetectorInformationSequence=[turned]))
    assert_same(found, projected(raw_tomo(STORED)))


def test_two_detectors_see_what_one_sees() -> None:
    whole = turn(225.0, -6.0, 30)
    two = raw_tomo(
        raw_views(angles_degrees=whole),
        DetectorVector=[1] * 15 + [2] * 15,
        AngularViewVector=[*range(1, 16)] * 2,
        NumberOfDetectors=2,
        DetectorInformationSequence=[detector(225.0), detector(135.0)],
    )
    assert_same(projected(two), projected(raw_tomo(STORED)))


def test_gates_of_a_view_are_summed() -> None:
    early = (STORED // 3).astype(np.uint16)
    gated = raw_tomo(
        np.concatenate([early, STORED - early]),
        ImageType=["ORIGINAL", "PRIMARY", "GATED TOMO", "EMISSION"],
        AngularViewVector=[*range(1, 31)] * 2,
        TimeSlotVector=[1] * 30 + [2] * 30,
    )
    assert_same(projected(gated), projected(raw_tomo(STORED)))
    ungated_only = CARDIAC_PROJECTIONS.model_copy(update={"gates": Policy.REFUSE})
    refused = read_projections(as_read([gated]), ungated_only)
    assert not isinstance(refused, Projections)
    assert refused.reasons == ("it is gated: TimeSlotVector has several values",)


def test_of_two_energy_windows_that_of_the_photopeak_is_taken() -> None:
    scatter = np.full_like(STORED, 7)
    two_windows = raw_tomo(
        np.concatenate([scatter, STORED]),
        EnergyWindowVector=[1] * 30 + [2] * 30,
        AngularViewVector=[*range(1, 31)] * 2,
        EnergyWindowInformationSequence=[energy_window(108, 126), energy_window(126.5, 154.5)],
    )
    assert_same(projected(two_windows), projected(raw_tomo(STORED)))
    two_windows.EnergyWindowInformationSequence = [energy_window(108, 146), energy_window(126.5, 154.5)]
    assert refusal(two_windows) == ("of its energy windows not exactly one holds 140.5 keV",)


def test_an_image_whose_frames_are_not_numbered_is_refused() -> None:
    assert refusal(raw_tomo(STORED, AngularViewVector=None)) == (
        "its frames are not numbered by view",
        "several of its frames are numbered alike",
    )


def test_a_gate_that_a_view_lacks_is_noticed() -> None:
    gated = raw_tomo(
        np.concatenate([STORED, STORED[:29]]),
        ImageType=["ORIGINAL", "PRIMARY", "GATED TOMO", "EMISSION"],
        AngularViewVector=[*range(1, 31), *range(1, 30)],
        TimeSlotVector=[1] * 30 + [2] * 29,
    )
    assert refusal(gated) == ("its views have different numbers of gates",)


def one(**attributes: Any) -> dict[str, Any]:
    return {"DetectorInformationSequence": [detector(225.0, **attributes)]}


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"Modality": "PT"}, "modality is PT, or its SOP class not one of raw projections"),
        (
            {"ImageType": ["DERIVED", "PRIMARY", "RECON TOMO", "EMISSION"]},
            "image type does not say that it holds raw projections (TOMO or GATED TOMO)",
        ),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "TOMO", "TRANSMISSION"]}, "it shows transmission, not emission"),
        ({"AngularViewVector": [1, *range(1, 30)]}, "several of its frames are numbered alike"),
        ({"RotationInformationSequence": []}, "it does not describe one rotation"),
        ({"SliceVector": [1, 2] * 15}, "its frames differ in more than the view: SliceVector has several values"),
        ({"DetectorInformationSequence": []}, "its detectors are not described"),
        (
            {"DetectorInformationSequence": [detector(225.0), detector(225.0, StartAngle=None)]},
            "it has several detectors, and the start angle of each is not stated",
        ),
        (one(ImageOrientationPatient=None), "the orientation of its views in the patient is not stated"),
        (one(ImageOrientationPatient=[1, 0, 0, 0, 0, -1]), "the orientation of its views contradicts their angles"),
        (one(CollimatorType="FANB"), "collimator type is FANB: its rays are not parallel"),
        (
            one(CenterOfRotationOffset=3.4),
            "its center of rotation is off the middle of the detector, and not corrected",
        ),
        (one(GantryDetectorTilt=2.0), "its detector is tilted"),
    ],
)
def test_views_that_cannot_be_placed_are_refused(attributes: dict[str, Any], reason: str) -> None:
    assert refusal(raw_tomo(STORED, **attributes)) == (reason,)


@pytest.mark.parametrize(
    ("kept", "step", "reason"),
    [
        (20, 6.0, "it has 20 views, fewer than 24"),
        (
            26,
            6.0,
            "two neighboring views are 30.0 degrees apart: an arc of less than 180 degrees, or a gap",
        ),
        (30, 7.0, "its views are not evenly spread over 180 or 360 degrees"),
    ],
)
def test_views_that_leave_directions_out_or_favor_some_are_refused(kept: int, step: float, reason: str) -> None:
    assert refusal(raw_tomo(STORED[:kept], step=step)) == (reason,)


@pytest.mark.parametrize(
    ("keyword", "value", "error"),
    [
        ("AngularStep", None, MissingAttribute),
        ("AngularStep", 0.0, InvalidAttribute),
        ("RotationDirection", "UP", InvalidAttribute),
    ],
)
def test_a_rotation_that_says_nothing_is_an_error(keyword: str, value: Any, error: type[Exception]) -> None:
    ds = raw_tomo(STORED)
    setattr(ds.RotationInformationSequence[0], keyword, value)
    with pytest.raises(error):
        read_projections(as_read([ds]), CARDIAC_PROJECTIONS)


def test_an_image_without_pixels_is_an_error() -> None:
    with pytest.raises(MissingAttribute):
        read_projections(as_read([raw_tomo(STORED, PixelData=None)]), CARDIAC_PROJECTIONS)
