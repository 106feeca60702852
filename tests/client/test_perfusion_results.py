"""What virtual PET says of a study: known segments, scores by the contract's limits, maps, and derived NM."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from client.errors import ContractError, InputError, OutputError
from client.perfusion_picture import NOTE, CaptionedMap, perfusion_picture
from client.perfusion_results import PerfusionImage, perfusion_result, score_name, segment_name, sum_name
from client.polar_picture import polar_picture
from client.volume_results import VolumeResult
from preprocessing import NotEligible, PreparedPerfusion
from preprocessing.grid import Grid, read_grid
from preprocessing.series import Series
from preprocessing.short_axis import short_axis
from specs.left_ventricle import SHORT_AXIS_48
from specs.mibg_organs import MIBG_ORGANS
from specs.myocardial_segments import AHA_SEGMENTS, PERFUSION_MAP
from specs.perfusion_pairing import Role
from specs.series import SPECT_SERIES
from tests.client.derived import judged, written
from tests.client.perfusion import phantom, prepared, prepared_phantom, served
from tests.preprocessing.perfusion_images import rest_image, stress_image
from tests.preprocessing.shells import EVEN, FINE, Shell
from tests.specs.records import contract

VIRTUAL_PET, SPECT = PerfusionImage
STRESS, REST = Role
DEFECT = tuple(0.6 if number in (4, 10) else 1.0 for number in range(1, 18))


def drawn(study: PreparedPerfusion, stress: tuple[float, ...], rest: tuple[float, ...]) -> NDArray[np.float32]:
    """Draw an answer with known segments where the ventricles were found."""
    volumes = []
    for slices, values in ((study.stress, stress), (study.rest, rest)):
        found = slices.ventricle
        shell = Shell(
            axis=found.axis,
            center_mm=found.center_mm,
            apex_mm=found.apex_mm,
            radius_mm=found.radius_mm,
            base_mm=found.base_mm,
            values=values,
        )
        volumes.append(short_axis(shell.grid(FINE), found, SHORT_AXIS_48).values)
    return np.stack(volumes)


@pytest.fixture(scope="module")
def study() -> PreparedPerfusion:
    """Return a study whose SPECT is even in both states."""
    return prepared(stress_image(), rest_image())


@pytest.fixture(scope="module")
def result(study: PreparedPerfusion) -> VolumeResult:
    """Return what is said where virtual PET has a defect at stress only."""
    return perfusion_result(served(), study, drawn(study, DEFECT, EVEN), delivered=False)


def values(result: VolumeResult) -> dict[str, float]:
    return {measured.name: measured.value for measured in result.measurements}


def test_segments_of_virtual_pet_and_of_spect_are_percent_of_their_highest(result: VolumeResult) -> None:
    found = values(result)
    for image in PerfusionImage:
        for state in Role:
            of_state = [found[segment_name(image, state, segment.number)] for segment in AHA_SEGMENTS]
            assert max(of_state) == pytest.approx(100)
            has_defect = (image, state) == (VIRTUAL_PET, STRESS)
            assert [n for n, each in enumerate(of_state, 1) if each < 80] == ([4, 10] if has_defect else [])
    assert found["virtual_pet_stress_04"] == pytest.approx(65, abs=8)  # the blur of the wall's edge lifts it


def test_scores_follow_the_limits_of_the_contract_and_sum_up(result: VolumeResult) -> None:
    found = values(result)
    scores = [found[score_name(VIRTUAL_PET, STRESS, segment.number)] for segment in AHA_SEGMENTS]
    assert {number for number, score in enumerate(scores, 1) if score} == {4, 10}
    assert found[sum_name(VIRTUAL_PET, "SSS")] == sum(scores) > 0
    assert found[sum_name(VIRTUAL_PET, "SRS")] == found[sum_name(SPECT, "SSS")] == 0
    assert found[sum_name(VIRTUAL_PET, "SDS")] == sum(scores)
    assert result.summary == f"SSS {sum(scores):.0f}, SRS 0, SDS {sum(scores):.0f}"


def test_every_measurement_has_its_own_name_and_unit(result: VolumeResult) -> None:
    assert len(values(result)) == len(result.measurements) == 2 * (3 + 2 * 2 * 17)
    titles = {measured.name: str(measured) for measured in result.measurements}
    assert titles["spect_rest_10"].startswith("SPECT at rest, mid inferior (10) ")
    assert titles["spect_rest_10"].endswith(" %")


def test_nothing_is_drawn_or_written_that_nobody_wants(result: VolumeResult) -> None:
    assert result.picture is None
    assert result.objects == ()


def test_an_answer_without_uptake_is_withheld(study: PreparedPerfusion) -> None:
    with pytest.raises(OutputError, match="without uptake in the wall"):
        perfusion_result(served(), study, np.zeros(study.tensor.shape, np.float32), delivered=False)


def test_spect_without_uptake_is_a_fault_of_the_study_and_not_of_the_model(study: PreparedPerfusion) -> None:
    dark = replace(study, rest=study.rest.with_values(np.zeros_like(study.rest.values)))
    with pytest.raises(InputError, match="SPECT at rest shows no uptake in the wall"):
        perfusion_result(served(), dark, drawn(study, EVEN, EVEN), delivered=False)


def test_the_contract_of_another_model_is_refused(study: PreparedPerfusion) -> None:
    other = replace(served(), contract=contract(MIBG_ORGANS))
    with pytest.raises(ContractError, match="not that of a perfusion model"):
        perfusion_result(other, study, np.ones(study.tensor.shape, np.float32), delivered=False)


@pytest.fixture(scope="module")
def delivered() -> VolumeResult:
    """Return what is delivered of a phantom, with an answer that is its own SPECT, doubled."""
    study = prepared_phantom()
    answer = 2 * np.stack([study.stress.values, study.rest.values])
    return perfusion_result(served(), study, answer, delivered=True)


def test_the_picture_has_a_map_for_each_image_and_state_and_a_note(delivered: VolumeResult) -> None:
    assert delivered.picture is not None
    assert delivered.picture.shape == (2 * (512 + 36) + 32, 2 * 512, 3)
    assert delivered.picture.dtype == np.uint8
    below = delivered.picture[2 * (512 + 36) :]
    assert (below < 128).any()  # the note
    assert "synthetic" in NOTE
    assert "research only" in NOTE


def test_maps_are_drawn_where_their_captions_are() -> None:
    shape = (4 * PERFUSION_MAP.rings, PERFUSION_MAP.angles)
    shades = np.array([[10.0, 40.0], [70.0, 100.0]])
    rows = [
        [CaptionedMap(caption="map", percents=np.full(shape, shade), sum_of_scores="SSS 0") for shade in row]
        for row in shades
    ]
    picture = perfusion_picture(rows)
    for (row, column), shade in np.ndenumerate(shades):
        top, left = 36 + row * (512 + 36), column * 512
        expected = polar_picture(np.full(shape, shade), highest=100.0)
        np.testing.assert_array_equal(picture[top : top + 512, left : left + 512], expected)
        assert (picture[top - 36 : top, left : left + 200] < 128).any()  # the caption


def read_back(ds: Dataset) -> Grid:
    rules = SPECT_SERIES.model_copy(update={"refused_image_types": ()})
    found = read_grid(Series.of([written(ds)]), rules)
    assert not isinstance(found, NotEligible), found.reason
    return found


def test_derived_images_lie_where_the_slices_are_and_hold_the_answer(delivered: VolumeResult) -> None:
    study = prepared_phantom()
    assert [each.name for each in delivered.objects] == ["virtual_pet_stress", "virtual_pet_rest"]
    for each, slices in zip(delivered.objects, (study.stress, study.rest), strict=True):
        found, expected = read_back(each.ds), slices.grid
        np.testing.assert_allclose(found.directions, expected.directions, atol=1e-6)
        np.testing.assert_allclose(found.spacing_mm, expected.spacing_mm)
        np.testing.assert_allclose(found.position_mm, expected.position_mm, atol=1e-4)
        np.testing.assert_allclose(found.values, 2 * expected.values, atol=1e-4)


def test_derived_images_say_that_they_are_synthetic_nm_and_where_they_come_from(delivered: VolumeResult) -> None:
    study, sources = prepared_phantom(), phantom().datasets()
    for each, state, source in zip(delivered.objects, Role, sources, strict=True):
        ds = each.ds
        assert (ds.Modality, list(ds.ImageType[:3])) == ("NM", ["DERIVED", "PRIMARY", "RECON TOMO"])
        assert "SYNTHETIC" in ds.ImageType
        assert ds.SeriesDescription == f"Synthetic virtual PET, {state}, not for clinical use"
        assert "no PET was made" in ds.DerivationDescription
        assert served().contract_sha256 in ds.DerivationDescription
        assert [item.ReferencedSOPInstanceUID for item in ds.SourceImageSequence] == [source.SOPInstanceUID]
        assert ds.FrameOfReferenceUID == source.FrameOfReferenceUID
        assert ds.StudyInstanceUID == study.identity.study_instance_uid
        assert ds.SeriesInstanceUID != source.SeriesInstanceUID
    assert len({each.ds.SeriesInstanceUID for each in delivered.objects}) == 2


@pytest.mark.parametrize("place", [0, 1])
def test_dciodvfy_finds_no_error_and_dcmtk_opens_it(place: int, delivered: VolumeResult, tmp_path: Path) -> None:
    judged(delivered.objects[place].ds, tmp_path)
