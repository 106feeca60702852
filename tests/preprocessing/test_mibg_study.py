"""A cardiac MIBG study as a tensor: the right volumes at the right place, whatever way the files are written."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.sr.codedict import codes
from scipy import ndimage

from phantoms import MibgTime, Site, mibg_phantom
from preprocessing import NotEligible
from preprocessing.count_correction import CountCorrection
from preprocessing.count_scale import in_levels
from preprocessing.mibg_study import prepare_mibg
from preprocessing.planar_image import PlanarImage
from preprocessing.prepared_volumes import PreparedMibg
from preprocessing.reading import read_dataset
from preprocessing.unknown import Unknown
from specs.mibg_volumes import MIBG_VOLUMES_48, MibgVolumes
from tests.preprocessing.mibg_studies import (
    EARLY_S,
    LATE_S,
    SHAPE,
    SMALL_MIBG,
    SPACING_MM,
    agent,
    chest_counts,
    planar,
    spect,
    study,
)
from tests.preprocessing.radiographs import file_bytes
from tests.preprocessing.tomography import coded_item


def prepared(images: list[FileDataset], recipe: MibgVolumes = SMALL_MIBG) -> PreparedMibg:
    found = prepare_mibg([read_dataset(file_bytes(ds)) for ds in images], recipe)
    assert not isinstance(found, NotEligible), found.reason
    return found


def refusal(images: list[FileDataset]) -> str:
    found = prepare_mibg(images, SMALL_MIBG)
    assert isinstance(found, NotEligible), "prepared"
    return found.reason


@pytest.mark.parametrize("site", list(Site))
def test_a_phantom_is_on_the_wire_where_it_is_in_the_patient(site: Site) -> None:
    phantom = mibg_phantom(seed=4, index=1, site=site)
    found = prepared([phantom.spect_dataset(time) for time in MibgTime], MIBG_VOLUMES_48)
    assert found.tensor.shape == (2, 48, 64, 64)
    assert found.tensor.dtype == np.uint16
    for tensor, counts in zip(found.tensor, (phantom.early, phantom.late), strict=True):
        wire = in_levels(tensor, MIBG_VOLUMES_48.scale)
        np.testing.assert_allclose(
            center_mm(wire, MIBG_VOLUMES_48.grid.spacing_mm), center_mm(counts, phantom.spacing_mm[0]), atol=1.0
        )
    for point, since_s in ((found.early, phantom.technique.early_s), (found.late, phantom.technique.late_s)):
        assert isinstance(point.correction, CountCorrection)
        assert point.correction.since_injection_s == since_s


def center_mm(counts: NDArray[np.float32], side_mm: float) -> NDArray[np.float64]:
    """Return where the center of the counts lies, from the middle of the volume."""
    middle = (np.array(counts.shape) - 1) / 2
    return (np.array(ndimage.center_of_mass(counts)) - middle) * side_mm


@settings(max_examples=10)
@given(order=st.permutations(range(4)))
def test_the_order_of_files_plays_no_part(order: list[int]) -> None:
    images = study()
    np.testing.assert_array_equal(prepared([images[index] for index in order]).tensor, prepared(images).tensor)


@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_the_order_of_slices_and_the_sign_of_their_spacing_play_no_part(seed: int) -> None:
    counts = chest_counts(seed)
    slice_mm, *sides_mm = SPACING_MM
    top_mm = -500.0 + slice_mm * (SHAPE[0] - 1)
    upward = study(stored_early=counts)
    downward = study(stored_early=counts[::-1], spacing_mm=(-slice_mm, *sides_mm), position_mm=(-40.0, -30.0, top_mm))
    np.testing.assert_array_equal(prepared(downward).tensor[0], prepared(upward).tensor[0])


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), axis=st.sampled_from([0, 1, 2]))
def test_a_flipped_patient_is_a_flipped_tensor(seed: int, axis: int) -> None:
    counts = chest_counts(seed)
    plain, flipped = (prepared(study(stored_early=each)).tensor[0] for each in (counts, np.flip(counts, axis)))
    difference = flipped.astype(int) - np.flip(plain, axis).astype(int)
    assert np.abs(difference).max() <= 1  # the last digit of a weight


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), times=st.floats(20, 60))
def test_a_hot_spot_changes_nothing_but_itself(seed: int, times: float) -> None:
    counts = chest_counts(seed)
    hot = counts.copy()
    place = (slice(8, 10), slice(0, 2), slice(3, 5))
    hot[place] = (1000 * times,)  # a thyroid
    plain, with_hot = (prepared(study(stored_early=each)).tensor[0] for each in (counts, hot))
    below = (slice(0, 6), slice(None), slice(None))
    # of 720 voxels 8 are hot: the level moves by a rank or so
    np.testing.assert_allclose(with_hot[below], plain[below], rtol=0.02, atol=1)


def test_each_volume_has_its_own_scale() -> None:
    counts = chest_counts()
    found = prepared([spect(EARLY_S, stored=counts), spect(LATE_S, stored=counts // 2)])
    np.testing.assert_allclose(found.tensor[1], found.tensor[0], rtol=0.02)


def test_what_is_brighter_than_the_tensor_shows_is_cut_off() -> None:
    counts = chest_counts()
    counts[5, 4, 4] = 60_000
    assert prepared(study(stored_early=counts)).tensor[0].max() == 65_535


@pytest.mark.parametrize("late_s", [2.1 * 3600, 4 * 3600, 5.9 * 3600])
def test_late_is_whenever_the_recipe_says(late_s: float) -> None:
    found = prepared([spect(late_s, stored=chest_counts(2)), spect(EARLY_S, stored=chest_counts(1))])
    np.testing.assert_array_equal(found.tensor, prepared(study()).tensor)


def test_a_volume_at_another_time_plays_no_part() -> None:
    np.testing.assert_array_equal(prepared([*study(), spect(6.5 * 3600)]).tensor, prepared(study()).tensor)


def test_volumes_corrected_for_attenuation_at_both_times_are_preferred() -> None:
    plain = [spect(since_s, name="plain", CorrectedImage=["UNIF"]) for since_s in (EARLY_S, LATE_S)]
    np.testing.assert_array_equal(prepared([*plain, *study()]).tensor, prepared(study()).tensor)
    np.testing.assert_array_equal(
        prepared([*study(CorrectedImage=["UNIF"]), spect(LATE_S, name="corrected")]).tensor, prepared(study()).tensor
    )


def test_which_of_several_volumes_was_taken_is_remarked_and_both_series_are_named() -> None:
    images = study()
    assert prepared(images).remarks == ()
    assert [(each.volume, each.series_instance_uid) for each in prepared(images).source_series] == [
        ("early", images[0].SeriesInstanceUID),
        ("late", images[1].SeriesInstanceUID),
    ]
    plain = [spect(since_s, name="plain", CorrectedImage=["UNIF"]) for since_s in (EARLY_S, LATE_S)]
    assert prepared([*plain, *images]).remarks == (
        "of 2 eligible early volumes the one was taken whose corrected image names ATTN",
        "of 2 eligible late volumes the one was taken whose corrected image names ATTN",
    )
    assert prepared([*plain, images[1]]).remarks == (
        "of 2 eligible late volumes the one was taken whose corrected image does not name ATTN",
    )


ANOTHER_RADIONUCLIDE = agent(RadionuclideCodeSequence=[coded_item(codes.cid18._131Iodine)])
ANOTHER_TRACER = agent(Radiopharmaceutical="Tl-201 chloride")


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        ([spect(EARLY_S)], "it has no late volume, acquired 120 to 360 minutes after the injection"),
        ([spect(LATE_S)], "it has no early volume, acquired 5 to 90 minutes after the injection"),
        ([spect(100 * 60.0), spect(LATE_S)], "it has no early volume"),
        ([*study(), spect(EARLY_S, name="again")], "2 of its volumes are early ones"),
        ([*study(), spect(2.5 * 3600)], "2 of its volumes are late ones"),
        ([spect(EARLY_S, CorrectedImage=["UNIF"]), spect(LATE_S)], "not corrected alike (ATTN)"),
        (
            [*study(), spect(3600.0, AcquisitionTime=None)],
            "not known whether it is early or late: the date or time of the acquisition is not stated",
        ),
        (
            study(RadiopharmaceuticalInformationSequence=[agent(RadiopharmaceuticalStartTime=None)]),
            "not known whether it is early or late: the time of the injection is not stated",
        ),
        (study(ImageType=["DERIVED", "SECONDARY", "RECON TOMO", "EMISSION", "SYNTHETIC"]), "SYNTHETIC"),
        (study(ImageType=["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]), "raw projections"),
        (study(RadiopharmaceuticalInformationSequence=[ANOTHER_RADIONUCLIDE]), "its radionuclide is not ^123^Iodine"),
        (study(RadiopharmaceuticalInformationSequence=[ANOTHER_TRACER]), "not Metaiodobenzylguanidine"),
        (
            study(RadiopharmaceuticalInformationSequence=[agent(Radiopharmaceutical=None)]),
            "its radiopharmaceutical is not stated",
        ),
        (study(directions=((0.8, 0.6, 0.0), (-0.6, 0.8, 0.0))), "more than 3 degrees"),
        (study(spacing_mm=(10.0, 24.0, 28.0)), "smaller than 160 x 200 x 200 mm"),
        (study(stored_early=np.zeros(SHAPE, np.uint16)), "its early volume is almost empty"),
        ([planar(EARLY_S), planar(LATE_S)], "a planar image, not slices"),
    ],
)
def test_what_is_not_two_volumes_at_known_times_is_refused(images: list[FileDataset], reason: str) -> None:
    assert reason in refusal(images)


def test_a_refusal_names_what_is_wrong_with_the_volumes_that_were_passed_over() -> None:
    late = spect(LATE_S, RadiopharmaceuticalInformationSequence=[ANOTHER_TRACER])
    said = refusal([spect(EARLY_S), late, planar(EARLY_S)])
    assert said.startswith("it has no late volume, acquired 120 to 360 minutes after the injection; ")
    assert "not Metaiodobenzylguanidine" in said
    assert "planar" not in said
    untimed = spect(LATE_S, name="untimed", AcquisitionTime=None)
    said = refusal([spect(EARLY_S), late, untimed])
    assert "not known whether it is early or late" in said
    assert "not Metaiodobenzylguanidine" in said


def test_oblique_slices_and_projections_of_the_same_acquisition_are_no_second_volume() -> None:
    oblique = spect(EARLY_S, name="short axis", directions=((0.8, 0.6, 0.0), (-0.6, 0.8, 0.0)))
    raw = spect(EARLY_S, name="raw", ImageType=["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"])
    of_thallium = spect(EARLY_S, name="Tl", RadiopharmaceuticalInformationSequence=[ANOTHER_TRACER])
    found = prepared([*study(), oblique, raw, of_thallium])
    np.testing.assert_array_equal(found.tensor, prepared(study()).tensor)


@pytest.mark.parametrize(
    "named",
    [
        {"Radiopharmaceutical": "I-123 Metaiodobenzylguanidin"},
        {"Radiopharmaceutical": "AdreView"},
        {"RadiopharmaceuticalCodeSequence": [coded_item(codes.SCT.Metaiodobenzylguanidine123I)]},
    ],
)
def test_the_tracer_is_known_by_its_names_and_its_code(named: dict[str, Any]) -> None:
    prepared(study(RadiopharmaceuticalInformationSequence=[agent(**{"Radiopharmaceutical": None} | named)]))


def test_131_iodine_is_known_by_its_code() -> None:
    code = [coded_item(codes.SCT.Metaiodobenzylguanidine131I)]
    assert "not Metaiodobenzylguanidine I^123^" in refusal(
        study(RadiopharmaceuticalInformationSequence=[agent(RadiopharmaceuticalCodeSequence=code)])
    )


def test_what_counts_cannot_be_corrected_by_is_no_refusal_but_has_its_reason() -> None:
    found = prepared(study(PatientWeight=0.0))
    for point in (found.early, found.late):
        assert isinstance(point.correction, Unknown)
        assert "weight is not within" in point.correction.reason


def test_planar_images_belong_to_their_times() -> None:
    found = prepared(study())
    assert isinstance(found.early.planar, PlanarImage)
    assert isinstance(found.late.planar, PlanarImage)
    assert found.early.planar.collimator == "MEGP"


NO_PLANAR = [spect(EARLY_S), spect(LATE_S)]


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        ([], "the study has no early planar image"),
        ([planar(LATE_S)], "the study has no early planar image"),
        ([planar(EARLY_S), planar(600.0)], "2 of the study's planar images are early ones"),
        ([planar(EARLY_S, DetectorInformationSequence=[])], "none of its frames is said to be an anterior view"),
        ([planar(EARLY_S, PixelSpacing=[0.0, 24.0])], "PixelSpacing has a value that DICOM does not allow"),
        ([planar(EARLY_S, RadiopharmaceuticalInformationSequence=[ANOTHER_TRACER])], "no early planar image"),
    ],
)
def test_planar_images_are_never_a_reason_to_refuse(images: list[FileDataset], reason: str) -> None:
    found = prepared([*NO_PLANAR, *images]).early.planar
    assert isinstance(found, Unknown)
    assert reason in found.reason


def test_what_is_prepared_travels_between_processes_without_pixels() -> None:
    found = pickle.loads(pickle.dumps(prepared(study())))
    np.testing.assert_array_equal(found.tensor, prepared(study()).tensor)
    assert "PixelData" not in found.early.source
    assert found.early.source.SOPInstanceUID != found.late.source.SOPInstanceUID
    assert found.identity.series_instance_uid is None
    assert found.identity.study_instance_uid == found.late.source.StudyInstanceUID
