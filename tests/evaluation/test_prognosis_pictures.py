"""What the pictures of a prognosis show is what was estimated, whole and within the picture."""

from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.interval import Interval
from evaluation.pictures import encoded
from evaluation.prognosis import GAP, GapGrouping, PrognosisReport
from evaluation.prognosis_pictures import hazard_picture, survival_picture
from evaluation.survival import CoxRegression, HazardRatio
from tests.evaluation.test_prognosis import GROUPINGS, cohort, report

Bounds = tuple[float, float, float]

LONG = "N-terminal pro-B-type natriuretic peptide, pg/ml, at admission to the ward"


@cache
def estimated(grouping: GapGrouping) -> PrognosisReport:
    return report(cohort(), grouping)


def with_ratios(found: PrognosisReport, ratios: dict[str, Bounds]) -> PrognosisReport:
    """Return the report with other hazard ratios: lower bound, estimate and upper bound."""
    made = tuple(
        HazardRatio(covariate=name, ratio=Interval(estimate=estimate, lower=lower, upper=upper), p_value=0.02)
        for name, (lower, estimate, upper) in ratios.items()
    )
    cox = CoxRegression(patients=300, events=100, hazard_ratios=made, concordance=0.7)
    return found.model_copy(update={"cox": cox})


def axes_of(figure: Figure) -> Axes:
    (axes,) = figure.axes
    return axes


def assert_within_the_picture(figure: Figure) -> None:
    figure.canvas.draw()
    tight = figure.get_tightbbox()
    assert min(tight.x0, tight.y0) >= 0
    assert tight.x1 <= figure.get_figwidth()
    assert tight.y1 <= figure.get_figheight()


def texts_of(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


@pytest.mark.parametrize(
    ("ratios", "ticks"),
    [
        ({GAP: (1.005, 1.019, 1.032)}, [1, 1.01, 1.02, 1.03]),
        ({GAP: (0.876, 0.953, 1.037)}, [0.9, 0.95, 1]),
        ({GAP: (0.97, 1.02, 1.08), "sex_is_male": (0.4, 0.9, 2.2), LONG: (1.00005, 1.00012, 1.00019)}, [0.5, 1, 2]),
        ({GAP: (0.876, 0.953, 1.037), "site": (0.0004, 0.3, 1.3)}, [0.001, 0.01, 0.1, 1]),
        ({LONG: (1.00005, 1.00012, 1.00019)}, [1, 1.0001, 1.0002]),
        ({LONG: (1.0000005, 1.0000012, 1.0000019)}, [1, 1.000001, 1.000002]),
        ({"sex_is_male": (3.0, 7.0, 16.0)}, [1, 2, 5, 10]),
        ({"site": (1e-20, 1.0, 1e20)}, [1e-20, 1e-10, 1, 1e10, 1e20]),
    ],
)
def test_every_ratio_is_drawn_on_an_axis_with_round_ticks_and_1(ratios: dict[str, Bounds], ticks: list[float]) -> None:
    picture = hazard_picture(with_ratios(estimated(GapGrouping.SIGN), ratios), demonstration=True)
    assert_within_the_picture(picture)
    axes = axes_of(picture)
    assert axes.get_xticks() == pytest.approx(ticks, rel=1e-9)
    assert [float(label.get_text()) for label in axes.get_xticklabels()] == pytest.approx(ticks, rel=1e-9)
    extents = [label.get_window_extent() for label in axes.get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in pairwise(extents))
    left, right = axes.get_xlim()
    drawn = [np.asarray(line.get_data()).tolist() for line in axes.lines[:-1]]
    for place, (lower, estimate, upper) in enumerate(ratios.values()):
        assert drawn[2 * place : 2 * place + 2] == [[[lower, upper], [place, place]], [[estimate], [place]]]
        assert left < lower < upper < right
    assert len(drawn) == 2 * len(ratios)


def test_each_ratio_stands_beside_its_interval_as_the_text_has_it() -> None:
    found = estimated(GapGrouping.SIGN)
    picture = hazard_picture(found, demonstration=True)
    axes = axes_of(picture)
    assert [text.replace("\n", " ") for text in texts_of(axes)] == [
        each.shown_ratio for each in found.cox.hazard_ratios
    ]
    assert [text.get_position()[1] for text in axes.texts] == list(range(len(found.cox.hazard_ratios)))
    names = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    assert names == [each.covariate for each in found.cox.hazard_ratios]
    assert_within_the_picture(picture)


@GROUPINGS
def test_the_curves_and_the_numbers_at_risk_are_those_of_the_report(grouping: GapGrouping) -> None:
    found = estimated(grouping)
    picture = survival_picture(found, demonstration=True)
    axes = axes_of(picture)
    for line, group in zip(axes.lines, found.groups, strict=True):
        years, survival = np.asarray(line.get_data())
        assert years.tolist() == [0, *(step.years for step in group.curve.steps)]
        assert survival.tolist() == [1, *(step.survival.estimate for step in group.curve.steps)]
    numbers = [(text.get_position()[0], text.get_text()) for text in axes.texts[1:]]
    assert numbers == [
        (years, str(patients))
        for group in found.groups
        for years, patients in zip(found.at_risk_years, group.at_risk, strict=True)
    ]
    legend = axes.get_legend()
    assert legend is not None
    assert f"log-rank {str(found).split('log-rank ')[1].split(':')[0]}" == legend.get_title().get_text()
    assert_within_the_picture(picture)


@GROUPINGS
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_pictures_are_the_same_each_time_and_say_what_the_weights_are(
    grouping: GapGrouping, kind: Literal["svg", "png"]
) -> None:
    found = estimated(grouping)
    for draw in (survival_picture, hazard_picture):
        plain, noted = (draw(found, demonstration=demonstration) for demonstration in (False, True))
        assert encoded(plain, kind=kind) == encoded(draw(found, demonstration=False), kind=kind)
        assert "demonstration weights" in str(noted.get_supxlabel())
        assert "not a medical device" in str(plain.get_supxlabel())
