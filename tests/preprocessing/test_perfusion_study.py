"""A perfusion study becomes short-axis slices of both states, however its files are stored, or says why not."""

import pickle
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage

from evaluation.polar_map import polar_map, segment_values
from phantoms import PerfusionPhantom, PerfusionState, perfusion_phantom
from preprocessing import NotEligible, PreparedPerfusion
from preprocessing.perfusion_study import prepare_perfusion, shares_on_wire
from preprocessing.short_axis import short_axis_directions
from specs.myocardial_segments import PERFUSION_MAP
from specs.perfusion_pairing import Role
from specs.perfusion_slices import PERFUSION_SLICES_48 as RECIPE
from specs.told import Told
from tests.preprocessing.perfusion_images import (
    AS_DRAWN,
    REST_INJECTION,
    Storage,
    agent,
    another_series,
    drug,
    rest_image,
    stress_image,
    without_times,
)
from tests.preprocessing.shells import COARSE, EVEN, Shell, tilted
from tests.preprocessing.tomography import coded_item

INFERIOR, LATERAL = (4, 10), (11, 16)
UNEVEN = Shell(
    values=tuple(0.5 if number in INFERIOR else 0.7 if number in LATERAL else 1.0 for number in range(1, 18))
)
"""A wall that is darkest below and less dark to the left, so that up and down, left and right are told apart."""
GRID = UNEVEN.grid(COARSE)


def prepared(*study: FileDataset, roles: dict[str, Role] | None = None) -> PreparedPerfusion:
    found = prepare_perfusion(study, RECIPE, Told(roles=roles or {}))
    assert isinstance(found, PreparedPerfusion), found.reason
    return found


def refusal(*study: FileDataset, roles: dict[str, Role] | None = None) -> str:
    found = prepare_perfusion(study, RECIPE, Told(roles=roles or {}))
    assert isinstance(found, NotEligible)
    return found.reason


def percents(found: PreparedPerfusion) -> NDArray[np.float64]:
    values = np.array(
        [segment_values(polar_map(slices, PERFUSION_MAP), PERFUSION_MAP) for slices in (found.stress, found.rest)]
    )
    return np.asarray(100 * values / values.max(axis=1, keepdims=True))


@pytest.fixture(scope="module")
def uneven() -> PreparedPerfusion:
    """Return what becomes of an uneven ventricle at stress and an even one at rest."""
    return prepared(stress_image(GRID), rest_image())


def test_segments_lie_where_they_are_and_stress_is_first(uneven: PreparedPerfusion) -> None:
    stress, rest = percents(uneven)
    assert set(np.argsort(stress)[:2] + 1) == set(INFERIOR)
    assert set(np.argsort(stress)[:4] + 1) == {*INFERIOR, *LATERAL}
    assert rest.min() > 80
    assert uneven.tensor.shape == RECIPE.slices.shape
    assert uneven.tensor.dtype == np.uint16


def test_the_tensor_holds_shares_of_the_level_of_the_wall(uneven: PreparedPerfusion) -> None:
    for wire, slices in zip(uneven.tensor, (uneven.stress, uneven.rest), strict=True):
        step = RECIPE.largest_share / 65_535
        np.testing.assert_allclose(shares_on_wire(wire, RECIPE), slices.values, atol=step)
        assert 0.9 < np.quantile(slices.values, 0.999) < 1.3


def test_slices_are_what_the_tensor_holds_for_limits_of_normal_are_learned_on_that() -> None:
    """What is brighter than the tensor shows, as bowel, is cut off in both."""
    hot = GRID.values.copy()
    hot[7:9, 15:17, 18:20] = 8.0
    found = prepared(stress_image(replace(GRID, values=hot)), rest_image())
    assert found.tensor[0].max() == 65_535
    np.testing.assert_array_equal(shares_on_wire(found.tensor, RECIPE), [found.stress.values, found.rest.values])


def test_the_unit_of_the_counts_plays_no_part(uneven: PreparedPerfusion) -> None:
    scaled = prepared(stress_image(GRID, RescaleSlope=0.25, RescaleIntercept=0), rest_image())
    assert np.abs(scaled.tensor.astype(int) - uneven.tensor).max() <= 2


STORAGES = st.tuples(st.permutations(range(3)), st.tuples(st.booleans(), st.booleans(), st.booleans()))


