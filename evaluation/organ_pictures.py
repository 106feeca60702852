"""Pictures of an organ model: Dice of each organ, heart counts and washout against the truth. Needs extra `report`."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from evaluation.interval import Interval
from evaluation.organ_report import MeasuredPatient, OrganReport
from evaluation.pictures import BLUE, GRAY, VERMILION, framed, in_house_style

_TIMES = (("early", BLUE), ("late", VERMILION))


@in_house_style
def dice_picture(patients: Sequence[MeasuredPatient], report: OrganReport, *, demonstration: bool) -> Figure:
    """Draw the Dice of each organ, early and late, a box from the first to the third quartile.

    Args:
        patients: Those of the report.
        report: Its figures.
        demonstration: Whether the weights were fitted on phantoms.
    """
    figure, axes = framed(report, "Dice of each organ", demonstration=demonstration)
    for time, (name, color) in enumerate(_TIMES):
        axes.boxplot(
            [[patient.dice[organ.organ][time] for patient in patients] for organ in report.organs],
            positions=np.arange(len(report.organs)) + (-0.18, 0.18)[time],
            widths=0.3,
            manage_ticks=False,
            label=name,
            patch_artist=True,
            boxprops={"facecolor": color, "alpha": 0.35, "edgecolor": color},
            medianprops={"color": color},
            whiskerprops={"color": color},
            capprops={"color": color},
            flierprops={"marker": "o", "markersize": 3, "markeredgecolor": color, "alpha": 0.5},
        )
    axes.set_xticks(np.arange(len(report.organs)), [organ.organ for organ in report.organs])
    axes.set_ylim(top=1)
    axes.set_ylabel("Dice on the voxels of the image")
    axes.legend(loc="lower right")
    return figure


@in_house_style
def heart_counts_picture(patients: Sequence[MeasuredPatient], report: OrganReport, *, demonstration: bool) -> Figure:
    """Draw corrected heart counts against the true uptake, early and late; arguments as of `dice_picture`."""
    figure, axes = framed(report, "heart counts and true uptake", demonstration=demonstration)
    for time, ((name, color), r2) in enumerate(
        zip(_TIMES, (report.early_counts_r2, report.late_counts_r2), strict=True)
    ):
        known = [
            (each.uptake[time], each.heart_counts[time]) for each in patients if each.heart_counts[time] is not None
        ]
        if known:
            across, up = np.array(known, np.float64).T
            axes.plot(
                across, up, linestyle="none", marker="o", markersize=3.5, markeredgewidth=0, color=color, alpha=0.5
            )
        axes.plot([], [], linestyle="none", marker="o", color=color, label=f"{name}: R² {_shown(r2)}")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("true uptake of the heart [g/ml]")
    axes.set_ylabel("heart counts, corrected for decay, dose and weight [counts·kg/MBq]")
    axes.legend(loc="upper left")
    return figure


@in_house_style
def washout_picture(patients: Sequence[MeasuredPatient], report: OrganReport, *, demonstration: bool) -> Figure:
    """Draw measured against true washout; arguments as of `dice_picture`."""
    figure, axes = framed(report, "measured and true washout", demonstration=demonstration)
    known = [(each.true_washout_percent, each.washout_percent) for each in patients if each.washout_percent is not None]
    if known:
        pairs = np.array(known, np.float64)
        ends = [float(pairs.min()) - 2, float(pairs.max()) + 2]
        axes.plot(ends, ends, color=GRAY, linestyle="--", linewidth=1, label="equal")
        axes.plot(*pairs.T, linestyle="none", marker="o", markersize=3.5, markeredgewidth=0, color=BLUE, alpha=0.5)
        axes.legend(loc="lower right")
    axes.text(0.02, 0.98, f"R² {_shown(report.washout_r2)}", transform=axes.transAxes, va="top")
    axes.set_xlabel("true washout of the heart [%]")
    axes.set_ylabel("measured washout [%]")
    return figure


def _shown(interval: Interval | None) -> str:
    return "–" if interval is None else interval.cell()
