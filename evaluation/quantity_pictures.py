"""Pictures of a model that measures a quantity: predicted against true, and Bland-Altman. Needs the extra `report`."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.agreement import Quantities
from evaluation.interval import Interval
from evaluation.pictures import BLUE, GRAY, VERMILION, framed, in_house_style
from evaluation.quantity_report import QuantityReport

_ROOM_FOR_LABELS = 0.5
"""Empty part of a Bland-Altman plot right of its points, in ranges of the means, so that no label hides a study."""


@in_house_style
def scatter_picture(truth: Quantities, values: Quantities, report: QuantityReport, *, demonstration: bool) -> Figure:
    """Draw predicted against true values with the line on which they are equal.

    Args:
        truth: Shape (studies,), those of the report, in its unit.
        values: What the model said, the same shape and unit.
        report: Of these studies.
        demonstration: Whether the weights were fitted on phantoms.
    """
    figure, axes = framed(report, "predicted and true", demonstration=demonstration)
    low, high = float(min(truth.min(), values.min())), float(max(truth.max(), values.max()))
    margin = 0.03 * (high - low) or 1.0
    ends = [low - margin, high + margin]
    axes.plot(ends, ends, color=GRAY, linestyle="--", linewidth=1, label="equal")
    _scatter(axes, truth, values)
    found = report.agreement
    figures = [
        f"MAE {found.mean_absolute_error.estimate:.2f} {report.unit} {_bounds(found.mean_absolute_error, digits=2)}",
        f"r {_three_digits(found.pearson_r)}",
        f"ICC(1,1) {_three_digits(found.intraclass_correlation)}",
    ]
    axes.text(0.02, 0.98, "\n".join(figures), transform=axes.transAxes, va="top", zorder=1)
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    axes.set_aspect("equal")
    axes.set_xlabel(f"true value [{report.unit}]")
    axes.set_ylabel(f"predicted value [{report.unit}]")
    axes.legend(loc="lower right")
    return figure


@in_house_style
def bland_altman_picture(
    truth: Quantities, values: Quantities, report: QuantityReport, *, demonstration: bool
) -> Figure:
    """Draw differences over means, with bias and limits of agreement and their 95 % intervals as bands.

    Args:
        truth: Shape (studies,), those of the report, in its unit.
        values: What the model said, the same shape and unit.
        report: Of these studies.
        demonstration: Whether the weights were fitted on phantoms.

    Source:
        Bland JM, Altman DG, Lancet 1986;327:307-310.
    """
    figure, axes = framed(report, "Bland-Altman", demonstration=demonstration)
    means, found = (truth + values) / 2, report.agreement
    _scatter(axes, means, values - truth)
    spread = float(np.ptp(means)) or 1.0
    axes.set_xlim(float(means.min()) - 0.05 * spread, float(means.max()) + _ROOM_FOR_LABELS * spread)
    for name, interval, color in (
        ("upper limit", found.upper_limit, VERMILION),
        ("bias", found.bias, GRAY),
        ("lower limit", found.lower_limit, VERMILION),
    ):
        axes.axhspan(interval.lower, interval.upper, color=color, alpha=0.18, linewidth=0)
        axes.axhline(interval.estimate, color=color, linewidth=1.4, linestyle="-" if name == "bias" else "--")
        axes.annotate(
            f"{name} {interval.estimate:+.2f}",
            (1.0, interval.estimate),
            xycoords=("axes fraction", "data"),
            xytext=(-2, 3),
            textcoords="offset points",
            ha="right",
            va="bottom",
        )
    axes.set_xlabel(f"mean of predicted and true value [{report.unit}]")
    axes.set_ylabel(f"predicted - true [{report.unit}]")
    return figure


def _scatter(axes: Axes, across: Quantities, up: Quantities) -> None:
    axes.plot(
        across, up, linestyle="none", marker="o", markersize=3.5, markeredgewidth=0, color=BLUE, alpha=0.5, zorder=2
    )


def _three_digits(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.estimate:.3f} {_bounds(interval, digits=3)}"


def _bounds(interval: Interval, *, digits: int) -> str:
    return f"(95 % CI {interval.lower:.{digits}f} to {interval.upper:.{digits}f})"
