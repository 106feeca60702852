"""Pictures of polar maps: each segment where it is displayed, with its number, on one scale."""

import numpy as np
import pytest

from client.polar_picture import polar_picture
from evaluation.polar_map import segment_places
from specs.myocardial_segments import AHA_SEGMENTS, PERFUSION_MAP

SHAPE = (4 * PERFUSION_MAP.rings, PERFUSION_MAP.angles)


def brightness(picture: np.ndarray, *, right: float, up: float) -> float:
    """Return how bright a small patch is, its place in radii from the middle."""
    row, column = round(256 - up * 248), round(256 + right * 248)
    return float(picture[row - 3 : row + 4, column - 3 : column + 4].mean())


@pytest.mark.parametrize(
    ("number", "right", "up"),
    [(1, 0.12, 0.9), (2, -0.85, 0.35), (3, -0.85, -0.35), (4, 0.12, -0.9), (5, 0.85, -0.35), (6, 0.85, 0.35),
     (7, 0.1, 0.65), (10, 0.1, -0.65), (13, 0.08, 0.42), (14, -0.4, 0.1), (15, 0.08, -0.42), (16, 0.4, 0.1),
     (17, 0.0, 0.12)],
)  # fmt: skip
def test_a_bright_segment_is_bright_where_it_is_displayed_and_nowhere_else(
    number: int, right: float, up: float
) -> None:
    values = segment_places(AHA_SEGMENTS[number - 1], PERFUSION_MAP).astype(float)
    picture = polar_picture(values, highest=1.0)
    assert brightness(picture, right=right, up=up) > 150
    assert brightness(picture, right=-right + 0.01, up=-up) < 60 or number == 17


def test_every_segment_is_numbered_and_bordered() -> None:
    dark = polar_picture(np.zeros(SHAPE), highest=1.0)
    is_line = dark.min(axis=-1) > 200
    rows, columns = np.mgrid[:512, :512] - 255.5
    radius = np.hypot(rows, columns) / 248
    assert (dark[radius > 1.02] == 255).all()
    for segment in AHA_SEGMENTS:
        places = segment_places(segment, PERFUSION_MAP)
        ring = np.minimum((radius * SHAPE[0]).astype(int), SHAPE[0] - 1)
        angle = (np.arctan2(-rows, columns) % (2 * np.pi) / (2 * np.pi) * SHAPE[1]).astype(int)
        middle = (segment.start_degrees + segment.end_degrees) / 2 if segment.number != 17 else None
        is_inner = places[ring, angle] & (radius < 0.98)
        assert is_line[is_inner].any(), segment.name
        assert middle is None or is_line[is_inner & (np.abs(radius * 4 % 1 - 0.5) < 0.2)].sum() > 10


def test_maps_that_share_a_scale_can_be_compared() -> None:
    halves = polar_picture(np.full(SHAPE, 0.5), highest=1.0), polar_picture(np.full(SHAPE, 5.0), highest=10.0)
    np.testing.assert_array_equal(*halves)
    whole = polar_picture(np.full(SHAPE, 1.0), highest=1.0)
    assert brightness(whole, right=0.12, up=0.9) > brightness(halves[0], right=0.12, up=0.9)
    np.testing.assert_array_equal(polar_picture(np.full(SHAPE, 2.0), highest=1.0), whole)


def test_a_scale_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        polar_picture(np.zeros(SHAPE), highest=0.0)
