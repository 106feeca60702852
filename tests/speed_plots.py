"""Plots of speed for docs/benchmarks.md, made of committed records: the same text for the same records."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.latency import Latency
from benchmarks.load import LoadRecord
from benchmarks.transfer_syntaxes import TransferSyntaxesRecord
from evaluation.pictures import BLUE, GREEN, VERMILION, encoded, in_house_style

_WIDTH_IN = 8.0
_SHOWN_PERCENTS = {50.0: BLUE, 95.0: GREEN, 99.0: VERMILION}


def plots(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name of each plot whose record is there, and its SVG text.

    Args:
        folder: Where the records are.
    """
    load, syntaxes = folder / "load.json", folder / "transfer_syntaxes.json"
    if syntaxes.exists():
        record = TransferSyntaxesRecord.from_json(syntaxes.read_text(encoding="utf-8"))
        yield "transfer_syntaxes.svg", _svg(_transfer_syntaxes(record))
    if load.exists():
        yield "load.svg", _svg(_load(LoadRecord.from_json(load.read_text(encoding="utf-8"))))


@in_house_style
def _transfer_syntaxes(record: TransferSyntaxesRecord) -> Figure:
    """Draw the rate that was reached in each transfer syntax, and a line where the cores allow no more."""
    found = sorted(record.syntaxes, key=lambda each: each.scored_per_s)
    height_in = 1.2 + 0.28 * len(found)
    figure = Figure(figsize=(_WIDTH_IN, height_in))
    figure.suptitle("Radiographs in each transfer syntax", fontweight="bold")
    axes = figure.add_axes((0.36, 0.6 / height_in, 0.6, 1 - 1.1 / height_in))
    places = range(len(found))
    axes.barh(places, [each.scored_per_s for each in found], color=BLUE, label="reached")
    ceilings = [each.scored_per_s / each.share_of_ceiling for each in found]
    axes.scatter(ceilings, places, marker="|", s=160, color="black", label="1 / (1/D + 1/C)")
    axes.set_yticks(places, [each.syntax for each in found])
    axes.set_xlabel("studies a second, file to result")
    axes.legend(loc="lower right")
    return figure


@in_house_style
def _load(record: LoadRecord) -> Figure:
    """Draw latency over throughput: in the closed loop by clients, in the open loop by arrivals."""
    figure = Figure(figsize=(_WIDTH_IN, 3.6))
    figure.suptitle(f"Latency of {record.entry.model} over throughput", fontweight="bold")
    closed, opened = figure.subplots(1, 2, sharey=True)
    figure.subplots_adjust(left=0.09, bottom=0.14, right=0.98, top=0.82, wspace=0.08)
    _draw(
        closed,
        [each.trial.answered_per_s for each in record.closed],
        [each.trial.latency for each in record.closed],
        title="closed loop, " + ", ".join(str(each.clients) for each in record.closed) + " clients",
    )
    _draw(
        opened,
        [each.arrivals_per_s for each in record.open],
        [each.trial.latency for each in record.open],
        title="open loop, by arrivals",
    )
    closed.set_ylabel("latency, ms")
    return figure


def _draw(axes: Axes, rates_per_s: Sequence[float], latencies: Sequence[Latency], *, title: str) -> None:
    """Draw percentiles with their intervals, as far as these are bounded."""
    for percent, color in _SHOWN_PERCENTS.items():
        found = [latency.at(percent) for latency in latencies]
        below = [each.ms - (each.ms if each.lower_ms is None else each.lower_ms) for each in found]
        above = [(each.ms if each.upper_ms is None else each.upper_ms) - each.ms for each in found]
        axes.errorbar(
            rates_per_s,
            [each.ms for each in found],
            yerr=(below, above),
            marker="o",
            color=color,
            label=f"p{percent:g}",
            capsize=2,
        )
    axes.set_title(title, fontsize=9)
    axes.set_xlabel("studies a second")
    axes.set_yscale("log")
    axes.legend()


def _svg(figure: Figure) -> str:
    return encoded(figure, kind="svg").decode("utf-8")
