"""Computed volumes as NM: they come back as they were, in any orientation, and say what they are."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import FileDataset
from pydicom.sr.codedict import codes
from pydicom.uid import NuclearMedicineImageStorage
from scipy.spatial.transform import Rotation

from client.derived_nm import Derivation, derived_nm
from client.derived_objects import SeriesNumber
from phantoms import MibgTime, mibg_phantom
from preprocessing import NotEligible
from preprocessing.grid import Grid, read_grid
from preprocessing.placed_frames import PATIENT_AXES
from preprocessing.series import Series
from specs.series import CARDIAC_SPECT_SERIES
from tests.client.derived import PROVENANCE, judged, written
from tests.preprocessing.tomography import SMALL_SPECT, counting, nuclear_image

OWN_SERIES = SMALL_SPECT.model_copy(update={"refused_image_types": ()})
"""Rules that read what was computed too; those of a recipe refuse it."""
DERIVATION = Derivation(
    title="PET-like perfusion",
    series_number=SeriesNumber.REST_PERFUSION,
    description="Translated by a network from SPECT.",
)


def source(**attributes: Any) -> FileDataset:
    return nuclear_image(counting((9, 4, 4)), PatientWeight=61.5, **attributes)


def grid(values: np.ndarray, *, turn_deg: tuple[float, float, float] = (0, 0, 0), mirrored: bool = False) -> Grid:
    directions = PATIENT_AXES @ Rotation.from_euler("xyz", turn_deg, degrees=True).as_matrix().T
    if mirrored:
        directions[0] *= -1
    return Grid(
        values=values.astype(np.float32),
        directions=directions,
        spacing_mm=(6.4, 5.0, 4.0),
        position_mm=(-31.25, 12.5, -402.75),
        unit="CNTS",
    )


def made(of: Grid, *sources: FileDataset) -> FileDataset:
    return written(derived_nm(of, sources or (source(),), derivation=DERIVATION, provenance=PROVENANCE))


def back(ds: FileDataset) -> Grid:
    found = read_grid(Series.of([ds]), OWN_SERIES)
    assert isinstance(found, Grid), found.reason
    return found


ANGLES = st.floats(-180, 180).map(lambda angle: round(angle, 3))


@settings(max_examples=25)
@given(turn_deg=st.tuples(ANGLES, ANGLES, ANGLES), seed=st.integers(0, 99))
def test_a_volume_comes_back_in_any_orientation(turn_deg: tuple[float, float, float], seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 60_000, (5, 4, 3))
    of = grid(values, turn_deg=turn_deg)
    found = back(made(of))
    np.testing.assert_array_equal(found.values, of.values)
    np.testing.assert_allclose(found.directions, of.directions, atol=1e-9)
    np.testing.assert_allclose(found.spacing_mm, of.spacing_mm, rtol=1e-9)
    np.testing.assert_allclose(found.position_mm, of.position_mm, atol=1e-6)


def test_slices_stacked_against_the_normal_get_a_negative_spacing_and_keep_their_places() -> None:
    of = grid(counting((5, 4, 3)), turn_deg=(20, -35, 50), mirrored=True)
    ds = made(of)
    assert ds.SpacingBetweenSlices < 0
    found = back(ds)  # in the order of the normal: the other way round
    np.testing.assert_array_equal(found.values, of.values[::-1])
    np.testing.assert_allclose(found.directions, [-of.directions[0], *of.directions[1:]], atol=1e-9)
    last = np.array(of.position_mm) + 4 * 6.4 * of.directions[0]
    np.testing.assert_allclose(found.position_mm, last, atol=1e-6)


@settings(max_examples=15)
@given(largest=st.floats(1e-6, 1e9), seed=st.integers(0, 99))
def test_real_values_come_back_to_a_part_in_a_hundred_thousand_of_the_largest(largest: float, seed: int) -> None:
    of = grid(np.random.default_rng(seed).random((4, 3, 3)) * largest)
    found = back(made(of))
    assert np.abs(found.values - of.values).max() <= 1e-5 * of.values.max()
    assert found.values.max() == pytest.approx(of.values.max(), rel=1e-6)


def test_an_empty_volume_is_written_too() -> None:
    np.testing.assert_array_equal(back(made(grid(np.zeros((4, 3, 3))))).values, 0)


def test_it_is_nm_and_says_that_it_is_synthetic_derived_and_of_what() -> None:
    stress, rest = source(), source()
    rest.SOPInstanceUID = "1.2.3.4"
    ds = made(grid(counting((5, 4, 3))), stress, rest)
    assert (ds.Modality, ds.SOPClassUID) == ("NM", NuclearMedicineImageStorage)
    assert list(ds.ImageType[:3]) == ["DERIVED", "PRIMARY", "RECON TOMO"]
    assert "synthetic" in ds.SeriesDescription.lower()
    assert "not for clinical use" in ds.SeriesDescription
    assert PROVENANCE.contract_sha256 in ds.DerivationDescription
    assert "Translated by a network" in ds.DerivationDescription
    references = [item.ReferencedSOPInstanceUID for item in ds.SourceImageSequence]
    assert references == [stress.SOPInstanceUID, "1.2.3.4"]
    assert {item.ReferencedSOPClassUID for item in ds.SourceImageSequence} == {NuclearMedicineImageStorage}
    assert (ds.StudyInstanceUID, ds.FrameOfReferenceUID) == (stress.StudyInstanceUID, stress.FrameOfReferenceUID)
    assert ds.SeriesInstanceUID != stress.SeriesInstanceUID
    assert ds.PatientWeight == 61.5


def test_a_concept_of_the_derivation_is_written_where_there_is_one() -> None:
    coded = replace(DERIVATION, code=codes.cid7203.SpatialResampling)
    ds = derived_nm(grid(counting((5, 4, 3))), (source(),), derivation=coded, provenance=PROVENANCE)
    assert ds.DerivationCodeSequence[0].CodeValue == "113085"
    assert "DerivationCodeSequence" not in made(grid(counting((5, 4, 3))))


def test_a_recipe_does_not_take_it_for_a_measurement() -> None:
    ds = made(grid(np.ones((9, 4, 4))))
    refused = read_grid(Series.of([ds]), CARDIAC_SPECT_SERIES)
    assert isinstance(refused, NotEligible)
    assert "image type is SYNTHETIC: computed by a network, not measured" in refused.reasons


def test_the_same_result_is_the_same_object_and_another_one_is_another() -> None:
    of = grid(counting((5, 4, 3)))
    first = made(of)
    assert {element.keyword: element.value for element in first} == {
        element.keyword: element.value for element in made(of)
    }
    others = [made(replace(of, values=of.values + 1)), made(replace(of, position_mm=(0, 0, 0)))]
    assert len({first.SOPInstanceUID, *(other.SOPInstanceUID for other in others)}) == 3
    assert len({first.SeriesInstanceUID, *(other.SeriesInstanceUID for other in others)}) == 3


@pytest.mark.parametrize("turn_deg", [(0.0, 0.0, 0.0), (33.0, -41.0, 12.5)])
@pytest.mark.parametrize("scale", [1.0, 0.37])
def test_dciodvfy_finds_no_error_and_dcmtk_opens_it(
    turn_deg: tuple[float, float, float], scale: float, tmp_path: Path
) -> None:
    phantom = mibg_phantom(seed=2, index=1)
    of = grid(counting((5, 4, 3)) * scale, turn_deg=turn_deg)
    judged(made(of, phantom.spect_dataset(MibgTime.EARLY)), tmp_path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"values": np.full((4, 3, 3), -1.0, np.float32)}, "0 and up"),
        ({"values": np.full((4, 3, 3), np.nan, np.float32)}, "finite"),
        ({"directions": np.diag([1.0, 1.0, 2.0])}, "orthogonal"),
    ],
)
def test_a_volume_that_no_image_can_hold_is_refused(change: dict[str, Any], reason: str) -> None:
    of = replace(grid(np.ones((4, 3, 3))), **change)
    with pytest.raises(ValueError, match=reason):
        made(of)


def test_sources_that_are_none_are_refused() -> None:
    of, other = grid(np.ones((4, 3, 3))), source()
    other.StudyInstanceUID = "1.2.3"
    picture = source()
    picture.Modality = "PT"
    for sources, reason in (((), "computed from NM"), ((picture,), "computed from NM"), ((source(), other), "several")):
        with pytest.raises(ValueError, match=reason):
            derived_nm(of, sources, derivation=DERIVATION, provenance=PROVENANCE)
    with pytest.raises(ValueError, match="title"):
        derived_nm(of, (source(),), derivation=replace(DERIVATION, title="x" * 40), provenance=PROVENANCE)
