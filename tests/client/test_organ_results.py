"""What labels of organs say of a study: quantities, a picture in which right is right, segmentations of both times."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from client.engine import ServedModel
from client.errors import ContractError
from client.organ_picture import PictureTime, organ_picture
from client.organ_results import organ_result
from client.volume_results import VolumeResult
from phantoms import MibgPhantom, MibgTime, Part, Site, mibg_cohort, mibg_phantom
from preprocessing.mibg_quantities import MaskedTime, mibg_quantities, planar_regions
from preprocessing.mibg_study import prepare_mibg
from preprocessing.organ_labels import organ_labels
from preprocessing.planar_heart import PlanarRatio
from preprocessing.prepared_volumes import PreparedMibg
from preprocessing.unknown import Unknown
from specs.mibg_organs import MIBG_ORGANS, ORGANS
from specs.mibg_volumes import MIBG_VOLUMES_48
from specs.virtual_pet import VIRTUAL_PET
from specs.volume import VolumeSpec
from tests.client.derived import judged, written
from tests.preprocessing.mibg_volumes import true_masks
from tests.specs.records import contract

GREEN, RED, YELLOW = np.array((90, 220, 120)), np.array((255, 80, 80)), np.array((255, 220, 80))
"""Outlines of liver, heart and mediastinum."""


def served(spec: VolumeSpec = MIBG_ORGANS) -> ServedModel:
    made = contract(spec)
    return ServedModel(contract=made, contract_sha256=made.sha256())


@cache
def study(site: Site = Site.A) -> tuple[MibgPhantom, PreparedMibg, NDArray[np.uint8]]:
    """Return a patient, prepared, with the labels of the true masks."""
    phantom = mibg_phantom(seed=21, index=3, site=site)
    prepared = prepare_mibg(phantom.datasets(), MIBG_VOLUMES_48)
    assert isinstance(prepared, PreparedMibg), prepared.reason
    labels = [
        organ_labels(true_masks(phantom, time), point.volume, recipe=MIBG_VOLUMES_48, head=ORGANS)
        for time, point in zip(MibgTime, (prepared.early, prepared.late), strict=True)
    ]
    return phantom, prepared, np.stack(labels)


@cache
def delivered(site: Site) -> VolumeResult:
    _, prepared, labels = study(site)
    return organ_result(served(), prepared, labels, delivered=True)


def test_true_labels_measure_the_phantom() -> None:
    phantom, prepared, labels = study()
    found = organ_result(served(), prepared, labels, delivered=False)
    assert (found.picture, found.objects) == (None, ())
    values = {measurement.name: measurement.value for measurement in found.measurements}
    heart_ml = phantom.truth.wall_ml + phantom.truth.cavity_ml
    assert values["heart_ml_early"] == pytest.approx(heart_ml, rel=0.08)
    assert values["spect_washout_of_heart"] == pytest.approx(phantom.truth.washout_percent, abs=6)
    assert values["planar_heart_to_mediastinum_late_standardized"] > 1
    assert "late heart counts" in found.summary
    assert "unknown" not in found.summary


def test_what_is_unknown_is_no_measurement_and_the_summary_says_why() -> None:
    _, prepared, labels = study()
    blind = labels.copy()
    blind[0][blind[0] == 1] = 0
    found = organ_result(served(), prepared, blind, delivered=False)
    names = {measurement.name for measurement in found.measurements}
    assert "heart_counts_early" not in names
    assert "heart_counts_late" in names
    assert found.summary.endswith("early heart volume in view unknown: no heart was found")


@pytest.mark.parametrize("site", list(Site))
def test_segmentations_of_both_times_pass_the_judges_and_refer_to_their_images(site: Site, tmp_path: Path) -> None:
    _, prepared, _ = study(site)
    found = delivered(site)
    assert [each.name for each in found.objects] == ["organs_early", "organs_late"]
    for each, point in zip(found.objects, (prepared.early, prepared.late), strict=True):
        ds = written(each.ds)
        reference = ds.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
        assert reference.ReferencedSOPInstanceUID == point.source.SOPInstanceUID
        assert [item.SegmentLabel for item in ds.SegmentSequence] == ["heart", "lungs", "liver"]
        assert ds.SegmentsOverlap == "NO"
        judged(ds, tmp_path)


def test_where_nothing_was_found_there_is_a_picture_and_no_segmentation() -> None:
    _, prepared, labels = study()
    found = organ_result(served(), prepared, np.zeros_like(labels), delivered=True)
    assert found.objects == ()
    assert found.picture is not None
    assert found.measurements == ()


def center(picture: NDArray[np.uint8], color: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return row and column of the middle of what has a color."""
    places = np.argwhere(np.abs(picture.astype(int) - color).sum(axis=-1) < 60)
    assert len(places) > 20
    return np.asarray(places.mean(axis=0))


