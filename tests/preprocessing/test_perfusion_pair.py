"""Series of stress and rest are a pair where they were made alike; what is done to one state alone is no perfusion."""

from itertools import permutations

import pytest
from pydicom.dataset import FileDataset

from preprocessing import NotEligible
from preprocessing.perfusion_pair import PairedSeries, paired_series
from preprocessing.short_axis import short_axis_directions
from specs.perfusion_pairing import NO_ROLES, Role, Roles
from specs.perfusion_slices import PERFUSION_SLICES_48 as RECIPE
from tests.preprocessing.perfusion_images import another_series, rest_image, stress_image
from tests.preprocessing.shells import COARSE, Shell, tilted

AXIS = tilted(20.0, 60.0)
ORIENTED = Shell(axis=AXIS).grid(COARSE, directions=short_axis_directions(AXIS))

STRESS, REST = stress_image(), rest_image()
STRESS_REORIENTED = another_series(stress_image(ORIENTED), name="reoriented")
REST_REORIENTED = another_series(rest_image(ORIENTED), name="reoriented")
STRESS_SCATTER, REST_SCATTER = (
    another_series(build(CorrectedImage=["UNIF", "SCAT"]), name="scatter") for build in (stress_image, rest_image)
)


def found(*study: FileDataset, roles: Roles = NO_ROLES) -> tuple[str, str] | str:
    """Return the instances that were chosen at stress and at rest, or why there are none, whatever the order."""
    pairs = [paired_series(order, RECIPE, roles) for order in permutations(study)]
    told = {pair.reason if isinstance(pair, NotEligible) else instances(pair) for pair in pairs}
    (said,) = told
    return said


def instances(pair: PairedSeries) -> tuple[str, str]:
    stress, rest = (str(state.series.datasets[0].SOPInstanceUID) for state in (pair.stress, pair.rest))
    return stress, rest


def pair_of(stress: FileDataset, rest: FileDataset) -> tuple[str, str]:
    return str(stress.SOPInstanceUID), str(rest.SOPInstanceUID)


@pytest.mark.parametrize("more", [STRESS_REORIENTED, REST_REORIENTED])
def test_a_form_that_one_state_lacks_is_not_taken(more: FileDataset) -> None:
    assert found(STRESS, REST, more) == pair_of(STRESS, REST)


def test_of_forms_that_both_states_have_the_first_is_taken() -> None:
    assert found(STRESS, REST, STRESS_REORIENTED, REST_REORIENTED) == pair_of(STRESS_REORIENTED, REST_REORIENTED)


@pytest.mark.parametrize(
    ("stress", "rest", "how"),
    [
        (STRESS_REORIENTED, REST, "at stress reoriented slices, at rest transverse slices"),
        (STRESS, REST_SCATTER, "at stress transverse slices, at rest transverse slices corrected for SCAT"),
    ],
)
def test_states_that_were_not_made_alike_are_no_pair(stress: FileDataset, rest: FileDataset, how: str) -> None:
    said = found(stress, rest)
    assert said == (
        "its series are not made alike, for what was done to one state alone would look like a change of perfusion: "
        f"{how}"
    )
    named = {str(stress.SeriesInstanceUID): Role.STRESS, str(rest.SeriesInstanceUID): Role.REST}
    assert found(stress, rest, roles=named) == said


def test_a_pair_is_corrected_alike_where_there_is_one() -> None:
    assert found(STRESS, STRESS_SCATTER, REST) == pair_of(STRESS, REST)
    assert found(STRESS, STRESS_SCATTER, REST_SCATTER) == pair_of(STRESS_SCATTER, REST_SCATTER)


def remarks(*study: FileDataset, roles: Roles = NO_ROLES) -> tuple[str, ...]:
    pair = paired_series(study, RECIPE, roles)
    assert isinstance(pair, PairedSeries), pair.reason
    return pair.remarks


def test_which_of_several_series_was_taken_is_remarked() -> None:
    assert remarks(STRESS, REST) == ()
    assert remarks(STRESS, STRESS_REORIENTED, REST_REORIENTED) == (
        "of 2 eligible series at stress the one was taken of reoriented slices",
    )
    one_named = {str(STRESS_SCATTER.SeriesInstanceUID): Role.STRESS}
    assert remarks(STRESS, STRESS_SCATTER, REST_SCATTER, roles=one_named) == (
        "of 2 eligible series at stress the one was taken that a person named",
    )
    named = {str(STRESS.SeriesInstanceUID): Role.STRESS, str(REST.SeriesInstanceUID): Role.REST}
    assert remarks(STRESS, REST, roles=named) == ()
    assert remarks(STRESS, REST, REST_SCATTER, roles=named) == (
        "of 3 eligible series of the study those were taken that a person named",
    )


def test_which_of_two_pairs_of_one_form_is_meant_is_not_guessed() -> None:
    said = found(STRESS, STRESS_SCATTER, REST, REST_SCATTER)
    assert "2 of its series at stress could be meant; a person can say" in said


def test_corrections_that_leave_shares_as_they_are_need_not_be_the_same() -> None:
    mended = another_series(rest_image(CorrectedImage=["UNIF", "MOTN", "DECY"]), name="mended")
    assert found(STRESS, mended) == pair_of(STRESS, mended)


def test_a_series_that_a_person_names_is_paired_with_one_that_was_made_as_it_was() -> None:
    named = {str(STRESS_SCATTER.SeriesInstanceUID): Role.STRESS}
    assert found(STRESS, STRESS_SCATTER, REST, REST_SCATTER, roles=named) == pair_of(STRESS_SCATTER, REST_SCATTER)


def test_why_a_series_that_would_have_matched_was_refused_is_said_too() -> None:
    gated = another_series(rest_image(ImageType=["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"]))
    said = found(STRESS, REST_SCATTER, gated)
    assert "not made alike" in said
    assert "it is gated" in said
