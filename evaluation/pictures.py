"""What every picture of a report shares: its look, its title and footnote, and how it becomes a file.

Figures are made without pyplot, so that no state outlives a call. Needs the extra `report`.
"""

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Literal, ParamSpec

import matplotlib as mpl
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from evaluation.evaluation_records import Report
from specs.notices import DEMONSTRATION_WEIGHTS, NOT_A_DEVICE

# Okabe M, Ito K, Color Universal Design, 2008: told apart with every kind of color vision.
BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
PINK = "#CC79A7"
GRAY = "#595959"

_SIDE_INCHES = 5.6
_DOTS_PER_INCH = 120
_PLOT = (0.14, 0.13, 0.80, 0.76)
"""Left, bottom, width and height of the plot in parts of the picture. matplotlib's automatic layouts move a little with
every rendering, so that a picture's second file would differ from its first."""
_STYLE = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 9,
    "grid.color": "#E6E6E6",
    "axes.axisbelow": True,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.8,
    "svg.hashsalt": "tricorder",  # otherwise every file has identifiers of its own
}

_Drawn = ParamSpec("_Drawn")


def in_house_style(draw: Callable[_Drawn, Figure]) -> Callable[_Drawn, Figure]:
    """Make a drawing function independent of the user's own matplotlib settings."""

    @wraps(draw)
    def styled(*args: _Drawn.args, **kwargs: _Drawn.kwargs) -> Figure:
        with style.context(["default", _STYLE]):
            return draw(*args, **kwargs)

    return styled


def framed(report: Report, heading: str, *, demonstration: bool) -> tuple[Figure, Axes]:
    """Start a picture: a square plot with title and footnote.

    Args:
        report: Of whom the picture tells.
        heading: What it shows.
        demonstration: Whether the weights were fitted on phantoms.
    """
    return titled_plot(
        f"{report.model} version {report.version}: {heading}",
        f"{report.data_set}, n = {report.studies}",
        demonstration=demonstration,
    )


def titled_plot(title: str, subtitle: str, *, demonstration: bool) -> tuple[Figure, Axes]:
    """Start a picture: a square plot with title, subtitle and footnote.

    Args:
        title: Whose picture it is and what it shows.
        subtitle: Of which studies.
        demonstration: Whether the weights were fitted on phantoms.
    """
    figure = Figure(figsize=(_SIDE_INCHES, _SIDE_INCHES), dpi=_DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=11, fontweight="bold")
    axes = figure.add_axes(_PLOT)
    axes.set_title(subtitle, fontsize=9, color=GRAY)
    footnote = f"{NOT_A_DEVICE}; {DEMONSTRATION_WEIGHTS.lower()}" if demonstration else NOT_A_DEVICE
    figure.supxlabel(footnote, fontsize=8, color=GRAY)
    return figure, axes


def encoded(figure: Figure, *, kind: Literal["svg", "png"]) -> bytes:
    """Write a picture as a file: the same bytes for the same picture and the same matplotlib.

    Returns:
        SVG with letters as outlines, or PNG of 672 by 672 pixels.
    """
    title = figure.get_suptitle()
    metadata = {"Title": title, "Date": None, "Creator": None} if kind == "svg" else {"Title": title, "Software": None}
    content = BytesIO()
    with style.context(["default", _STYLE]), mpl.rc_context({"svg.fonttype": "path"}):
        figure.savefig(content, format=kind, metadata=metadata)
    return content.getvalue()
