"""What is true of phantoms of myocardial perfusion: frequencies, territories, depths of defects, even walls."""

import numpy as np
import pytest

from phantoms import CoronaryArtery, MyocardialTruth, Part, PerfusionState, Sex, Site, perfusion_cohort
from phantoms.myocardium_population import DEFECT_COUNTS, KIND_SHARES, MALE_SHARE, TERRITORIES
from phantoms.myocardium_ventricle import wall_places
from specs.myocardial_segments import AHA_SEGMENTS, Level
from tests.phantoms.imaged_hearts import imaged

PEOPLE = 500
"""Whose truth is drawn and whose volumes are not: a second."""


@pytest.fixture(scope="module")
def truths() -> list[MyocardialTruth]:
    """Return what is true of many people."""
    return [phantom.truth for phantom in perfusion_cohort(Part.TRAINING, count=PEOPLE)]


def frequent(found: int, share: float, *, of: int) -> bool:
    return bool(abs(found - share * of) < 4 * np.sqrt(of * share * (1 - share)))


def test_sexes_and_defects_are_as_frequent_as_declared(truths: list[MyocardialTruth]) -> None:
    assert frequent(sum(truth.sex is Sex.MALE for truth in truths), MALE_SHARE, of=PEOPLE)
    for count, share in enumerate(DEFECT_COUNTS):
        assert frequent(sum(len(truth.defects) == count for truth in truths), share, of=PEOPLE)
    single = [truth.defects[0] for truth in truths if len(truth.defects) == 1]
    for artery, territory in TERRITORIES.items():
        assert frequent(sum(defect.artery is artery for defect in single), territory.share, of=len(single))
    defects = [defect for truth in truths for defect in truth.defects]
    kinds = [
        sum(defect.rest_depth == 0 for defect in defects),
        sum(defect.reversible_depth == 0 for defect in defects),
        sum(0 < defect.rest_depth < defect.stress_depth for defect in defects),
    ]
    for found, share in zip(kinds, KIND_SHARES, strict=True):
        assert frequent(found, share, of=len(defects))


@pytest.mark.parametrize(
    ("artery", "published"),
    [
        (CoronaryArtery.LEFT_ANTERIOR_DESCENDING, {1, 2, 7, 8, 13, 14, 17}),
        (CoronaryArtery.LEFT_CIRCUMFLEX, {5, 6, 11, 12, 16}),
        (CoronaryArtery.RIGHT_CORONARY, {3, 4, 9, 10, 15}),
    ],
)
def test_defects_lie_in_the_published_territory_of_their_artery(
    truths: list[MyocardialTruth], artery: CoronaryArtery, published: set[int]
) -> None:
    """Cerqueira MD et al., Circulation 2002;105:539-542, figure 5."""
    numbers = [
        number for truth in truths for defect in truth.defects if defect.artery is artery for number in defect.segments
    ]
    assert sum(number in published for number in numbers) / len(numbers) > 0.75


def test_nothing_but_the_wall_tells_the_disease(truths: list[MyocardialTruth]) -> None:
    ill = np.array([truth.diseased for truth in truths], float)
    for name in ("age_years", "weight_kg", "height_m", "breast_mm"):
        values = [getattr(truth, name) for truth in truths]
        assert abs(np.corrcoef(ill, values)[0, 1]) < 4 / np.sqrt(PEOPLE)


def test_a_defect_dims_its_segments_by_its_depth_and_is_as_deep_at_rest_as_it_is_fixed(
    truths: list[MyocardialTruth],
) -> None:
    for truth in truths:
        for state in PerfusionState:
            percent = np.array(truth.percent(state))
            assert percent.max() == pytest.approx(100)
            for defect in truth.defects:
                assert 0 <= defect.rest_depth <= defect.stress_depth < 0.9
                for number in defect.segments:
                    # At least half of the segment has at least half of the depth, beside natural variation of 12 %.
                    assert percent[number - 1] < 100 * 1.12 * (1 - 0.25 * defect.depth(state))


def test_a_reversible_defect_is_gone_at_rest_and_a_fixed_one_stays(truths: list[MyocardialTruth]) -> None:
    single = [truth for truth in truths if len(truth.defects) == 1 and truth.defects[0].segments]
    gains: dict[bool, list[float]] = {True: [], False: []}
    for truth in single:
        (defect,) = truth.defects
        places = [number - 1 for number in defect.segments]
        gain = np.subtract(truth.rest_percent, truth.stress_percent)[places].mean()
        if defect.rest_depth == 0:
            assert gain > 100 * 0.25 * defect.stress_depth - 4
        gains[defect.rest_depth == 0].append(float(gain) if defect.rest_depth in (0, defect.stress_depth) else np.nan)
    assert np.nanmean(gains[True]) > 25
    assert abs(np.nanmean(gains[False])) < 2


def test_uptake_is_even_where_there_is_no_defect_but_in_the_membranous_septum(truths: list[MyocardialTruth]) -> None:
    healthy = np.array([truth.stress_percent for truth in truths if not truth.diseased])
    means = healthy.mean(axis=0)
    membranous = [segment - 1 for segment in (2, 3)]
    assert means[membranous].max() < 90
    assert np.delete(means, membranous).min() > 93
    assert healthy.std(axis=0).max() < 7


def test_places_of_the_wall_are_cut_to_segments_as_published() -> None:
    """Equal thirds of the length beyond the cap, sixths and quarters about the axis, anterior at 90 degrees."""
    ventricle = imaged(0).chest.ventricle
    places = wall_places(ventricle)
    rings = places.segment_means(places.rings)
    for level, number in ((Level.BASAL, 6), (Level.MID, 6), (Level.APICAL, 4)):
        assert np.ptp([rings[each.number - 1] for each in AHA_SEGMENTS if each.level is level]) < 1e-5
        assert sum(each.level is level for each in AHA_SEGMENTS) == number
    assert rings[0] - rings[6] == pytest.approx(rings[6] - rings[12], rel=1e-4)
    up = places.segment_means(places.places_mm[0])
    for top, bottom in ((1, 4), (7, 10), (13, 15)):
        assert up[top - 1] - up[bottom - 1] > ventricle.radius_mm  # toward the head
    left = places.segment_means(places.places_mm[2])
    for septum, lateral in ((3, 6), (9, 12), (14, 16)):
        assert left[lateral - 1] > left[septum - 1] + 10


def test_no_two_parts_and_no_two_sites_share_a_person() -> None:
    cohorts = [perfusion_cohort(part, count=3, site=site) for part in Part for site in Site]
    truths = [phantom.truth.stress_percent for cohort in cohorts for phantom in cohort]
    assert len(set(truths)) == len(truths)
    assert len({cohort.name for cohort in cohorts}) == len(cohorts)
    assert len({phantom.study_uid for cohort in cohorts for phantom in cohort}) == len(truths)
