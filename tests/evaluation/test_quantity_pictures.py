"""What the pictures of a measured quantity show is what was measured."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from evaluation.quantity_pictures import bland_altman_picture, scatter_picture
from evaluation.quantity_report import quantity_report
from tests.evaluation.measured import MINI_METER, MODEL, WRIGHT_METER

REPORT = quantity_report(WRIGHT_METER, MINI_METER, MODEL, data_set="seventeen", unit="l/min")


def drawn(figure: Figure, line: int) -> list[list[float]]:
    """Return places and heights of one line of a picture."""
    (axes,) = figure.axes
    across, up = axes.lines[line].get_data()
    return [np.asarray(across).tolist(), np.asarray(up).tolist()]


def words(figure: Figure) -> str:
    """Return the texts within a picture."""
    (axes,) = figure.axes
    return "\n".join(text.get_text() for text in axes.texts)


def test_the_scatter_shows_every_study_and_the_line_of_equal_values() -> None:
    figure = scatter_picture(WRIGHT_METER, MINI_METER, REPORT, demonstration=True)
    across, up = drawn(figure, 0)
    assert across == up
    assert across[0] < 178
    assert across[1] > 658
    assert drawn(figure, 1) == [WRIGHT_METER.tolist(), MINI_METER.tolist()]


def test_the_scatter_names_the_figures_and_the_unit() -> None:
    figure = scatter_picture(WRIGHT_METER, MINI_METER, REPORT, demonstration=True)
    text = words(figure)
    assert "MAE 28.94 l/min (95 % CI 16.16 to 41.72)" in text
    assert "r 0.943 (95 % CI " in text
    assert "ICC(1,1) 0.946 (95 % CI " in text
    assert figure.axes[0].get_xlabel() == "true value [l/min]"


def test_one_value_for_everyone_is_drawn_without_a_correlation() -> None:
    same = np.full(4, 50.0)
    report = quantity_report(same, same, MODEL, data_set="four", unit="%")
    figure = scatter_picture(same, same, report, demonstration=True)
    assert "r –" in words(figure)
    assert figure.axes[0].get_xlim() == (49, 51)


def test_bland_altman_shows_differences_over_means_with_bias_and_limits() -> None:
    figure = bland_altman_picture(WRIGHT_METER, MINI_METER, REPORT, demonstration=True)
    means, differences = drawn(figure, 0)
    assert means == ((WRIGHT_METER + MINI_METER) / 2).tolist()
    assert differences == (MINI_METER - WRIGHT_METER).tolist()
    found = REPORT.agreement
    lines = [drawn(figure, line)[1][0] for line in (1, 2, 3)]
    assert lines == [found.upper_limit.estimate, found.bias.estimate, found.lower_limit.estimate]
    assert words(figure).splitlines() == ["upper limit +78.10", "bias +2.12", "lower limit -73.86"]


def test_no_label_hides_a_study() -> None:
    figure = bland_altman_picture(WRIGHT_METER, MINI_METER, REPORT, demonstration=True)
    (axes,) = figure.axes
    figure.canvas.draw()
    last = axes.transData.transform((max(drawn(figure, 0)[0]), 0))[0]
    assert all(text.get_window_extent().x0 > last for text in axes.texts)


def test_bland_altman_shows_the_intervals_as_bands() -> None:
    (axes,) = bland_altman_picture(WRIGHT_METER, MINI_METER, REPORT, demonstration=True).axes
    found = REPORT.agreement
    bands = [(band.get_y(), band.get_y() + band.get_height()) for band in axes.patches]  # type: ignore[attr-defined]
    intervals = (found.upper_limit, found.bias, found.lower_limit)
    assert bands == [pytest.approx((interval.lower, interval.upper)) for interval in intervals]
