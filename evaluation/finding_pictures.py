"""Pictures of a finding model: ROC curve, calibration, calls at the operating point. Needs the extra `report`."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import special
from sklearn.metrics import roc_curve

from evaluation.calibration import calibration_groups
from evaluation.discrimination import Scores, Truth
from evaluation.finding_report import FindingReport
from evaluation.interval import Interval
from evaluation.pictures import BLUE, GRAY, VERMILION, framed, in_house_style
from specs.weights import ConfusionCounts

Counts = NDArray[np.int64]
Reach = NDArray[np.float64]


@in_house_style
def roc_picture(truth: Truth, probabilities: Scores, report: FindingReport, *, demonstration: bool) -> Figure:
    """Draw the ROC curve with its area and the operating point.

    Args:
        truth: Shape (studies,), those of the report.
        probabilities: Shape (studies,), unit 1, in [0, 1].
        report: Of these studies.
        demonstration: Whether the weights were fitted on phantoms.
    """
    figure, axes = framed(report, "ROC curve", demonstration=demonstration)
    false_positive_rate, true_positive_rate, _ = roc_curve(truth, probabilities)
    axes.plot([0, 1], [0, 1], color=GRAY, linestyle="--", linewidth=1, label="chance")
    axes.plot(false_positive_rate, true_positive_rate, color=BLUE, linewidth=1.8, label=f"AUC {report.auc}")
    calls = report.calls
    if calls.sensitivity is not None and calls.specificity is not None:
        fallout = _complement(calls.specificity)
        label = f"operating point {report.threshold:.3f} with 95 % CI"
        _points(axes, [fallout.estimate], [calls.sensitivity], label=label, across=[fallout])
    _span_the_unit_square(axes)
    axes.set_xlabel("1 - specificity")
    axes.set_ylabel("sensitivity")
    axes.legend(loc="lower right")
    return figure


@in_house_style
def calibration_picture(truth: Truth, probabilities: Scores, report: FindingReport, *, demonstration: bool) -> Figure:
    """Draw observed against predicted frequency: tenths of the studies, and the fitted calibration curve.

    Args:
        truth: Shape (studies,), those of the report.
        probabilities: Shape (studies,), unit 1, in [0, 1].
        report: Of these studies.
        demonstration: Whether the weights were fitted on phantoms.
    """
    figure, axes = framed(report, "calibration", demonstration=demonstration)
    fit = report.calibration
    axes.plot([0, 1], [0, 1], color=GRAY, linestyle="--", linewidth=1, label="ideal")
    predicted = np.linspace(max(float(probabilities.min()), 1e-3), min(float(probabilities.max()), 1 - 1e-3), 200)
    axes.plot(
        predicted,
        special.expit(fit.intercept + fit.slope * special.logit(predicted)),
        color=BLUE,
        linewidth=1.8,
        label=f"fit: intercept {fit.intercept:+.2f}, slope {fit.slope:.2f}; Brier {fit.brier_score:.3f}",
    )
    groups = calibration_groups(truth, probabilities)
    _points(
        axes,
        [group.mean_probability for group in groups],
        [group.observed for group in groups],
        label="tenths of the studies with 95 % CI",
    )
    _span_the_unit_square(axes)
    axes.set_xlabel("predicted probability")
    axes.set_ylabel("share with the finding")
    axes.legend(loc="upper left")
    return figure


@in_house_style
def confusion_picture(report: FindingReport, *, demonstration: bool) -> Figure:
    """Draw the calls at the operating point against truth: counts, and shares of each row.

    Args:
        report: Whose calls.
        demonstration: Whether the weights were fitted on phantoms.
    """
    figure, axes = framed(report, f"calls at {report.threshold:.3f}", demonstration=demonstration)
    table = confusion_table(report.counts)
    shares = table / table.sum(axis=1, keepdims=True)  # a report has studies of both kinds
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(table):
        share = shares[row, column]
        axes.text(
            column,
            row,
            f"{count}\n{100 * share:.1f} %",
            ha="center",
            va="center",
            fontsize=14,
            color="white" if share > 0.5 else "black",
        )
    axes.set_xticks([0, 1], ["positive", "negative"])
    axes.set_yticks([0, 1], ["with the\nfinding", "without"])
    axes.set_xlabel("called")
    axes.set_ylabel("truth (shares of the row)")
    axes.grid(visible=False)
    return figure


def confusion_table(counts: ConfusionCounts) -> Counts:
    """Return the counts with axes (truth, call), with the finding and called positive first."""
    return np.array(
        [[counts.true_positive, counts.false_negative], [counts.false_positive, counts.true_negative]], np.int64
    )


def _span_the_unit_square(axes: Axes) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")


def _complement(share: Interval) -> Interval:
    return Interval(estimate=1 - share.estimate, lower=1 - share.upper, upper=1 - share.lower)


def _points(
    axes: Axes, places: list[float], shares: list[Interval], *, label: str, across: list[Interval] | None = None
) -> None:
    """Draw shares with their intervals; `across` holds the intervals of their places, where those are estimates."""
    axes.errorbar(
        places,
        [share.estimate for share in shares],
        yerr=_reach(shares),
        xerr=None if across is None else _reach(across),
        linestyle="none",
        marker="o",
        markersize=5,
        capsize=2,
        color=VERMILION,
        zorder=3,
        label=label,
    )


def _reach(intervals: list[Interval]) -> Reach:
    """Return how far intervals reach below and above their estimates, shape (2, intervals), as matplotlib takes it."""
    return np.abs([[i.estimate - i.lower for i in intervals], [i.upper - i.estimate for i in intervals]])
