"""Cohorts: named, lazy, disjoint, with the prevalence they declare."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from phantoms import Grade, Part, RadiographCohort, radiograph_cohort, radiograph_phantom, write_cohort
from phantoms.population import GRADE_PROBABILITIES


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


def test_the_same_person_diseased_to_another_degree_is_another_instance() -> None:
    uids = {radiograph_phantom(seed=4, index=0, mitral_regurgitation=grade).instance_uid for grade in Grade}
    assert len(uids) == len(Grade)


def test_grades_come_with_their_declared_prevalence() -> None:
    count = 4_000
    grades = [phantom.truth.mitral_regurgitation for phantom in RadiographCohort(name="many", seed=8, count=count)]
    assert sum(GRADE_PROBABILITIES.values()) == pytest.approx(1)
    for grade, expected in GRADE_PROBABILITIES.items():
        # Four standard errors of a proportion.
        tolerance = 4 * np.sqrt(expected * (1 - expected) / count)
        assert grades.count(grade) / count == pytest.approx(expected, abs=tolerance)
    assert np.mean([grade.positive for grade in grades]) == pytest.approx(0.44, abs=0.035)


def test_neither_age_nor_sex_nor_technique_tells_the_label() -> None:
    phantoms = list(RadiographCohort(name="many", seed=15, count=3_000))
    label = np.array([phantom.truth.mitral_regurgitation.positive for phantom in phantoms])
    for name, values in {
        "age": [phantom.truth.age_years for phantom in phantoms],
        "sex": [phantom.truth.sex == "F" for phantom in phantoms],
        "projection": [phantom.truth.projection == "AP" for phantom in phantoms],
        "polarity": [phantom.encoding.polarity == "MONOCHROME1" for phantom in phantoms],
        "modality": [phantom.encoding.modality == "CR" for phantom in phantoms],
        "bits": [phantom.encoding.bits_stored for phantom in phantoms],
        "pacemaker": [phantom.devices.pacemaker for phantom in phantoms],
        "electrodes": [phantom.devices.electrodes for phantom in phantoms],
        "matrix": [phantom.view.grid.rows for phantom in phantoms],
    }.items():
        correlation = np.corrcoef(np.array(values, float), label)[0, 1]
        # Four standard errors of a correlation of 0.
        assert abs(correlation) < 4 / np.sqrt(len(phantoms)), name


def test_a_written_cohort_is_its_files_and_nothing_else(tmp_path: Path) -> None:
    cohort = RadiographCohort(name="two", seed=10, count=2)
    paths = write_cohort(tmp_path / "new folder", cohort)
    assert [path.name for path in paths] == ["phantom_0000.dcm", "phantom_0001.dcm"]
    assert sorted(paths) == sorted((tmp_path / "new folder").iterdir())
    for path, phantom in zip(paths, cohort, strict=True):
        assert np.array_equal(pydicom.dcmread(path).pixel_array, phantom.stored)


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    cohort = RadiographCohort(name="one", seed=10, count=1)
    (first,), (second,) = write_cohort(tmp_path / "a", cohort), write_cohort(tmp_path / "b", cohort)
    assert first.read_bytes() == second.read_bytes()
