"""Pictures of a prognosis: survival curves with the numbers at risk, and hazard ratios. Needs the extra `report`."""

import math
from collections.abc import Iterable
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from evaluation.interval import shown_p_value
from evaluation.pictures import BLUE, GRAY, VERMILION, in_house_style, titled_plot
from evaluation.prognosis import PrognosisReport, SurvivalGroup

_COLORS = (BLUE, VERMILION, GRAY)
_WITH_TABLE = (0.14, 0.32, 0.80, 0.57)
_WITH_NAMES_AND_NUMBERS = (0.28, 0.13, 0.42, 0.76)
"""Left, bottom, width and height of the plot in parts of the picture."""
_NAME_LETTERS, _NAME_LINES = 20, 3
"""What of a covariate's name fits beside the plot."""
_NARROW, _WIDE, _MOST_STEPS = 4, 100, 4
"""Ranges of ratios with another kind of ticks, and the most steps of powers of ten."""
_LONG_LABELS = 0.005
"""Within such a range, ratios near 1 have so many digits that there is room for few."""
_MARGIN = 0.06
"""On both sides of the intervals, in parts of their range."""
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
    p_value = report.log_rank_p_value
    tested = "" if p_value is None else f"log-rank p {shown_p_value(p_value)}"
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
    axes.set_position(_WITH_NAMES_AND_NUMBERS)
    ratios = report.cox.hazard_ratios
    beside = axes.get_yaxis_transform()
    for place, each in enumerate(ratios):
        found = each.ratio
        axes.plot([found.lower, found.upper], [place, place], color=BLUE, linewidth=1.6)
        axes.plot([found.estimate], [place], marker="s", color=BLUE, markersize=5)
        axes.text(1.04, place, each.shown_ratio.replace(" (", "\n("), transform=beside, fontsize=8, va="center")
    axes.axvline(1.0, color=GRAY, linestyle="--", linewidth=1)
    bounds = [1.0, *(bound for each in ratios for bound in (each.ratio.lower, each.ratio.upper))]
    _ratio_axis(axes, min(bounds), max(bounds))
    axes.set_yticks(range(len(ratios)), [_name(each.covariate) for each in ratios])
    axes.set_ylim(len(ratios) - 0.5, -0.5)
    axes.set_xlabel("hazard ratio for one unit more (95 % CI)")
    return figure


def _ratio_axis(axes: Axes, lower: float, upper: float) -> None:
    """Make the axis logarithmic, with round ratios from `lower` to `upper`, which hold 1 between them."""
    margin = (upper / lower) ** _MARGIN
    ticks = [tick for tick in _round_ratios(lower, upper) if lower / margin <= tick <= upper * margin]
    axes.set_xscale("log")
    axes.set_xlim(lower / margin, upper * margin)
    axes.minorticks_off()
    axes.set_xticks(ticks, [f"{tick:.9g}" for tick in ticks], fontsize=8)


def _round_ratios(lower: float, upper: float) -> Iterable[float]:
    """Return 1 and other round ratios: even steps where the range is narrow, else 1, 2, 5 or powers of ten."""
    if upper / lower < _NARROW:
        bins = 2 if upper - lower < _LONG_LABELS else 4
        return [float(tick) for tick in MaxNLocator(nbins=bins, steps=[1, 2, 5, 10]).tick_values(lower, upper)]
    first, last = math.floor(math.log10(lower)), math.ceil(math.log10(upper))
    every = math.ceil(math.log10(upper / lower) / _MOST_STEPS)
    leading = (1, 2, 5) if upper / lower < _WIDE else (1,)
    return [digit * 10.0**power for power in range(first, last + 1) if power % every == 0 for digit in leading]


def _name(covariate: str) -> str:
    return "\n".join(wrap(covariate, _NAME_LETTERS, max_lines=_NAME_LINES, placeholder="…"))


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
