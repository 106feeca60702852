"""Perfusion scores: from the limits of normal people, and their sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.perfusion_scores import normal_limits, percent_of_highest, segment_scores, summed_scores
from specs.perfusion_scores import PERFUSION_SCORES, NormalLimits, ScoreRules

LIMITS = NormalLimits(mean_percent=(80.0,) * 17, deviation_percent=(4.0,) * 17, patients=30)
"""Lower limit 70 %; 70, 50 and 30 % of the mean are 56, 40 and 24 %."""


@pytest.mark.parametrize(
    ("percent", "score"),
    [(100, 0), (70, 0), (69.9, 1), (56, 1), (55.9, 2), (40, 2), (39.9, 3), (24, 3), (23.9, 4), (0, 4)],
)
def test_a_segment_is_scored_by_what_is_left_of_normal_once_it_is_below_the_limit(percent: float, score: int) -> None:
    values = np.full(17, 100.0)
    values[4] = percent
    expected = np.zeros(17, dtype=int)
    expected[4] = score
    np.testing.assert_array_equal(segment_scores(values, LIMITS, PERFUSION_SCORES), expected)


def test_a_segment_that_varies_much_between_normal_people_is_normal_however_low() -> None:
    wide = LIMITS.model_copy(update={"deviation_percent": (4.0,) * 3 + (30.0,) + (4.0,) * 13})
    values = np.array([100.0] * 3 + [20.0] * 2 + [100.0] * 12)
    assert segment_scores(values, wide, PERFUSION_SCORES)[3:5].tolist() == [0, 4]


@settings(max_examples=30)
@given(values=st.lists(st.floats(1, 1000), min_size=17, max_size=17), factor=st.floats(0.01, 100))
def test_scores_do_not_depend_on_the_unit_and_less_uptake_never_scores_lower(
    values: list[float], factor: float
) -> None:
    uptake = np.array(values)
    scores = segment_scores(uptake, LIMITS, PERFUSION_SCORES)
    assert ((scores >= 0) & (scores <= 4)).all()
    order = np.argsort(uptake)
    assert (np.diff(scores[order]) <= 0).all()
    scaled = percent_of_highest(factor * uptake)
    np.testing.assert_allclose(scaled, percent_of_highest(uptake))


def test_normal_limits_are_mean_and_deviation_of_each_persons_percents() -> None:
    people = np.random.default_rng(0).uniform(50, 100, (12, 17)) * np.arange(1, 13)[:, None]
    limits = normal_limits(people)
    percents = np.array([100 * person / max(person) for person in people])
    np.testing.assert_allclose(limits.mean_percent, percents.mean(axis=0))
    np.testing.assert_allclose(limits.deviation_percent, percents.std(axis=0, ddof=1))
    assert limits.patients == 12


def test_sums_are_of_all_segments_and_the_difference_is_stress_less_rest() -> None:
    stress, rest = np.zeros(17, dtype=np.int64), np.zeros(17, dtype=np.int64)
    stress[[0, 3, 9]], rest[[3, 16]] = (4, 3, 2), (3, 1)
    assert summed_scores(stress, rest).model_dump() == {"stress": 9, "rest": 4, "difference": 5}


@pytest.mark.parametrize("values", [np.zeros(17), np.full(17, np.nan), -np.ones(17)], ids=["none", "nan", "negative"])
def test_uptake_that_is_none_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="Uptake must be finite"):
        segment_scores(values, LIMITS, PERFUSION_SCORES)


def test_one_person_gives_no_limits_and_levels_must_fall() -> None:
    with pytest.raises(ValueError, match="At least two patients"):
        normal_limits(np.ones((1, 17)))
    with pytest.raises(ValueError, match="does not fall"):
        ScoreRules(limit_deviations=2.5, remaining_percent=(50.0, 70.0, 30.0))
