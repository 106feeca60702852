"""Pictures of a prognosis: survival curves with the numbers at risk, and hazard ratios. Needs the extra `report`."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.pictures import BLUE, GRAY, VERMILION, in_house_style, titled_plot
from evaluation.prognosis import PrognosisReport, SurvivalGroup

_COLORS = (BLUE, VERMILION, GRAY)
_WITH_TABLE = (0.14, 0.32, 0.80, 0.57)
_WITH_NAMES = (0.30, 0.13, 0.64, 0.76)
"""Left, bottom, width and height of the plot in parts of the picture."""
_TABLE_TOP, _ROW = -0.26, 0.065
"""In parts of the plot's height, under its bottom."""


@in_house_style
def survival_picture(report: PrognosisReport, *, demonstration: bool) -> Figure:
    """Draw the survival curve of each group with its 95 % interval as a band, and a table of patients at risk.

    Args:
        report: What is drawn.
        demonstration: Whether the weights were fitted on phantoms.
    """
    figure, axes = _framed(report, "survival by age gap", demonstration=demonstration)
    axes.set_position(_WITH_TABLE)
    for group, color in zip(report.groups, _COLORS, strict=False):
        _curve(axes, group, color)
    axes.set_ylim(0, 1.02)
    axes.set_xlim(0, max(group.curve.steps[-1].years for group in report.groups))
    axes.set_xticks(report.at_risk_years)
    axes.set_xlabel("years of follow-up")
    axes.set_ylabel("share without the event")
    tested = "" if report.log_rank_p_value is None else f"log-rank p = {report.log_rank_p_value:.2g}"
    axes.legend(loc="lower left", title=tested, alignment="left")
    _at_risk_table(axes, report)
    return figure


@in_house_style
def hazard_picture(report: PrognosisReport, *, demonstration: bool) -> Figure:
    """Draw each hazard ratio for one unit more with its 95 % interval, on a logarithmic axis.

    Args:
        report: What is drawn.
        demonstration: Whether the weights were fitted on phantoms.
    """
    figure, axes = _framed(report, "hazard ratios", demonstration=demonstration)
    axes.set_position(_WITH_NAMES)
    ratios = report.cox.hazard_ratios
    for place, each in enumerate(ratios):
        found = each.ratio
        axes.plot([found.lower, found.upper], [place, place], color=BLUE, linewidth=1.6)
        axes.plot([found.estimate], [place], marker="s", color=BLUE, markersize=5)
        axes.annotate(
            found.cell(), (found.estimate, place), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8
        )
    axes.axvline(1.0, color=GRAY, linestyle="--", linewidth=1)
    axes.set_xscale("log")
    axes.minorticks_off()
    bounds = [1.0, *(bound for each in ratios for bound in (each.ratio.lower, each.ratio.upper))]
    ticks = np.unique(np.round(np.geomspace(min(bounds), max(bounds), 5), 2))
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks(range(len(ratios)), [each.covariate for each in ratios])
    axes.set_ylim(len(ratios) - 0.5, -0.5)
    axes.set_xlabel("hazard ratio for one unit more (95 % CI)")
    return figure


def _framed(report: PrognosisReport, heading: str, *, demonstration: bool) -> tuple[Figure, Axes]:
    return titled_plot(
        f"{report.model} version {report.version}: {heading}",
        f"{report.patients} patients, {report.events} events",
        demonstration=demonstration,
    )


def _curve(axes: Axes, group: SurvivalGroup, color: str) -> None:
    steps = group.curve.steps
    years = [0.0, *(step.years for step in steps)]
    bounds = {name: [1.0, *(getattr(step.survival, name) for step in steps)] for name in ("estimate", "lower", "upper")}
    axes.step(years, bounds["estimate"], where="post", color=color, label=group.name)
    axes.fill_between(years, bounds["lower"], bounds["upper"], step="post", color=color, alpha=0.15, linewidth=0)


def _at_risk_table(axes: Axes, report: PrognosisReport) -> None:
    place = axes.get_xaxis_transform()
    axes.text(0.0, _TABLE_TOP, "at risk", transform=axes.transAxes, fontsize=8, color=GRAY, ha="left")
    for row, (group, color) in enumerate(zip(report.groups, _COLORS, strict=False), start=1):
        for years, patients in zip(report.at_risk_years, group.at_risk, strict=True):
            axes.text(
                years, _TABLE_TOP - row * _ROW, str(patients), transform=place, fontsize=8, color=color, ha="center"
            )
