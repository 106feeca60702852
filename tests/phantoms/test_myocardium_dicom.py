"""DICOM files of phantoms of myocardial perfusion: what is drawn is read back, and headers say what pairing needs."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import FileDataset
from pydicom.filewriter import dcmwrite

from phantoms import PerfusionState, Site, perfusion_phantom
from phantoms.myocardium_sites import PERFUSION_HABITS, PerfusionProtocol
from preprocessing import NotEligible
from preprocessing.left_ventricle import find_left_ventricle
from preprocessing.reading import read_dataset
from preprocessing.reconstruction import reconstruct_series
from preprocessing.sampling import as_grid
from preprocessing.series import Series
from preprocessing.volume import Volume, read_volume
from specs.left_ventricle import PERFUSED_VENTRICLE
from specs.reconstruction import CARDIAC_FILTERED_BACK_PROJECTION
from specs.series import SPECT_SERIES
from tests.judges import complaints
from tests.phantoms.imaged_hearts import imaged

STRESS, REST = PerfusionState

SITES = pytest.mark.parametrize("site", list(Site))


def read(ds: FileDataset) -> Volume:
    """Write an image and read it as the client does."""
    content = BytesIO()
    dcmwrite(content, ds, enforce_file_format=True)
    volume = read_volume(Series.of([read_dataset(content.getvalue())]), SPECT_SERIES)
    assert not isinstance(volume, NotEligible), volume.reason
    return volume


@SITES
@settings(max_examples=3)
@given(index=st.integers(0, 500), state=st.sampled_from(list(PerfusionState)))
def test_the_reader_finds_the_volume_in_patient_axes_however_it_is_stored(
    site: Site, index: int, state: PerfusionState
) -> None:
    phantom = perfusion_phantom(seed=1, index=index, site=site)
    volume, drawn = read(phantom.dataset(state)), phantom.spect(state)
    np.testing.assert_array_equal(volume.values, np.rint(drawn.values))
    np.testing.assert_allclose(volume.spacing_mm, drawn.spacing_mm)
    np.testing.assert_allclose(volume.position_mm, drawn.position_mm, atol=1e-3)


@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize("head_first", [False, True])
def test_in_a_written_file_the_apex_is_left_of_the_base_and_the_liver_on_the_right(
    above: bool, head_first: bool
) -> None:
    phantom = imaged(2)
    technique = replace(phantom.technique, seen_from_above=above, head_first_slice=head_first)
    volume = read(replace(phantom, technique=technique).dataset(REST))
    true = phantom.ventricle(REST)
    found = find_left_ventricle(as_grid(volume), PERFUSED_VENTRICLE)
    assert np.dot(found.axis, true.axis) > 0.97
    assert found.axis[0] > 0.3 > -0.3 > found.axis[1]  # to the left and the front
    below = volume.values[: volume.values.shape[0] // 4]
    middle = round(-volume.position_mm[0] / volume.spacing_mm[2])
    assert below[:, :, :middle].sum() > 1.5 * below[:, :, middle:].sum()


def test_slices_reconstructed_from_raw_projections_hold_the_ventricle_where_it_is() -> None:
    phantom = imaged(0)
    content = BytesIO()
    dcmwrite(content, phantom.projection_dataset(REST), enforce_file_format=True)
    series = Series.of([read_dataset(content.getvalue())])
    volume = reconstruct_series(series, CARDIAC_FILTERED_BACK_PROJECTION)
    assert not isinstance(volume, NotEligible), volume.reason
    np.testing.assert_allclose(volume.position_mm, phantom.spect(REST).position_mm, atol=1e-3)
    found, true = find_left_ventricle(as_grid(volume), PERFUSED_VENTRICLE), phantom.ventricle(REST)
    assert np.dot(found.axis, true.axis) > 0.97
    assert np.linalg.norm(np.cross(np.subtract(found.center_mm, true.center_mm), true.axis)) < 5


def test_stress_and_rest_are_told_apart_by_times_doses_and_the_drug() -> None:
    protocols = set()
    for index in range(12):
        for site in Site:
            phantom = perfusion_phantom(seed=5, index=index, site=site)
            stress, rest = phantom.technique.stress, phantom.technique.rest
            protocol = phantom.technique.protocol
            protocols.add(protocol)
            assert protocol in PERFUSION_HABITS[site].protocols
            assert (stress.injection_s < rest.injection_s) == (protocol is not PerfusionProtocol.REST_FIRST)
            first, second = sorted((stress, rest), key=lambda timing: timing.injection_s)
            assert first.injection_s < first.image_s < second.injection_s < second.image_s
            apart = second.dose_mbq / first.dose_mbq
            assert apart == pytest.approx(1 if protocol is PerfusionProtocol.TWO_DAYS else 3, rel=0.01)
    assert protocols == set(PerfusionProtocol)


@SITES
def test_headers_say_what_pairing_needs(site: Site) -> None:
    phantom = perfusion_phantom(seed=2, index=1, site=site)
    stress, rest = phantom.datasets()
    assert stress.StudyInstanceUID == rest.StudyInstanceUID == phantom.study_uid
    assert stress.SeriesInstanceUID != rest.SeriesInstanceUID
    assert stress.FrameOfReferenceUID != rest.FrameOfReferenceUID
    assert stress.InterventionDrugInformationSequence[0].InterventionDrugName == "Adenosine"
    assert "InterventionDrugInformationSequence" not in rest
    for ds, state in ((stress, STRESS), (rest, REST)):
        timing = phantom.technique.timing(state)
        tracer = ds.RadiopharmaceuticalInformationSequence[0]
        assert tracer.RadionuclideTotalDose == timing.dose_mbq
        assert seconds(tracer.RadiopharmaceuticalStartTime) == timing.injection_s % 86_400
        assert seconds(ds.AcquisitionTime) == timing.image_s % 86_400
        assert ds.AcquisitionDate == f"2020010{1 + int(timing.image_s // 86_400)}"
        assert ds.SeriesDescription.startswith(state.value)
        assert "not a patient" in ds.SeriesDescription
        assert str(ds.PatientName).startswith("PHANTOM")


def seconds(time: str) -> float:
    return 3600 * int(time[:2]) + 60 * int(time[2:4]) + int(time[4:6])


@SITES
def test_dciodvfy_finds_no_error(site: Site, tmp_path: Path) -> None:
    phantom = perfusion_phantom(seed=2, index=1, site=site)
    raw = tmp_path / "raw.dcm"
    phantom.projection_dataset(STRESS).save_as(raw, enforce_file_format=True)
    for file in (*phantom.write(tmp_path), raw):
        assert complaints(file) == []
