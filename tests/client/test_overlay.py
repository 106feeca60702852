"""Heat maps are drawn where the evidence lies."""

import numpy as np

from client.overlay import overlay
from preprocessing import Identity, Placement, Prepared

PLACE = Placement(top=0, left=20, rows=320, columns=280)
IMAGE = Prepared(identity=Identity(), pixels=np.full((1, 320, 320), 100, dtype=np.uint8), placement=PLACE)


def test_only_positive_evidence_is_drawn_and_where_it_lies() -> None:
    heat_map = np.full((10, 10), -1.0, dtype=np.float32)
    heat_map[7, 2] = 3.0
    picture = overlay(IMAGE, heat_map).astype(int)
    changed = np.argwhere((picture != 100).any(axis=2)).mean(axis=0)
    np.testing.assert_allclose(changed, [(7 + 0.5) * 64, (2 + 0.5) * 64 - 2 * PLACE.left], atol=8)


def test_a_map_without_positive_evidence_leaves_the_image_as_it_is() -> None:
    picture = overlay(IMAGE, np.full((10, 10), -2.0, dtype=np.float32))
    assert np.array_equal(picture, np.full((640, 560, 3), 100, dtype=np.uint8))


def test_the_scale_of_a_map_does_not_change_its_picture() -> None:
    heat_map = np.random.default_rng(0).normal(size=(10, 10)).astype(np.float32)
    assert np.array_equal(overlay(IMAGE, heat_map), overlay(IMAGE, heat_map * np.float32(4)))


def test_views_stand_side_by_side_on_one_scale() -> None:
    place = Placement(top=0, left=0, rows=64, columns=32)
    views = Prepared(identity=Identity(), pixels=np.full((2, 64, 32), 100, dtype=np.uint8), placement=place)
    heat_map = np.zeros((2, 8, 4), dtype=np.float32)
    heat_map[0, 1, 1], heat_map[1, 6, 2] = 4.0, 1.0
    picture = overlay(views, heat_map).astype(int)
    assert picture.shape == (128, 128, 3)
    change = np.abs(picture - 100).sum(axis=2)
    strong = np.unravel_index(change[:, :64].argmax(), (128, 64))
    weak = np.unravel_index(change[:, 64:].argmax(), (128, 64))
    np.testing.assert_allclose(strong, [(1 + 0.5) * 16, (1 + 0.5) * 16], atol=8)
    np.testing.assert_allclose(weak, [(6 + 0.5) * 16, (2 + 0.5) * 16], atol=8)
    assert change[:, :64].max() > 2 * change[:, 64:].max() > 0
