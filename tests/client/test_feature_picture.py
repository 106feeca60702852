"""The picture of an answer from features: image, bars as long as probabilities, measurements."""

import numpy as np
import pytest
from numpy.typing import NDArray

from client.feature_picture import feature_picture
from client.interpretation import Call, MemberValue
from client.result import ResultRow, Status
from preprocessing import Identity, Measurement, PreparedFeatures
from specs.coding import CodedConcept

PREPARED = PreparedFeatures(
    identity=Identity(),
    tensor=np.zeros(12, np.float32),
    measurements=(Measurement(name="asymmetry_index", title="asymmetry index", value=12.3, unit="%"),),
    image=np.tile(np.arange(128, dtype=np.uint8), (128, 1)),
)
IMAGE = slice(0, 384)
BAR = (90, 150, 220)
POSITIVE = (225, 110, 60)


def row(value: float, members: dict[str, float], call: Call = Call.NEGATIVE) -> ResultRow:
    nothing = dict.fromkeys(ResultRow.model_fields)
    return ResultRow.model_validate(
        {
            **nothing,
            "source": "a.dcm",
            "model": "dat_parkinsonism",
            "version": 1,
            "status": Status.SCORED,
            "value": value,
            "call": call,
            "contract_sha256": "0" * 64,
            "model_sha256": "0" * 64,
            "demonstration": True,
            "retryable": False,
            "finding": CodedConcept(value="X", scheme="99TRICORDER", meaning="Parkinson syndrome"),
            "members": [MemberValue(model=name, value=each, title=name) for name, each in members.items()],
            "outcomes": (),
            "remarks": (),
            "source_series": (),
            "measurements": PREPARED.measurements,
        }
    )


def bar_lengths(picture: NDArray[np.uint8], color: tuple[int, int, int]) -> list[int]:
    """Return the length of each bar of a color, from top to bottom."""
    lit = (picture[:, IMAGE.stop :] == color).all(axis=2).sum(axis=1)
    starts = np.flatnonzero((lit > 0) & (np.roll(lit, 1) != lit))
    return [int(lit[start]) for start in starts]


@pytest.mark.parametrize("value", [0.1, 0.5, 0.9])
def test_bars_are_as_long_as_the_probabilities(value: float) -> None:
    members = {"low uptake": 1.0, "asymmetric": 0.5, "dot-shaped": 0.25}
    picture = feature_picture(PREPARED, row(value, members, Call.POSITIVE))
    whole, half, quarter = bar_lengths(picture, BAR)
    assert half == pytest.approx(whole / 2, abs=2)
    assert quarter == pytest.approx(whole / 4, abs=2)
    assert bar_lengths(picture, POSITIVE) == [pytest.approx(whole * value, abs=2)]


def test_only_a_positive_answer_is_marked() -> None:
    members = {"low uptake": 0.5}
    assert bar_lengths(feature_picture(PREPARED, row(0.9, members)), POSITIVE) == []
    assert len(bar_lengths(feature_picture(PREPARED, row(0.9, members, Call.POSITIVE)), POSITIVE)) == 1


def test_the_image_keeps_its_sides_and_shows_more_counts_brighter() -> None:
    picture = feature_picture(PREPARED, row(0.5, {})).astype(int).sum(axis=2)
    assert picture.shape == (384, 804)
    columns = picture[:300, IMAGE].mean(axis=0)
    assert (np.diff(columns[::48]) > 0).all()


def test_what_was_measured_stands_in_the_picture() -> None:
    without = PreparedFeatures(identity=Identity(), tensor=PREPARED.tensor, measurements=(), image=PREPARED.image)
    differs = (feature_picture(PREPARED, row(0.5, {})) != feature_picture(without, row(0.5, {}))).any(axis=2)
    assert differs[:, IMAGE.stop :].any()
    assert not differs[:, IMAGE].any()
