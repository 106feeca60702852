"""Heat-map overlays: where the evidence for a finding lies on the prepared image, or on each of its views."""

from functools import cache

import cv2
import numpy as np
from cmap import Colormap
from numpy.typing import NDArray

from client.interpretation import HeatMap
from preprocessing import Prepared

_ENLARGEMENT = 2
_STRONGEST_BLEND = 0.55
_FIRST_COLOR = 0.45
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_LETTER_MARGIN, _LETTER_WIDTH = 5, 10


def overlay(prepared: Prepared, heat_map: HeatMap) -> NDArray[np.uint8]:
    """Blend the positive evidence of a map over an image, without the black margin of the input tensor.

    Negative evidence is not shown, and the strongest place of each map is drawn equally strong, so a picture says
    where, not how much: our choice. Several views stand side by side and share one scale. The letters of the sides
    stand in the lower corners, where they are known.

    Args:
        prepared: The image as the model saw it.
        heat_map: Contribution of each place to the log-odds, axes (row, column) over the same field, of several views
            (view, row, column).

    Returns:
        RGB, shape (2 * row, 2 * column, 3) of the image's place in the tensor, the columns of all views together; 0 to
        255.
    """
    maps = heat_map.reshape(-1, *heat_map.shape[-2:])
    strongest, place = float(heat_map.max()), prepared.placement
    top, left = _ENLARGEMENT * place.top, _ENLARGEMENT * place.left
    rows, columns = _ENLARGEMENT * place.rows, _ENLARGEMENT * place.columns
    views = [_blended(pixels, view, strongest=strongest) for pixels, view in zip(prepared.pixels, maps, strict=True)]
    shown = [np.ascontiguousarray(view[top : top + rows, left : left + columns]) for view in views]
    for view, sides in zip(shown, prepared.sides):  # noqa: B905  # none where they are not known
        _draw_sides(view, sides)
    return np.concatenate(shown, axis=1)


def _draw_sides(picture: NDArray[np.uint8], sides: tuple[str, str]) -> None:
    """Write the letter of each side into its lower corner, in place."""
    rows, columns = picture.shape[:2]
    for letter, left in zip(sides, (_LETTER_MARGIN, columns - _LETTER_MARGIN - _LETTER_WIDTH), strict=True):
        for thickness, shade in ((3, 0), (1, 255)):
            cv2.putText(
                picture, letter, (left, rows - _LETTER_MARGIN), _FONT, 0.5, (shade,) * 3, thickness, cv2.LINE_AA
            )


def _blended(pixels: NDArray[np.uint8], evidence_map: HeatMap, *, strongest: float) -> NDArray[np.uint8]:
    rows, columns = (_ENLARGEMENT * side for side in pixels.shape)
    gray = np.asarray(cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_CUBIC), dtype=np.float32) / 255.0
    evidence = np.asarray(cv2.resize(evidence_map, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    strength = np.clip(evidence / strongest, 0.0, 1.0) if strongest > 0 else np.zeros_like(evidence)
    colors = _colors()[np.rint(strength * 255).astype(np.uint8)]
    weight = (_STRONGEST_BLEND * strength)[..., np.newaxis]
    blended = (1.0 - weight) * gray[..., np.newaxis] + weight * colors
    picture: NDArray[np.uint8] = np.rint(np.clip(blended, 0.0, 1.0) * 255).astype(np.uint8)
    return picture


@cache
def _colors() -> NDArray[np.float32]:
    """Return 256 colors from weak to strong, shape (256, 3), 0 to 1; the dark end would look like a shadow."""
    bright = np.linspace(_FIRST_COLOR, 1.0, 256)
    return np.asarray(Colormap("matplotlib:inferno")(bright)[:, :3], dtype=np.float32)
