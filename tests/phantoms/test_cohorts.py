"""Cohorts: named, lazy, disjoint, with the prevalence they declare."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pydicom
import pytest

from phantoms import (
    DopamineCohort,
    Grade,
    Part,
    PetCohort,
    RadiographCohort,
    RadiographPhantom,
    Site,
    radiograph_cohort,
    radiograph_phantom,
    write_cohort,
)
from phantoms.disease import REGURGITATION_PROBABILITIES, STENOSIS_PROBABILITIES
from phantoms.transfer import TransferSyntax


def test_a_cohort_gives_its_phantoms_by_number_and_in_order() -> None:
    cohort = RadiographCohort(name="three", seed=9, count=3)
    assert len(cohort) == 3
    assert [phantom.index for phantom in cohort] == [0, 1, 2]
    assert cohort[-1].truth == radiograph_phantom(seed=9, index=2).truth
    with pytest.raises(IndexError):
        cohort[3]


def test_an_empty_cohort_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        RadiographCohort(name="none", seed=1, count=0)


def test_no_two_parts_share_a_phantom() -> None:
    uids = [radiograph_cohort(part, count=20)[index].instance_uid for part in Part for index in range(20)]
    assert len({part.seed for part in Part}) == len(Part)
    assert len(set(uids)) == len(uids)


def test_instance_uids_are_unique_over_two_thousand_phantoms() -> None:
    uids = {phantom.instance_uid for phantom in RadiographCohort(name="many", seed=4, count=2_000)}
    assert len(uids) == 2_000


def test_no_two_sites_share_a_person() -> None:
    seeds = [radiograph_cohort(part, count=1, site=site).seed for part in Part for site in Site]
    assert len(set(seeds)) == len(Part) * len(Site)


def test_a_cohort_of_site_b_is_examined_there() -> None:
    cohort = radiograph_cohort(Part.TEST, count=2, site=Site.B)
    assert cohort.name == "phantom radiographs, test, site B"
    assert {phantom.site for phantom in cohort} == {Site.B}
    assert {phantom.site for phantom in radiograph_cohort(Part.TEST, count=2)} == {Site.A}


@pytest.mark.parametrize(
    "variants",
    [
        [radiograph_phantom(seed=4, index=0, mitral_regurgitation=grade) for grade in Grade],
        [radiograph_phantom(seed=4, index=0, aortic_stenosis=grade) for grade in Grade],
        [radiograph_phantom(seed=4, index=0, ejection_fraction_percent=percent) for percent in (20.0, 40.0, 60.0)],
        [radiograph_phantom(seed=4, index=0, age_years=age) for age in (20, 50, 90)],
        [radiograph_phantom(seed=4, index=0, site=site) for site in Site],
    ],
    ids=["regurgitation", "stenosis", "ejection fraction", "age", "site"],
)
def test_the_same_person_in_another_state_is_another_instance(variants: list[RadiographPhantom]) -> None:
    assert len({phantom.instance_uid for phantom in variants}) == len(variants)


@pytest.fixture(scope="module")
def many() -> list[RadiographPhantom]:
    return list(RadiographCohort(name="many", seed=8, count=4_000))


@pytest.mark.parametrize(
    ("disease", "probabilities", "positive"),
    [
        ("mitral_regurgitation", REGURGITATION_PROBABILITIES, 0.44),
        ("aortic_stenosis", STENOSIS_PROBABILITIES, 0.40),
    ],
)
def test_grades_come_with_their_declared_prevalence(
    disease: str, probabilities: Mapping[Grade, float], positive: float, many: list[RadiographPhantom]
) -> None:
    grades = [getattr(phantom.truth, disease) for phantom in many]
    assert sum(probabilities.values()) == pytest.approx(1)
    for grade, expected in probabilities.items():
        # Four standard errors of a proportion.
        tolerance = 4 * np.sqrt(expected * (1 - expected) / len(many))
        assert grades.count(grade) / len(many) == pytest.approx(expected, abs=tolerance)
    assert np.mean([grade.positive for grade in grades]) == pytest.approx(positive, abs=0.035)


def test_ages_and_ejection_fractions_fill_their_ranges(many: list[RadiographPhantom]) -> None:
    ages = np.array([phantom.truth.age_years for phantom in many])
    fractions = np.array([phantom.truth.ejection_fraction_percent for phantom in many])
    assert (ages.min(), ages.max()) == (20, 90)
    assert (fractions.min() >= 15, fractions.max() <= 75) == (True, True)
    decades, _ = np.histogram(ages, bins=np.arange(20, 91, 10))
    assert decades.min() > 0.8 * decades.max()
    assert 0.3 < np.mean(fractions < 50) < 0.55


def test_no_truth_and_no_technique_tells_another_truth(many: list[RadiographPhantom]) -> None:
    truths = {
        "regurgitation": [phantom.truth.mitral_regurgitation for phantom in many],
        "stenosis": [phantom.truth.aortic_stenosis for phantom in many],
        "ejection fraction": [phantom.truth.ejection_fraction_percent for phantom in many],
        "age": [phantom.truth.age_years for phantom in many],
    }
    others = {
        "sex": [phantom.truth.sex == "F" for phantom in many],
        "projection": [phantom.truth.projection == "AP" for phantom in many],
        "polarity": [phantom.encoding.polarity == "MONOCHROME1" for phantom in many],
        "modality": [phantom.encoding.modality == "CR" for phantom in many],
        "bits": [phantom.encoding.bits_stored for phantom in many],
        "compressed": [phantom.encoding.transfer_syntax is TransferSyntax.JPEG_LS for phantom in many],
        "pacemaker": [phantom.devices.pacemaker for phantom in many],
        "electrodes": [phantom.devices.electrodes for phantom in many],
        "matrix": [phantom.view.grid.rows for phantom in many],
    }
    names = [*truths, *others]
    correlations = np.corrcoef(np.array([*truths.values(), *others.values()], float))
    for first in range(len(truths)):
        for second in range(first + 1, len(names)):
            # Four standard errors of a correlation of 0.
            assert abs(correlations[first, second]) < 4 / np.sqrt(len(many)), (names[first], names[second])


def test_a_written_cohort_is_its_files_and_nothing_else(tmp_path: Path) -> None:
    cohort = RadiographCohort(name="two", seed=10, count=2)
    paths = write_cohort(tmp_path / "new folder", cohort)
    assert [path.name for path in paths] == ["phantom_0000.dcm", "phantom_0001.dcm"]
    assert sorted(paths) == sorted((tmp_path / "new folder").iterdir())
    for path, phantom in zip(paths, cohort, strict=True):
        assert np.array_equal(pydicom.dcmread(path).pixel_array, phantom.stored)


def test_a_study_of_many_files_gets_a_folder_of_its_own_and_a_volume_in_one_file_none(tmp_path: Path) -> None:
    slices = write_cohort(tmp_path / "PET", PetCohort(name="one", seed=10, count=1))
    assert {path.parent for path in slices} == {tmp_path / "PET" / "phantom_0000"}
    assert slices == sorted((tmp_path / "PET" / "phantom_0000").iterdir())
    positions = [float(pydicom.dcmread(path, stop_before_pixels=True).ImagePositionPatient[2]) for path in slices]
    assert sorted(positions) in (positions, positions[::-1])
    volumes = write_cohort(tmp_path / "SPECT", DopamineCohort(name="two", seed=10, count=2))
    assert [path.name for path in volumes] == ["phantom_0000.dcm", "phantom_0001.dcm"]


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    cohort = RadiographCohort(name="one", seed=10, count=1)
    (first,), (second,) = write_cohort(tmp_path / "a", cohort), write_cohort(tmp_path / "b", cohort)
    assert first.read_bytes() == second.read_bytes()