@settings(max_examples=8)
@given(storage=STORAGES, is_reversed=st.booleans())
def test_neither_the_order_of_files_and_slices_nor_the_sign_of_a_spacing_plays_a_part(
    uneven: PreparedPerfusion, storage: tuple[list[int], tuple[bool, ...]], is_reversed: bool
) -> None:
    """Base to apex and left to right are where they are, by position and orientation alone."""
    stored: Storage = (tuple(storage[0]), storage[1])
    study = [stress_image(GRID, storage=stored), rest_image(storage=AS_DRAWN)]
    found = prepared(*(reversed(study) if is_reversed else study))
    np.testing.assert_allclose(percents(found), percents(uneven), atol=1.0)
    np.testing.assert_allclose(found.stress.grid.directions, uneven.stress.grid.directions, atol=0.01)
    np.testing.assert_allclose(found.stress.grid.position_mm, uneven.stress.grid.position_mm, atol=1.0)


@pytest.mark.parametrize("flipped", [(False, False, False), (True, False, False), (True, True, False)])
def test_slices_that_were_reoriented_keep_their_long_axis_and_are_preferred(flipped: tuple[bool, bool, bool]) -> None:
    axis = tilted(20.0, 60.0)
    shell = Shell(axis=axis, values=UNEVEN.values)
    oriented = shell.grid(COARSE, directions=short_axis_directions(axis))
    storage = (0, 1, 2), flipped
    reoriented = (
        another_series(stress_image(oriented, storage=storage)),
        another_series(rest_image(oriented, storage=storage)),
    )
    found = prepared(stress_image(shell.grid(COARSE)), *reoriented, rest_image())
    taken = [*found.stress_sources, *found.rest_sources]
    assert [ds.SOPInstanceUID for ds in taken] == [ds.SOPInstanceUID for ds in reoriented]
    np.testing.assert_allclose(found.stress.ventricle.axis, axis, atol=1e-5)
    assert set(np.argsort(percents(found)[0])[:2] + 1) == set(INFERIOR)


@pytest.fixture(scope="module")
def phantom() -> PerfusionPhantom:
    """Return a patient with raw projections too."""
    return perfusion_phantom(seed=11, index=0)


def test_raw_projections_are_reconstructed_where_slices_are_not_there_of_both_states(phantom: PerfusionPhantom) -> None:
    slices = [phantom.dataset(state) for state in PerfusionState]
    raw = [phantom.projection_dataset(state) for state in PerfusionState]
    by_slices, by_views = prepared(*slices, *raw), prepared(slices[0], *raw)
    assert by_slices.rest_sources[0].SOPInstanceUID == slices[1].SOPInstanceUID
    assert [ds.SOPInstanceUID for ds in (*by_views.stress_sources, *by_views.rest_sources)] == [
        ds.SOPInstanceUID for ds in raw
    ]
    remark = "the slices were reconstructed here, from raw projections"
    assert remark not in by_slices.remarks
    assert remark in by_views.remarks
    assert np.dot(by_views.rest.ventricle.axis, phantom.ventricle(PerfusionState.REST).axis) > 0.97


def test_states_of_unequal_forms_are_no_pair(phantom: PerfusionPhantom) -> None:
    said = refusal(phantom.dataset(PerfusionState.STRESS), phantom.projection_dataset(PerfusionState.REST))
    assert said == (
        "its series are not made alike, for what was done to one state alone would look like a change of perfusion: "
        "at stress transverse slices, at rest raw projections"
    )


def test_what_is_handed_on_has_headers_without_pixels_and_travels_between_processes(uneven: PreparedPerfusion) -> None:
    travelled = pickle.loads(pickle.dumps(uneven))
    (source,) = travelled.stress_sources
    assert "PixelData" not in source
    assert source.SeriesDescription == "Stress SPECT"
    assert travelled.identity.study_instance_uid == source.StudyInstanceUID
    assert travelled.identity.series_instance_uid is None
    np.testing.assert_array_equal(travelled.tensor, uneven.tensor)


STRESS, REST = stress_image(), rest_image()
SENTINEL = "SENTINEL^PATIENT"


