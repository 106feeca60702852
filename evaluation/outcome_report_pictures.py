"""Pictures of an outcome model on many patients: discrimination, calibration, risk groups, curve. Extra `report`."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from evaluation.calibration import calibration_groups, quantile_groups
from evaluation.discrimination import recorded_area
from evaluation.finding_pictures import label_roc_axes, points, reach, span_the_unit_square
from evaluation.measured_outcomes import MeasuredOutcomes
from evaluation.outcome_pictures import OUTCOME_COLORS, variable_label
from evaluation.pictures import BLUE, GRAY, VERMILION, framed, in_house_style
from evaluation.proportions import proportion
from specs.outcome import OutcomeClassifier
from specs.weights import OutcomeFigures

_COLORS = (BLUE, VERMILION)
"""Of up to two classifiers, the one that gives the answer first."""

_LINES = ("-", "--")

_TENTHS = 10


@in_house_style
def outcome_roc_picture(measured: MeasuredOutcomes, place: int, *, demonstration: bool) -> Figure:
    """Draw the ROC curves of every classifier for one outcome against all others.

    Args:
        measured: Patients and answers.
        place: Of the outcome in the head.
        demonstration: Whether the weights were fitted on synthetic patients.
    """
    figure, axes = framed(measured.report, f"ROC, {_title(measured, place)}", demonstration=demonstration)
    axes.plot([0, 1], [0, 1], color=GRAY, linestyle="--", linewidth=1, label="chance")
    for color, classifier, figures in _by_classifier(measured, place):
        curve = roc_curve(measured.truth == place, measured.probabilities[classifier.name][:, place])
        label = f"{classifier.title}\nAUC {recorded_area(figures.discrimination)}"
        axes.plot(*curve[:2], color=color, linewidth=1.8, label=label)
    label_roc_axes(axes)
    return figure


@in_house_style
def outcome_calibration_picture(measured: MeasuredOutcomes, place: int, *, demonstration: bool) -> Figure:
    """Draw observed against predicted frequency of one outcome by tenths of the patients, for every classifier.

    Args:
        measured: Patients and answers.
        place: Of the outcome in the head.
        demonstration: Whether the weights were fitted on synthetic patients.
    """
    figure, axes = framed(measured.report, f"calibration, {_title(measured, place)}", demonstration=demonstration)
    axes.plot([0, 1], [0, 1], color=GRAY, linestyle="--", linewidth=1, label="ideal")
    for color, classifier, figures in _by_classifier(measured, place):
        groups = calibration_groups(measured.truth == place, measured.probabilities[classifier.name][:, place])
        fit = figures.calibration
        points(
            axes,
            [group.mean_probability for group in groups],
            [group.observed for group in groups],
            color=color,
            label=f"{classifier.title}\nslope {fit.slope:.2f}, Brier {fit.brier_score:.3f}",
        )
    span_the_unit_square(axes)
    axes.set_xlabel("predicted probability, tenths of the patients")
    axes.set_ylabel("share with the outcome, 95 % CI")
    axes.legend(loc="upper left")
    return figure


@in_house_style
def risk_groups_picture(measured: MeasuredOutcomes, *, demonstration: bool) -> Figure:
    """Draw the share of patients with each outcome on both sides of its cut-off, for every classifier.

    Args:
        measured: Patients and answers.
        demonstration: Whether the weights were fitted on synthetic patients.
    """
    figure, axes = framed(measured.report, "risk groups", demonstration=demonstration)
    axes.set_position((0.34, 0.13, 0.62, 0.76))
    labels: list[str] = []
    for place, outcome in enumerate(measured.head.outcomes):
        for color, classifier, figures in _by_classifier(measured, place):
            for name, group in (("high", figures.high_risk), ("low", figures.low_risk)):
                share = None if group is None else proportion(group.events, group.patients)
                if group is not None and share is not None:
                    axes.errorbar(
                        [share.estimate], [len(labels)], xerr=reach([share]), marker="o", capsize=2, color=color
                    )
                    labels.append(f"{outcome.title}, {name}\n{classifier.name}: {group.events}/{group.patients}")
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xlabel("share with the outcome, 95 % CI")
    return figure


@in_house_style
def cohort_curve_picture(measured: MeasuredOutcomes, *, demonstration: bool) -> Figure:
    """Draw outcomes over the variable of the head's curve: what happened to, and was said of, tenths of the patients.

    Unlike figure 1 of the source, which moves one patient along the variable, all other variables vary with it here.

    Args:
        measured: Patients and answers.
        demonstration: Whether the weights were fitted on synthetic patients.
    """
    figure, axes = framed(measured.report, "outcomes along one variable", demonstration=demonstration)
    tenths = list(quantile_groups(measured.curve.values, groups=_TENTHS))
    centers = [float(measured.curve.values[members].mean()) for members in tenths]
    for place, (color, outcome) in enumerate(zip(OUTCOME_COLORS, measured.head.outcomes, strict=False)):
        observed = [proportion(int(np.sum(measured.truth[each] == place)), int(each.sum())) for each in tenths]
        shares = [share for share in observed if share is not None]
        points(axes, centers, shares, color=color, label=f"{outcome.title}: observed, 95 % CI")
        for line, classifier in zip(_LINES, measured.head.classifiers, strict=False):
            probabilities = measured.probabilities[classifier.name][:, place]
            means = [float(probabilities[members].mean()) for members in tenths]
            axes.plot(centers, means, color=color, linestyle=line, linewidth=1.4)
    for line, classifier in zip(_LINES, measured.head.classifiers, strict=False):
        axes.plot([], [], color=GRAY, linestyle=line, linewidth=1.4, label=f"mean of {classifier.title}")
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel(f"{variable_label(measured.curve.title, measured.curve.unit)}, means of tenths of the patients")
    axes.set_ylabel("share, or mean probability")
    axes.legend(loc="center right")
    return figure


def _by_classifier(measured: MeasuredOutcomes, place: int) -> Iterator[tuple[str, OutcomeClassifier, OutcomeFigures]]:
    """Yield every classifier with its color and its figures for one outcome."""
    found = zip(_COLORS, measured.head.classifiers, measured.report.performance.classifiers, strict=False)
    return ((color, classifier, figures.outcomes[place]) for color, classifier, figures in found)


def _title(measured: MeasuredOutcomes, place: int) -> str:
    return measured.head.outcomes[place].title
