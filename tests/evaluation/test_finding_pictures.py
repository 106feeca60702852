"""What the pictures of a finding model show is what was measured."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from scipy.special import expit, logit
from sklearn.metrics import auc

from evaluation.calibration import calibration_groups
from evaluation.decision_curve import decision_curve
from evaluation.details import FindingDetails, MemberComparison
from evaluation.discrimination import Scores, Truth
from evaluation.finding_pictures import (
    calibration_picture,
    confusion_picture,
    confusion_table,
    decision_picture,
    members_picture,
    roc_picture,
)
from evaluation.finding_report import FindingReport, finding_report
from evaluation.paired_discrimination import compare_areas
from specs import SPECS
from specs.contract import Spec
from specs.head import FindingProbability
from tests.evaluation.cohorts import simulated
from tests.specs.records import contract

Cohort = tuple[Truth, Scores, FindingReport]

FINDINGS = [spec for spec in SPECS.values() if isinstance(spec.head, FindingProbability)]


@pytest.fixture(params=FINDINGS, ids=lambda spec: spec.name)
def spec(request: pytest.FixtureRequest) -> Spec:
    """Every model of a finding."""
    declared: Spec = request.param
    return declared


@pytest.fixture
def cohort(spec: Spec) -> Cohort:
    truth, log_odds = simulated(400)
    probabilities = expit(0.3 + 1.2 * log_odds)
    return truth, probabilities, finding_report(truth, probabilities, contract(spec), data_set="four hundred")


def axes_of(figure: Figure) -> Axes:
    (axes,) = figure.axes
    return axes


def legend_of(axes: Axes) -> list[str]:
    """Return the words of the legend."""
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def drawn_points(axes: Axes) -> tuple[list[list[float]], list[list[list[float]]]]:
    """Return places and heights of the points, and the segments of their error bars."""
    (container,) = (found for found in axes.containers if isinstance(found, ErrorbarContainer))
    line, _, bars = container.lines
    return np.asarray(line.get_data()).tolist(), [np.concatenate(bar.get_segments()).tolist() for bar in bars]


def test_the_roc_curve_has_the_area_of_the_report_and_passes_the_operating_point(cohort: Cohort) -> None:
    truth, probabilities, report = cohort
    axes = axes_of(roc_picture(truth, probabilities, report, demonstration=True))
    curve = np.asarray(axes.lines[1].get_data())
    assert auc(*curve) == pytest.approx(report.auc.estimate)
    (across, up), _ = drawn_points(axes)
    called = probabilities >= report.threshold
    assert across == pytest.approx([called[~truth].mean()])
    assert up == pytest.approx([called[truth].mean()])
    assert np.interp(across, *curve) == pytest.approx(up, abs=0.03)
    assert legend_of(axes) == ["chance", f"AUC {report.auc}", f"operating point {report.threshold:.3f} with 95 % CI"]


def test_the_operating_point_has_the_intervals_of_the_report(cohort: Cohort) -> None:
    _, (across, up) = drawn_points(axes_of(roc_picture(*cohort, demonstration=True)))
    calls = cohort[2].calls
    assert calls.sensitivity is not None
    assert calls.specificity is not None
    assert [place for place, _ in across] == pytest.approx([1 - calls.specificity.upper, 1 - calls.specificity.lower])
    assert [height for _, height in up] == pytest.approx([calls.sensitivity.lower, calls.sensitivity.upper])


def test_the_calibration_picture_shows_the_fit_and_tenths_with_intervals(cohort: Cohort) -> None:
    truth, probabilities, report = cohort
    axes = axes_of(calibration_picture(truth, probabilities, report, demonstration=True))
    predicted, expected = np.asarray(axes.lines[1].get_data())
    slope, intercept = np.polyfit(logit(predicted), logit(expected), 1)
    assert (slope, intercept) == pytest.approx((report.calibration.slope, report.calibration.intercept))
    groups = calibration_groups(truth, probabilities)
    points, (bars,) = drawn_points(axes)
    assert points == [
        pytest.approx([group.mean_probability for group in groups]),
        pytest.approx([group.observed.estimate for group in groups]),
    ]
    bounds = [bound for group in groups for bound in (group.observed.lower, group.observed.upper)]
    assert [height for _, height in bars] == pytest.approx(bounds)
    assert f"Brier {report.calibration.brier_score:.3f}" in legend_of(axes)[1]


def test_the_confusion_picture_shows_counts_and_shares_of_the_row(cohort: Cohort) -> None:
    truth, probabilities, report = cohort
    axes = axes_of(confusion_picture(report, demonstration=True))
    words = {(round(text.get_position()[1]), round(text.get_position()[0])): text.get_text() for text in axes.texts}
    called = probabilities >= report.threshold
    for row, of_row in enumerate((truth, ~truth)):
        for column, of_column in enumerate((called, ~called)):
            count = int(np.sum(of_row & of_column))
            assert words[row, column] == f"{count}\n{100 * count / of_row.sum():.1f} %"
            assert confusion_table(report.counts)[row, column] == count


def test_the_members_curves_have_the_areas_of_their_comparisons(cohort: Cohort) -> None:
    truth, probabilities, report = cohort
    members = {name: np.roll(probabilities, shift) for shift, name in ((1, "one"), (150, "two"))}
    compared = tuple(
        MemberComparison(model=name, comparison=compare_areas(truth, probabilities, scores))
        for name, scores in members.items()
    )
    own = report.model_copy(update={"details": FindingDetails(members=compared)})
    axes = axes_of(members_picture(truth, probabilities, members, own, demonstration=True))
    areas = [*(member.comparison.second.estimate for member in compared), report.auc.estimate]
    assert [auc(*np.asarray(line.get_data())) for line in axes.lines[1:]] == pytest.approx(areas)
    named = [*members, report.model]
    assert legend_of(axes)[1:] == [f"{name}: AUC {area:.3f}" for name, area in zip(named, areas, strict=True)]


def test_the_decision_picture_shows_every_net_benefit_of_the_model(cohort: Cohort) -> None:
    truth, probabilities, report = cohort
    curve = decision_curve(truth, probabilities, thresholds=(0.1, 0.2, 0.6))
    axes = axes_of(decision_picture(curve, report, demonstration=True))
    nothing, everybody, model = (np.asarray(line.get_data()) for line in axes.lines)
    assert nothing[1].tolist() == [0, 0]
    assert everybody[1].tolist() == [point.of_all for point in curve.points]
    assert model[0].tolist() == [0.1, 0.2, 0.6]
    called = probabilities >= 0.2
    benefit = (np.sum(called & truth) - np.sum(called & ~truth) * 0.25) / truth.size
    assert model[1][1] == pytest.approx(benefit)
    lowest, highest = axes.get_ylim()
    assert lowest < 0 < benefit < highest
