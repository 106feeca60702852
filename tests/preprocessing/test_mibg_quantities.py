"""What masks and planar images measure: the truth of phantoms by their true masks, and why something is unknown."""

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from phantoms import MibgTime, MibgTruth, Part, Site, mibg_cohort
from preprocessing import NotEligible
from preprocessing.count_correction import CountCorrection
from preprocessing.mibg_quantities import MaskedTime, Quantity, mibg_quantities, unknown_lines
from preprocessing.mibg_study import prepare_mibg
from preprocessing.planar_image import PlanarImage
from preprocessing.unknown import Unknown
from specs.mibg_volumes import MIBG_VOLUMES_48
from tests.preprocessing.mibg_volumes import true_masks

PATIENTS = 10
CORRECTED = "mean of a voxel, corrected for decay, dose and weight"


@cache
def cohort(site: Site) -> tuple[tuple[MibgTruth, MaskedTime, MaskedTime], ...]:
    """Return patients with their images and true masks."""
    found = []
    for phantom in mibg_cohort(Part.VALIDATION, count=PATIENTS, site=site):
        prepared = prepare_mibg(phantom.datasets(), MIBG_VOLUMES_48)
        assert not isinstance(prepared, NotEligible), prepared.reason
        early, late = (
            MaskedTime(time=time, point=point, masks=true_masks(phantom, time))
            for time, point in zip(MibgTime, (prepared.early, prepared.late), strict=True)
        )
        found.append((phantom.truth, early, late))
    return tuple(found)


def by_name(early: MaskedTime, late: MaskedTime) -> dict[str, Quantity]:
    return {each.name: each for each in mibg_quantities(early, late, MIBG_VOLUMES_48)}


def value(quantities: dict[str, Quantity], name: str) -> float:
    found = quantities[name].value
    assert not isinstance(found, Unknown), found.reason
    return found


def reason(quantities: dict[str, Quantity], name: str) -> str:
    found = quantities[name].value
    assert isinstance(found, Unknown)
    return found.reason


def explained(truth: list[float], found: list[float]) -> float:
    """Return R2."""
    return float(np.corrcoef(truth, found)[0, 1] ** 2)


@pytest.mark.slow
@pytest.mark.parametrize(("site", "least"), [(Site.A, 0.85), (Site.B, 0.6)])  # B scatters more
def test_heart_counts_and_washout_are_those_of_the_truth(site: Site, least: float) -> None:
    measured = [by_name(early, late) for _, early, late in cohort(site)]
    truths = [truth for truth, _, _ in cohort(site)]
    for time in MibgTime:
        uptake = [truth.heart_uptake(getattr(truth, time)) for truth in truths]
        assert explained(uptake, [value(each, f"heart_counts_{time}") for each in measured]) > 0.9
    washout = [truth.washout_percent for truth in truths]
    assert explained(washout, [value(each, "spect_washout_of_heart") for each in measured]) > least


@pytest.fixture
def times() -> tuple[MaskedTime, MaskedTime]:
    """Return one patient."""
    return cohort(Site.A)[0][1:]


def test_volumes_are_those_of_the_masks(times: tuple[MaskedTime, MaskedTime]) -> None:
    early, late = times
    found = by_name(early, late)
    for each in times:
        expected_ml = each.masks.heart.sum() * 6.4**3 / 1000
        assert value(found, f"heart_ml_{each.time}") == pytest.approx(expected_ml)


def test_planar_ratios_are_standardized_and_those_of_spect_are_not(times: tuple[MaskedTime, MaskedTime]) -> None:
    early, late = times
    image = late.point.planar
    assert isinstance(image, PlanarImage)
    on_lehr = replace(late, point=replace(late.point, planar=replace(image, collimator="LEHR")))
    plain, converted = by_name(early, late), by_name(early, on_lehr)
    name = "planar_heart_to_mediastinum_late"
    ratio = value(plain, name)
    assert value(plain, f"{name}_standardized") == pytest.approx(ratio)  # MEGP is the standard
    assert value(converted, f"{name}_standardized") == pytest.approx(1 + (ratio - 1) * 0.88 / 0.53)
    assert not [name for name in plain if name.startswith("spect") and "standardized" in name]