@pytest.mark.parametrize("site", list(Site))
def test_in_the_picture_the_liver_is_at_the_left_and_below_the_heart(site: Site) -> None:
    picture = delivered(site).picture
    assert picture is not None
    assert picture.shape == (982, 1100, 3)
    for left in (0, 320):
        coronal = picture[22:342, left : left + 320]
        liver, heart = center(coronal, GREEN), center(coronal, RED)
        assert liver[0] > heart[0]
        assert liver[1] < heart[1]


def test_the_picture_is_of_the_volumes_own_size_whatever_their_voxels_are() -> None:
    sizes = []
    for site in Site:
        picture = delivered(site).picture
        assert picture is not None
        rows = np.argwhere(np.abs(picture[22:342, :320].astype(int) - RED).sum(axis=-1) < 60)[:, 0]
        sizes.append(np.ptp(rows))
    assert abs(sizes[0] - sizes[1]) < 12  # the same person, other voxels and another position


def test_nothing_of_the_patient_is_in_a_summary_or_a_name() -> None:
    phantom, prepared, labels = study()
    ds = phantom.spect_dataset(MibgTime.EARLY)
    found = organ_result(served(), prepared, labels, delivered=False)
    said = found.summary + " ".join(f"{each.name} {each.title}" for each in found.measurements)
    assert str(ds.PatientName) not in said
    assert ds.PatientID not in said


def test_a_model_of_another_answer_is_refused() -> None:
    _, prepared, labels = study()
    with pytest.raises(ContractError, match="does not answer a MIBG study with organs"):
        organ_result(served(VIRTUAL_PET), prepared, labels, delivered=False)


def shown(phantom: MibgPhantom) -> tuple[PictureTime, PictureTime]:
    """Return what a picture of a phantom shows, by the true masks."""
    prepared = prepare_mibg(phantom.datasets(), MIBG_VOLUMES_48)
    assert isinstance(prepared, PreparedMibg), prepared.reason
    times = (
        MaskedTime(time=time, point=point, masks=true_masks(phantom, time))
        for time, point in zip(MibgTime, (prepared.early, prepared.late), strict=True)
    )
    early, late = (PictureTime(masked=each, regions=planar_regions(each, MIBG_VOLUMES_48)) for each in times)
    return early, late


def test_a_picture_shows_why_something_is_unknown() -> None:
    early, late = shown(study()[0])
    quantities = mibg_quantities(early.masked, late.masked, MIBG_VOLUMES_48)
    full, none = organ_picture(early, late, quantities), organ_picture(early, late, ())
    assert not np.array_equal(full[:, 640:], none[:, 640:])
    np.testing.assert_array_equal(full[:, :640], none[:, :640])


def test_the_legend_names_the_mediastinum_where_it_is_drawn() -> None:
    early, late = shown(study()[0])
    unknown = replace(early, regions=Unknown(reason="not measured"))
    yellow = [
        int((picture[:, 640:] == (255, 220, 80)).all(axis=-1).sum())
        for picture in (organ_picture(early, late, ()), organ_picture(unknown, unknown, ()))
    ]
    assert yellow[0] > 0
    assert yellow[1] == 0


def test_planar_images_are_shown_with_circle_and_rectangle_where_they_were_measured() -> None:
    early, late = shown(study()[0])
    picture = organ_picture(early, late, ())
    for left, each in ((0, early), (320, late)):
        regions = each.regions
        assert isinstance(regions, PlanarRatio)
        panel = picture[662:982, left : left + 320]
        for region, color in ((regions.heart, RED), (regions.mediastinum, YELLOW)):
            middle = [(part.mean() - 63.5) * 3.2 * 0.8 + 159.5 for part in np.nonzero(region)]  # 0.8 pixels a mm
            np.testing.assert_allclose(center(panel, color), middle, atol=3)


def test_without_a_place_of_the_heart_a_planar_image_is_shown_plain_and_without_an_image_nothing() -> None:
    early, late = shown(study()[0])
    absent = Unknown(reason="the study has no late planar image")
    without = replace(
        late, masked=replace(late.masked, point=replace(late.masked.point, planar=absent)), regions=absent
    )
    picture = organ_picture(replace(early, regions=Unknown(reason="no heart was found")), without, ())
    plain = picture[682:960, 20:300]
    assert (plain == plain[..., :1]).all()
    assert plain.max() > 200
    assert not picture[662:, 320:640].any()
    assert organ_picture(without, without, ()).shape == (662, 1100, 3)


def test_the_chest_of_a_study_of_low_uptake_is_not_dark() -> None:
    (phantom,) = mibg_cohort(Part.DEMONSTRATION, count=1)
    early, late = shown(phantom)
    assert isinstance(early.regions, PlanarRatio)
    picture = organ_picture(early, late, ())
    heart_row, heart_column = center(picture[22:342, :320], RED).round().astype(int)
    inside = picture[22:342, :320][heart_row - 5 : heart_row + 6, heart_column - 5 : heart_column + 6]
    assert inside.mean() > 80  # 25 when the liver set the brightness
    row, column = center(picture[662:982, :320], RED).round().astype(int)
    assert 80 < picture[662 + row - 10 : 662 + row + 10, column - 10 : column + 10].mean() < 240
