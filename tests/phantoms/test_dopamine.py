"""Phantoms of dopamine transporters: people and diseases as declared, volumes that show them, files that are DICOM."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom.filewriter import dcmwrite
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from phantoms import Condition, DopaminePhantom, DopamineTruth, Part, Site, dopamine_cohort, dopamine_phantom
from phantoms.dopamine_population import CONDITION_SHARES, DECLINE_PER_DECADE
from preprocessing import NotEligible
from preprocessing.reading import read_dataset
from preprocessing.series import Series
from preprocessing.volume import Volume, read_volume
from specs.series import SPECT_SERIES
from tests.judges import complaints

PEOPLE = 4000
"""Whose truth is drawn and whose volume is not: half a second."""

SITES = pytest.mark.parametrize("site", list(Site))


@pytest.fixture(scope="module")
def truths() -> list[DopamineTruth]:
    """Return what is true of many people."""
    return [dopamine_phantom(seed=7, index=index).truth for index in range(PEOPLE)]


def read(phantom: DopaminePhantom) -> Volume:
    """Write a phantom and read it as the client does."""
    content = BytesIO()
    dcmwrite(content, phantom.dataset(), enforce_file_format=True)
    volume = read_volume(Series.of([read_dataset(content.getvalue())]), SPECT_SERIES)
    assert not isinstance(volume, NotEligible), volume.reason
    return volume


def test_conditions_are_as_frequent_as_declared(truths: list[DopamineTruth]) -> None:
    for condition, share in CONDITION_SHARES.items():
        found = sum(truth.condition is condition for truth in truths)
        assert abs(found - share * PEOPLE) < 4 * np.sqrt(PEOPLE * share * (1 - share))


def test_healthy_binding_falls_with_age_as_declared(truths: list[DopamineTruth]) -> None:
    healthy = [truth for truth in truths if truth.condition is Condition.TREMOR]
    ages, binding = (np.array(values) for values in zip(*[(t.age_years, t.striatum) for t in healthy], strict=True))
    slope, intercept = np.polyfit(ages - 60, binding, 1)
    assert -10 * slope / intercept == pytest.approx(DECLINE_PER_DECADE, abs=0.015)


def test_disease_takes_the_putamen_before_the_caudate_and_lowers_uptake(truths: list[DopamineTruth]) -> None:
    def mean(of: str, *conditions: Condition) -> float:
        return float(np.mean([getattr(truth, of) for truth in truths if truth.condition in conditions]))

    for pattern in ("low_uptake", "asymmetric", "dot_shaped"):
        assert mean(pattern, Condition.PARKINSON) > 3 * mean(pattern, Condition.TREMOR, Condition.ALZHEIMER)
    assert mean("asymmetric", Condition.PARKINSON) > 1.5 * mean("asymmetric", Condition.LEWY_BODY)
    assert mean("dot_shaped", Condition.PARKINSON) > mean("dot_shaped", Condition.LEWY_BODY)


def known(truth: DopamineTruth) -> list[float]:
    """Return what a perfect measurement could tell."""
    sides = sorted(
        [(side.caudate, side.putamen_anterior, side.putamen_posterior) for side in (truth.left, truth.right)],
        key=lambda side: side[2],
    )
    return [*sides[0], *sides[1], abs(truth.signed_asymmetry_percent), float(truth.age_years)]


def test_even_a_perfect_measurement_does_not_tell_every_patient(truths: list[DopamineTruth]) -> None:
    table = np.log1p(np.array([known(truth) for truth in truths]))
    diseased = np.array([truth.diseased for truth in truths])
    half = PEOPLE // 2
    scaled = (table - table[:half].mean(axis=0)) / table[:half].std(axis=0)
    fit = LogisticRegression(max_iter=2000).fit(scaled[:half], diseased[:half])
    area = roc_auc_score(diseased[half:], fit.decision_function(scaled[half:]))
    assert 0.97 < area < 0.99


@SITES
def test_a_phantom_is_always_the_same_and_its_volume_does_not_change_its_truth(site: Site) -> None:
    first, again = (dopamine_phantom(seed=3, index=5, site=site) for _ in range(2))
    assert first == again
    np.testing.assert_array_equal(first.stored, again.stored)
    assert first.truth == dopamine_phantom(seed=3, index=5, site=next(other for other in Site if other != site)).truth


@SITES
@settings(max_examples=12)
@given(index=st.integers(0, 500))
def test_the_reader_finds_the_volume_in_patient_axes_however_it_is_stored(site: Site, index: int) -> None:
    phantom = dopamine_phantom(seed=1, index=index, site=site)
    volume = read(phantom)
    expected = np.rint(phantom.volume * np.float32(phantom.acquisition.counts))
    np.testing.assert_array_equal(volume.values, expected)
    np.testing.assert_allclose(volume.spacing_mm, phantom.spacing_mm)


def of_sides(volume: Volume) -> tuple[float, float]:
    """Return the mean of the brightest 3 mL right and left of the middle plane."""
    middle = volume.values.shape[2] // 2
    count = round(3000 / np.prod(volume.spacing_mm))

    def brightest(half: NDArray[np.float32]) -> float:
        return float(np.sort(half, axis=None)[-count:].mean())

    return brightest(volume.values[:, :, :middle]), brightest(volume.values[:, :, middle:])


@SITES
def test_the_side_that_binds_less_is_darker_on_the_patient_s_own_side(site: Site) -> None:
    cohort = dopamine_cohort(Part.TEST, count=60, site=site)
    lopsided = [phantom for phantom in cohort if abs(phantom.truth.signed_asymmetry_percent) > 25]
    assert len({phantom.truth.signed_asymmetry_percent > 0 for phantom in lopsided}) == 2
    for phantom in lopsided:
        right, left = of_sides(read(phantom))
        assert (right > left) == (phantom.truth.signed_asymmetry_percent > 0)


def test_no_two_parts_and_no_two_sites_share_a_person() -> None:
    people = [
        dopamine_cohort(part, count=1, site=site)[0].instance_uid for part in Part for site in Site for _ in range(1)
    ]
    assert len(set(people)) == len(people)


@SITES
def test_dciodvfy_finds_no_error(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "phantom.dcm"
    dopamine_phantom(seed=2, index=1, site=site).write(file)
    assert complaints(file) == []


def test_a_phantom_says_that_it_is_none_of_a_patient() -> None:
    ds = dopamine_phantom(seed=2, index=1).dataset()
    assert str(ds.PatientName).startswith("PHANTOM")
    assert "not a patient" in ds.SeriesDescription
    assert ds.QualityControlImage == "YES"


@pytest.mark.parametrize(("seed", "index"), [(-1, 0), (0, -1)])
def test_a_negative_seed_or_index_is_refused(seed: int, index: int) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        dopamine_phantom(seed=seed, index=index)


def test_an_empty_cohort_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        dopamine_cohort(Part.TEST, count=0)
