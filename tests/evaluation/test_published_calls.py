"""The published calls of both valve models: their intervals from counts, and what they are worth in screening."""

import numpy as np
import pytest

from evaluation.interval import Interval
from evaluation.predictive_values import predictive_values
from evaluation.proportions import call_figures
from specs.weights import ConfusionCounts
from tests.evaluation.published import AORTIC_STENOSIS, MITRAL_REGURGITATION, PrintedCalls

SETS = pytest.mark.parametrize("printed", AORTIC_STENOSIS, ids=lambda printed: printed.name)


def agrees(interval: Interval, figure: tuple[float, float, float | None]) -> bool:
    """Say whether an interval rounds to the printed one, as far as that could be read."""
    found = (interval.estimate, interval.lower, interval.upper)
    return all(of is None or round(value, 2) == of for value, of in zip(found, figure, strict=True))


@SETS
@pytest.mark.parametrize("place", [0, 1])
def test_the_printed_figures_come_out_of_the_counts(printed: PrintedCalls, place: int) -> None:
    figures = call_figures(printed.counts(printed.true_negatives[place]))
    for name, figure in printed.figures.items():
        assert agrees(getattr(figures, name), figure), name


@SETS
def test_no_other_counts_give_every_printed_figure(printed: PrintedCalls) -> None:
    found = [
        (counts.true_positive, counts.false_negative, counts.true_negative)
        for counts in counts_that_round(printed)
        if all(agrees(getattr(call_figures(counts), name), figure) for name, figure in printed.figures.items())
    ]
    missed = printed.positives - printed.true_positive
    assert found == [(printed.true_positive, missed, negatives) for negatives in printed.true_negatives]


def counts_that_round(printed: PrintedCalls) -> list[ConfusionCounts]:
    """List all counts of the set's studies whose five estimates round to the printed ones, about."""
    found = []
    for positives in range(1, printed.studies):
        negatives = printed.studies - positives
        hit = np.arange(positives + 1)[:, None]
        cleared = np.arange(negatives + 1)[None, :]
        hit = hit[abs(hit[:, 0] / positives - printed.figures["sensitivity"][0]) < 0.006]
        cleared = cleared[:, abs(cleared[0] / negatives - printed.figures["specificity"][0]) < 0.006]
        near = (
            (abs((hit + cleared) / printed.studies - printed.figures["accuracy"][0]) < 0.006)
            & (abs(hit / (hit + negatives - cleared) - printed.figures["positive_predictive_value"][0]) < 0.006)
            & (abs(cleared / (cleared + positives - hit) - printed.figures["negative_predictive_value"][0]) < 0.006)
        )
        found += [
            ConfusionCounts(
                true_positive=int(hit[row, 0]),
                false_negative=positives - int(hit[row, 0]),
                true_negative=int(cleared[0, column]),
                false_positive=negatives - int(cleared[0, column]),
            )
            for row, column in np.argwhere(near)
        ]
    return found


# Computed here from the test set's counts, with 665 true negatives; nobody printed them.
SCREENING = {
    0.01: ("0.027 (95 % CI 0.023–0.030)", "0.998 (95 % CI 0.996–0.998)"),
    0.05: ("0.125 (95 % CI 0.111–0.139)", "0.987 (95 % CI 0.981–0.992)"),
    0.10: ("0.231 (95 % CI 0.209–0.255)", "0.974 (95 % CI 0.960–0.982)"),
}


@pytest.mark.parametrize("prevalence", SCREENING)
def test_what_a_call_of_aortic_stenosis_is_worth_in_screening(prevalence: float) -> None:
    values = predictive_values(AORTIC_STENOSIS[1].counts(665), prevalence=prevalence)
    assert (str(values.positive), str(values.negative)) == SCREENING[prevalence]


@pytest.mark.parametrize(
    ("prevalence", "positive", "negative"), [(0.01, 0.027, 0.996), (0.05, 0.126, 0.980), (0.10, 0.233, 0.958)]
)
def test_what_a_call_of_mitral_regurgitation_is_worth_in_screening(
    prevalence: float, positive: float, negative: float
) -> None:
    # Sensitivity and specificity alone are published: there are no intervals but those of their rounding.
    lowest, middle, highest = (mitral_regurgitation(by_percent, prevalence) for by_percent in (-0.5, 0, 0.5))
    assert (round(middle[0], 3), round(middle[1], 3)) == (positive, negative)
    assert highest[0] - lowest[0] < 0.013
    assert highest[1] - lowest[1] < 0.002


def test_one_prevalence_gives_every_printed_figure_of_mitral_regurgitation() -> None:
    positive, negative = mitral_regurgitation(0, 0.435)
    assert round(100 * positive) == MITRAL_REGURGITATION.positive_predictive_value
    assert round(100 * negative) == MITRAL_REGURGITATION.negative_predictive_value
    accuracy = 0.435 * MITRAL_REGURGITATION.sensitivity + 0.565 * MITRAL_REGURGITATION.specificity
    assert round(accuracy) == MITRAL_REGURGITATION.accuracy


def mitral_regurgitation(more_percent: float, prevalence: float) -> tuple[float, float]:
    """Return PPV and NPV of the printed sensitivity and specificity, both raised by so much; unit 1."""
    hit = round(10 * (MITRAL_REGURGITATION.sensitivity + more_percent))
    cleared = round(10 * (MITRAL_REGURGITATION.specificity + more_percent))
    per_thousand = ConfusionCounts(
        true_positive=hit, false_negative=1000 - hit, true_negative=cleared, false_positive=1000 - cleared
    )
    values = predictive_values(per_thousand, prevalence=prevalence)
    assert values.positive is not None
    assert values.negative is not None
    return values.positive.estimate, values.negative.estimate