@pytest.mark.parametrize(
    ("study", "reason"),
    [
        ((STRESS,), "the study has only one eligible series; stress and rest must be in one study"),
        (
            (stress_image(SeriesDescription=SENTINEL, InterventionDrugInformationSequence=None),
             rest_image(SeriesDescription=SENTINEL)),
            "nothing tells which of its series is at stress; a person can say",
        ),
        ((STRESS, another_series(stress_image()), REST), "2 of its series at stress could be meant; a person can say"),
        ((stress_image(SeriesDescription="Rest"), REST), "called rest has a drug of stress about its injection"),
        (
            (STRESS, rest_image(RadiopharmaceuticalInformationSequence=[
                agent(RadiopharmaceuticalStartTime="130000", RadionuclideTotalDose=260.0)])),
            "the second dose on one day is not 1.5 times the first",
        ),
        ((STRESS, rest_image(ImageType=["DERIVED", "PRIMARY", "RECON TOMO", "EMISSION", "SYNTHETIC"])), "SYNTHETIC"),
        ((STRESS, rest_image(ImageType=["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"])), "it is gated"),
        ((STRESS, rest_image(CorrectedImage=["ATTN", "UNIF"])), "corrected (ATTN), which the model would do again"),
        (
            (STRESS, rest_image(RadiopharmaceuticalInformationSequence=[
                agent(RadiopharmaceuticalCodeSequence=[coded_item(codes.cid3111.Thallium201)])])),
            "its radiopharmaceutical is Thallium-201 (353842007 SCT), not tetrofosmin or sestamibi",
        ),
    ],
)  # fmt: skip
def test_a_study_that_cannot_be_used_says_why(study: tuple[FileDataset, ...], reason: str) -> None:
    for order in permutations(study):
        said = refusal(*order)
        assert reason in said
        assert SENTINEL not in said


def test_a_study_without_spect_says_what_is_wrong_with_what_it_has() -> None:
    ct = rest_image(Modality="CT", SOPClassUID=CTImageStorage)
    assert refusal(ct) == "modality is CT, not NM"


@pytest.mark.parametrize(
    "dark", [rest_image(replace(GRID, values=0 * GRID.values)), rest_image(RescaleSlope=1.0, RescaleIntercept=-4000.0)]
)
def test_what_is_dark_is_refused_by_its_state(dark: FileDataset) -> None:
    assert refusal(STRESS, dark).startswith("at rest the left ventricle was not found: ")


def test_what_holds_no_ventricle_is_refused_by_its_state() -> None:
    empty = Shell(values=EVEN, background=1.0).grid(COARSE)
    assert refusal(STRESS, rest_image(empty)).startswith("at rest the left ventricle was not found: ")


def test_what_a_person_says_overrides_the_headers() -> None:
    uids = [str(ds.SeriesInstanceUID) for ds in (STRESS, REST)]
    swapped = prepared(STRESS, REST, roles={uids[0]: Role.REST, uids[1]: Role.STRESS})
    assert swapped.stress_sources[0].SeriesInstanceUID == REST.SeriesInstanceUID
    silent = [
        stress_image(**without_times(SeriesDescription=None)),
        rest_image(**without_times(SeriesDescription=None)),
    ]
    assert "nothing tells" in refusal(*silent)
    told = prepared(*silent, roles={uids[0]: Role.STRESS, uids[1]: Role.REST})
    assert told.stress_sources[0].SeriesInstanceUID == STRESS.SeriesInstanceUID
    chosen = prepared(STRESS, another_series(stress_image()), REST, roles={uids[0]: Role.STRESS})
    assert chosen.stress_sources[0].SeriesInstanceUID == STRESS.SeriesInstanceUID


def test_where_a_person_names_both_series_nothing_of_their_headers_is_asked() -> None:
    uids = [str(ds.SeriesInstanceUID) for ds in (STRESS, REST)]
    hardly_more = agent(RadiopharmaceuticalStartTime=REST_INJECTION, RadionuclideTotalDose=260.0)
    rest = rest_image(RadiopharmaceuticalInformationSequence=[hardly_more])
    assert "second dose" in refusal(STRESS, rest)
    named = prepared(STRESS, rest, roles={uids[0]: Role.STRESS, uids[1]: Role.REST})
    assert named.rest_sources[0].SeriesInstanceUID == REST.SeriesInstanceUID


def test_no_other_series_takes_the_place_of_a_named_one_that_is_not_eligible() -> None:
    corrected = another_series(stress_image(CorrectedImage=["ATTN", "UNIF"]))
    reason = refusal(STRESS, corrected, REST, roles={str(corrected.SeriesInstanceUID): Role.STRESS})
    assert reason.startswith("the series that was named for stress is not eligible: its image is corrected (ATTN)")


def test_a_drug_of_the_other_state_in_a_copied_header_misleads_nobody() -> None:
    rest = rest_image(InterventionDrugInformationSequence=[drug()])
    assert prepared(STRESS, rest).rest_sources[0].SeriesInstanceUID == rest.SeriesInstanceUID
