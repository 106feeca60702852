"""A picture of a perfusion model: by how much each segment differs from PET. Needs the extra `report`."""

import numpy as np
from matplotlib.figure import Figure

from evaluation.perfusion_report import TITLES, PerfusionReport
from evaluation.pictures import BLUE, GRAY, VERMILION, framed, in_house_style

_LOOKS = {"spect": (VERMILION, -0.15, "o"), "virtual_pet": (BLUE, 0.15, "s")}
"""Color, place beside the number of the segment, mark."""


@in_house_style
def segments_picture(report: PerfusionReport, state: str, *, demonstration: bool) -> Figure:
    """Draw the mean difference of each segment from PET with its interval.

    Args:
        report: Of whom it tells.
        state: `stress` or `rest`.
        demonstration: Whether the weights were fitted on phantoms.
    """
    figure, axes = framed(report, f"difference from PET at {state}", demonstration=demonstration)
    axes.axhline(0, color=GRAY, linewidth=1)
    for compared in report.segments:
        if compared.state != state:
            continue
        color, aside, mark = _LOOKS[compared.image]
        differences = [each.difference for each in compared.segments]
        middle = np.array([each.estimate for each in differences])
        below = middle - [each.lower for each in differences]
        above = np.array([each.upper for each in differences]) - middle
        numbers = np.array([each.number for each in compared.segments])
        axes.errorbar(
            numbers + aside,
            middle,
            yerr=[below, above],
            fmt=mark,
            color=color,
            markersize=4,
            label=TITLES[compared.image],
        )
    axes.set_xticks([each.number for each in report.segments[0].segments])
    axes.set_xlabel("segment")
    axes.set_ylabel("mean difference from PET [% of the highest segment]")
    axes.legend(loc="lower right")
    return figure
