"""Plots of speed: one a record that is there, the same for the same record, with what it is of."""

from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
from matplotlib.patches import Rectangle

from tests.benchmarks.records import LOAD, TRANSFER_SYNTAXES
from tests.speed_plots import _load, _transfer_syntaxes, plots
from tests.speed_tables import scenario_text

TITLE = "{http://purl.org/dc/elements/1.1/}title"


def test_each_record_has_its_plot_which_the_page_shows(tmp_path: Path) -> None:
    assert list(plots(tmp_path)) == []
    (tmp_path / "load.json").write_text(LOAD.readable_json(), encoding="utf-8")
    (tmp_path / "transfer_syntaxes.json").write_text(TRANSFER_SYNTAXES.readable_json(), encoding="utf-8")
    drawn = dict(plots(tmp_path))
    assert drawn == dict(plots(tmp_path))
    shown = "".join(scenario_text(name, tmp_path) for name in ("load", "transfer_syntaxes"))
    assert all(f"({name})" in shown for name in drawn)
    titles = {name: ET.fromstring(text).findtext(f".//{TITLE}") for name, text in drawn.items()}
    assert titles["transfer_syntaxes.svg"] == "Radiographs in each transfer syntax"
    assert titles["load.svg"] == "Latency of mitral_regurgitation over throughput"


def test_points_are_those_of_the_record() -> None:
    closed, opened = _load(LOAD).axes
    (p50, *_) = closed.get_lines()
    assert np.asarray(p50.get_xdata()).tolist() == [each.trial.answered_per_s for each in LOAD.closed]
    assert np.asarray(p50.get_ydata()).tolist() == [each.trial.latency.at(50).ms for each in LOAD.closed]
    assert np.asarray(opened.get_lines()[0].get_xdata()).tolist() == [each.arrivals_per_s for each in LOAD.open]
    (axes,) = _transfer_syntaxes(TRANSFER_SYNTAXES).axes
    widths = [bar.get_width() for bar in axes.patches if isinstance(bar, Rectangle)]
    assert widths == sorted(each.scored_per_s for each in TRANSFER_SYNTAXES.syntaxes)
