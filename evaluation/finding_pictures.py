"""Pictures of a finding model: ROC curves, calibration, calls, decision curve. Needs the extra `report`."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import special
from sklearn.metrics import roc_curve

from evaluation.calibration import calibration_groups
from evaluation.decision_curve import DecisionCurve
from evaluation.discrimination import Scores, Truth
from evaluation.finding_report import FindingReport
from evaluation.interval import Interval
from evaluation.pictures import BLUE, GRAY, GREEN, PINK, VERMILION, framed, in_house_style
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
        points(axes, [fallout.estimate], [calls.sensitivity], label=label, across=[fallout])
    label_roc_axes(axes)
    return figure


@in_house_style
def members_picture(
    truth: Truth,
    probabilities: Scores,
    members: Mapping[str, Scores],
    report: FindingReport,
    *,
    demonstration: bool,
) -> Figure:
    """Draw the ROC curves of an ensemble and of its members.

    Args:
        truth: Shape (studies,), those of the report.
        probabilities: The ensemble's, shape (studies,), unit 1, in [0, 1].
        members: Those of up to three members by their names, each of the same shape.
        report: Of these studies, with its members compared.
        demonstration: Whether the weights were fitted on phantoms.
    """
    figure, axes = framed(report, "ROC curves of the members", demonstration=demonstration)
    areas = {member.model: member.comparison.second for member in report.details.members}
    axes.plot([0, 1], [0, 1], color=GRAY, linestyle="--", linewidth=1, label="chance")
    for color, (name, scores) in zip((VERMILION, GREEN, PINK), members.items(), strict=False):
        axes.plot(
            *roc_curve(truth, scores)[:2], color=color, linewidth=1.2, label=f"{name}: AUC {areas[name].estimate:.3f}"
        )
    own = f"{report.model}: AUC {report.auc.estimate:.3f}"
    axes.plot(*roc_curve(truth, probabilities)[:2], color=BLUE, linewidth=2.2, label=own)
    label_roc_axes(axes)
    return figure


@in_house_style
def decision_picture(curve: DecisionCurve, report: FindingReport, *, demonstration: bool) -> Figure:
    """Draw net benefit over the threshold: of the model, of acting on all, of acting on none.

    Args:
        curve: Of the studies of the report, thresholds in ascending order.
        report: Of whom the picture tells.
        demonstration: Whether the weights were fitted on phantoms.
    """
    figure, axes = framed(report, "decision curve", demonstration=demonstration)
    thresholds = [point.threshold for point in curve.points]
    of_model, of_all = ([getattr(point, name) for point in curve.points] for name in ("of_model", "of_all"))
    axes.axhline(0, color=GRAY, linestyle="--", linewidth=1, label="act on none")
    axes.plot(thresholds, of_all, color=VERMILION, linewidth=1.2, label="act on all")
    axes.plot(thresholds, of_model, color=BLUE, linewidth=1.8, label="act on the model's probability")
    axes.set_xlim(0, 1)
    top = 1.1 * max(*of_model, curve.prevalence)
    axes.set_ylim(-0.25 * top, top)  # acting on all falls without end
    axes.set_xlabel("probability from which one would act")
    axes.set_ylabel("net benefit [true positives a study]")
    axes.legend(loc="upper right")
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
    points(
        axes,
        [group.mean_probability for group in groups],
        [group.observed for group in groups],
        label="tenths of the studies with 95 % CI",
    )
    span_the_unit_square(axes)
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


def label_roc_axes(axes: Axes) -> None:
    """Finish a plot of ROC curves."""
    span_the_unit_square(axes)
    axes.set_xlabel("1 - specificity")
    axes.set_ylabel("sensitivity")
    axes.legend(loc="lower right")


def span_the_unit_square(axes: Axes) -> None:
    """Show all of a plot of shares over shares."""
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")


def _complement(share: Interval) -> Interval:
    return Interval(estimate=1 - share.estimate, lower=1 - share.upper, upper=1 - share.lower)


def points(
    axes: Axes,
    places: list[float],
    shares: list[Interval],
    *,
    label: str,
    color: str = VERMILION,
    across: list[Interval] | None = None,
) -> None:
    """Draw shares with their intervals; `across` holds the intervals of their places, where those are estimates."""
    axes.errorbar(
        places,
        [share.estimate for share in shares],
        yerr=reach(shares),
        xerr=None if across is None else reach(across),
        linestyle="none",
        marker="o",
        markersize=5,
        capsize=2,
        color=color,
        zorder=3,
        label=label,
    )


def reach(intervals: list[Interval]) -> Reach:
    """Return how far intervals reach below and above their estimates, shape (2, intervals), as matplotlib takes it."""
    return np.abs([[i.estimate - i.lower for i in intervals], [i.upper - i.estimate for i in intervals]])
