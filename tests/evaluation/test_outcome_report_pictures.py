"""What the pictures of an outcome model show is what was measured."""

from io import BytesIO

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from PIL import Image
from sklearn.metrics import auc

from evaluation.measured_outcomes import CurveVariable, MeasuredOutcomes
from evaluation.outcome_report import outcome_report
from evaluation.outcome_report_pictures import (
    cohort_curve_picture,
    outcome_calibration_picture,
    outcome_roc_picture,
    risk_groups_picture,
)
from evaluation.pictures import encoded
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME
from tests.evaluation.test_outcome_figures import MODEL

HEAD = HEART_FAILURE_OUTCOME.head


@pytest.fixture(scope="module")
def measured() -> MeasuredOutcomes:
    """Three hundred made-up patients whose outcome hangs on the ratio."""
    generator = np.random.default_rng(3)
    ratio = generator.uniform(1.2, 3.0, 300)
    odds = np.column_stack([np.exp(4 - 2.2 * ratio), np.exp(1.2 - 1.3 * ratio), np.ones(300)])
    law = odds / odds.sum(axis=1, keepdims=True)
    truth = np.array([generator.choice(3, p=row) for row in law], np.int64)
    blurred = 0.9 * law + 0.1 / 3
    probabilities = {"regression": law, "forest": blurred}
    report = outcome_report(truth, probabilities, HEAD, MODEL, data_set="three hundred")
    curve = CurveVariable(title="late H/M ratio, at 4 h", unit="1", values=ratio)
    return MeasuredOutcomes(report=report, head=HEAD, truth=truth, probabilities=probabilities, curve=curve)


def axes_of(figure: Figure) -> Axes:
    (axes,) = figure.axes
    return axes


def points_of(axes: Axes) -> list[list[list[float]]]:
    """Return, of every set of points with error bars, their places and heights."""
    containers = [found for found in axes.containers if isinstance(found, ErrorbarContainer)]
    return [np.asarray(container.lines[0].get_data()).tolist() for container in containers]


@pytest.mark.parametrize("place", range(3))
def test_the_roc_curves_have_the_areas_of_the_report(measured: MeasuredOutcomes, place: int) -> None:
    figure = outcome_roc_picture(measured, place, demonstration=True)
    assert HEAD.outcomes[place].title in figure.get_suptitle()
    curves = axes_of(figure).lines[1:]
    for curve, classifier in zip(curves, measured.report.performance.classifiers, strict=True):
        expected = classifier.outcomes[place].discrimination.auc
        assert auc(*np.asarray(curve.get_data())) == pytest.approx(expected)


def test_the_calibration_points_have_all_events(measured: MeasuredOutcomes) -> None:
    found = points_of(axes_of(outcome_calibration_picture(measured, 0, demonstration=True)))
    assert len(found) == 2
    for predicted, observed in found:
        assert len(predicted) == 10
        assert predicted == sorted(predicted)
        assert np.mean(observed) == pytest.approx(np.mean(measured.truth == 0))


def test_the_risk_groups_are_those_of_the_report(measured: MeasuredOutcomes) -> None:
    axes = axes_of(risk_groups_picture(measured, demonstration=True))
    labels = [label.get_text() for label in axes.get_yticklabels()]
    drawn = [points[0][0] for points in points_of(axes)]
    groups = [
        group
        for place in range(2)
        for classifier in measured.report.performance.classifiers
        for group in (classifier.outcomes[place].high_risk, classifier.outcomes[place].low_risk)
        if group is not None
    ]
    assert len(groups) == 8
    assert drawn == pytest.approx([group.events / group.patients for group in groups])
    assert [label.split(": ")[1] for label in labels] == [f"{group.events}/{group.patients}" for group in groups]


def test_the_curve_shows_what_happened_to_and_what_was_said_of_each_tenth(measured: MeasuredOutcomes) -> None:
    axes = axes_of(cohort_curve_picture(measured, demonstration=True))
    assert axes.get_xlabel().startswith("late H/M ratio, means")
    order = np.argsort(measured.curve.values)
    tenths = np.split(order, 10)
    for place, (across, observed) in enumerate(points_of(axes)):
        assert across == pytest.approx([measured.curve.values[tenth].mean() for tenth in tenths])
        assert observed == pytest.approx([np.mean(measured.truth[tenth] == place) for tenth in tenths])
    solid = [line for line in axes.lines if line.get_linestyle() == "-" and np.size(line.get_xdata()) == 10]
    said = [np.asarray(line.get_ydata()).tolist() for line in solid]
    for place in range(3):
        means = [measured.probabilities["regression"][tenth, place].mean() for tenth in tenths]
        assert any(line == pytest.approx(means) for line in said)


@pytest.mark.parametrize("demonstration", [True, False])
def test_each_is_a_picture_that_says_what_it_is_not(measured: MeasuredOutcomes, demonstration: bool) -> None:
    figures = [
        outcome_roc_picture(measured, 0, demonstration=demonstration),
        outcome_calibration_picture(measured, 1, demonstration=demonstration),
        risk_groups_picture(measured, demonstration=demonstration),
        cohort_curve_picture(measured, demonstration=demonstration),
    ]
    for figure in figures:
        first = encoded(figure, kind="png")
        assert Image.open(BytesIO(first)).size == (672, 672)
        assert encoded(figure, kind="png") == first
        footnote = figure.get_supxlabel()
        assert footnote.startswith("Research software, not a medical device")
        assert ("demonstration weights" in footnote) == demonstration
        figure.canvas.draw()
        tight = figure.get_tightbbox()
        assert min(tight.x0, tight.y0) >= 0
        assert tight.x1 <= figure.get_figwidth()
        assert tight.y1 <= figure.get_figheight()
