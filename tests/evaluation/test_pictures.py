"""Pictures as files: they open, they repeat, and they say what they are not."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from io import BytesIO
from typing import Literal

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from PIL import Image
from scipy.special import expit

from evaluation.finding_pictures import calibration_picture, confusion_picture, roc_picture
from evaluation.finding_report import finding_report
from evaluation.pictures import encoded
from evaluation.quantity_pictures import bland_altman_picture, scatter_picture
from evaluation.quantity_report import quantity_report
from specs import SPECS
from tests.evaluation.cohorts import simulated
from tests.evaluation.measured import MODEL, ages
from tests.specs.records import contract

Draw = Callable[[bool], Figure]
SPEC = next(iter(SPECS.values()))


def of_findings(name: str) -> Draw:
    truth, log_odds = simulated(150)
    probabilities = expit(log_odds)
    report = finding_report(truth, probabilities, contract(SPEC), data_set="a set")
    return {
        "roc": lambda demonstration: roc_picture(truth, probabilities, report, demonstration=demonstration),
        "calibration": lambda demonstration: calibration_picture(
            truth, probabilities, report, demonstration=demonstration
        ),
        "confusion": lambda demonstration: confusion_picture(report, demonstration=demonstration),
    }[name]


def of_quantities(name: str) -> Draw:
    truth, values = ages(150)
    report = quantity_report(truth, values, MODEL, data_set="a set", unit="years")
    draw = {"scatter": scatter_picture, "bland_altman": bland_altman_picture}[name]
    return lambda demonstration: draw(truth, values, report, demonstration=demonstration)


@pytest.fixture(params=["roc", "calibration", "confusion", "scatter", "bland_altman"])
def draw(request: pytest.FixtureRequest) -> Draw:
    """Every picture."""
    name: str = request.param
    return of_findings(name) if name in {"roc", "calibration", "confusion"} else of_quantities(name)


def footnote(figure: Figure) -> str:
    return figure.get_supxlabel()


def test_a_png_opens_and_is_not_empty(draw: Draw) -> None:
    picture = Image.open(BytesIO(encoded(draw(True), kind="png")))
    picture.load()
    assert (picture.format, picture.size) == ("PNG", (672, 672))
    assert len(picture.convert("L").getcolors(256) or []) > 10


def test_an_svg_is_well_formed_and_has_the_title(draw: Draw) -> None:
    figure = draw(True)
    root = ET.fromstring(encoded(figure, kind="svg"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert figure.get_suptitle() in {element.text for element in root.iter() if element.tag.endswith("}title")}


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_same_figures_give_the_same_bytes(draw: Draw, kind: Literal["svg", "png"]) -> None:
    figure = draw(True)
    first = encoded(figure, kind=kind)
    assert encoded(figure, kind=kind) == first
    assert encoded(draw(True), kind=kind) == first
    assert b"20" not in b"".join(part for part in first.split(b"\n") if b"date" in part.lower())


def test_the_users_own_settings_change_nothing(draw: Draw) -> None:
    plain = encoded(draw(True), kind="png")
    with mpl.rc_context({"font.size": 20, "lines.linewidth": 9, "axes.facecolor": "yellow", "savefig.dpi": 30}):
        assert encoded(draw(True), kind="png") == plain


def test_drawing_leaves_the_users_settings_alone(draw: Draw) -> None:
    names = set(mpl.rcParams) - {"backend"}  # which is chosen, and pyplot loaded, when it is read
    before = {name: mpl.rcParams[name] for name in names}
    encoded(draw(True), kind="svg")
    assert {name: mpl.rcParams[name] for name in names} == before


def test_no_pyplot_is_loaded() -> None:
    code = """
import sys
from matplotlib.figure import Figure
from evaluation import finding_pictures, quantity_pictures
from evaluation.pictures import encoded, in_house_style
encoded(in_house_style(Figure)(), kind="svg")
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_picture_names_model_set_and_number_and_is_no_medical_device(draw: Draw) -> None:
    figure = draw(False)
    assert figure.get_suptitle().split(":")[0] in {f"{SPEC.name} version 1", "xray_age version 3"}
    assert figure.axes[0].get_title() == "a set, n = 150"
    assert footnote(figure) == "Research software, not a medical device"


def test_demonstration_weights_are_named(draw: Draw) -> None:
    assert footnote(draw(True)).endswith("; demonstration weights, phantom data")


def test_nothing_lies_outside_the_picture(draw: Draw) -> None:
    figure = draw(True)
    figure.canvas.draw()
    tight = figure.get_tightbbox()
    assert tight.x0 >= 0
    assert tight.y0 >= 0
    assert tight.x1 <= figure.get_figwidth()
    assert tight.y1 <= figure.get_figheight()