def test_without_dose_and_weight_ratios_and_washout_are_known(times: tuple[MaskedTime, MaskedTime]) -> None:
    unknown = Unknown(reason="patient's weight is not stated")
    known = by_name(*times)
    found = by_name(*(replace(each, point=replace(each.point, correction=unknown)) for each in times))
    assert reason(found, "heart_counts_early") == reason(found, "heart_counts_late") == unknown.reason
    for name in ("spect_heart_to_reference_late", "spect_washout_of_heart"):
        assert found[name] == known[name]


def test_washout_takes_the_place_of_the_early_heart_in_the_late_volume(times: tuple[MaskedTime, MaskedTime]) -> None:
    early, late = times
    nothing_late = replace(late, masks=replace(late.masks, heart=np.zeros_like(late.masks.heart)))
    found, known = by_name(early, nothing_late), by_name(early, late)
    assert found["spect_washout_of_heart"] == known["spect_washout_of_heart"]
    assert reason(found, "heart_counts_late") == "no heart was found"


def without(each: MaskedTime, organ: str) -> MaskedTime:
    return replace(each, masks=replace(each.masks, **{organ: np.zeros_like(each.masks.heart)}))


def test_washout_is_unknown_where_early_and_late_cannot_be_compared(times: tuple[MaskedTime, MaskedTime]) -> None:
    early, late = times
    name = "spect_washout_of_heart"
    assert "lungs or liver were not found" in reason(by_name(early, without(late, "liver")), name)
    assert reason(by_name(without(early, "heart"), late), name) == "no heart was found"
    decay = late.point.decay
    assert isinstance(decay, CountCorrection)
    longer = replace(late.point, decay=replace(decay, frame_duration_s=60.0))
    found = by_name(early, replace(late, point=longer))
    assert "took different times" in reason(found, name)
    assert found["spect_washout_of_ratio"] == by_name(early, late)["spect_washout_of_ratio"]
    unsaid = replace(late.point, decay=Unknown(reason="it is decay-corrected already"))
    assert reason(by_name(early, replace(late, point=unsaid)), name) == "it is decay-corrected already"
    source = deepcopy(late.point.source)
    source.CorrectedImage = ["UNIF", "SCAT"]
    other = replace(late, point=replace(late.point, source=source))
    assert reason(by_name(early, other), name) == "early and late volume are not corrected alike"


def test_each_reason_is_said_once_with_all_that_is_unknown_for_it(times: tuple[MaskedTime, MaskedTime]) -> None:
    early, late = times
    absent = Unknown(reason="the study has no late planar image")
    found = by_name(without(early, "heart"), replace(late, point=replace(late.point, planar=absent)))
    of_heart, of_planar = unknown_lines(found.values())
    assert of_heart.startswith(f"early heart counts ({CORRECTED}), early SPECT heart-to-reference ratio, washout, ")
    assert of_heart.endswith(" unknown: no heart was found")
    assert of_planar == "late planar heart-to-mediastinum ratio unknown: the study has no late planar image"


def test_heart_counts_say_what_they_are_and_for_what_they_are_not_corrected(
    times: tuple[MaskedTime, MaskedTime],
) -> None:
    early, late = times
    name = "heart_counts_early"
    measured = by_name(early, late)[name].measurement
    assert str(measured) == f"early heart counts ({CORRECTED}) {value(by_name(early, late), name):.1f} counts·kg/MBq"
    timed = [in_frames_of(each, frame_s) for each, frame_s in zip(times, (30.0, 60.0), strict=True)]
    for name in ("heart_counts_early", "heart_counts_late"):
        title = by_name(*timed)[name].title
        assert title.endswith(f" heart counts ({CORRECTED}; not for frames of 30 s early and 60 s late)")


def in_frames_of(each: MaskedTime, frame_s: float) -> MaskedTime:
    correction = each.point.correction
    assert isinstance(correction, CountCorrection)
    return replace(each, point=replace(each.point, correction=replace(correction, frame_duration_s=frame_s)))
