"""Heat-map overlays: where the evidence for a finding lies on the prepared image."""

from functools import cache

import cv2
import numpy as np
from cmap import Colormap
from numpy.typing import NDArray

from client.interpretation import HeatMap

_ENLARGEMENT = 2
_STRONGEST_BLEND = 0.55


def overlay(pixels: NDArray[np.uint8], heat_map: HeatMap) -> NDArray[np.uint8]:
    """Blend the positive evidence of a map over an image.

    Negative evidence is not shown, and the strongest place of each map is drawn equally strong, so a picture says
    where, not how much: our choice.

    Args:
        pixels: Prepared image, axes (row, column), 0 to 255.
        heat_map: Contribution of each place to the log-odds, axes (row, column) over the same field.

    Returns:
        RGB, shape (2 * row, 2 * column, 3), 0 to 255.
    """
    rows, columns = (_ENLARGEMENT * side for side in pixels.shape)
    gray = np.asarray(cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_CUBIC), dtype=np.float32) / 255.0
    evidence = np.asarray(cv2.resize(heat_map, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    strength = np.clip(evidence / max(float(heat_map.max()), float(np.finfo(np.float32).tiny)), 0.0, 1.0)
    colors = _colors()[np.rint(strength * 255).astype(np.uint8)]
    weight = (_STRONGEST_BLEND * strength)[..., np.newaxis]
    blended = (1.0 - weight) * gray[..., np.newaxis] + weight * colors
    picture: NDArray[np.uint8] = np.rint(np.clip(blended, 0.0, 1.0) * 255).astype(np.uint8)
    return picture


@cache
def _colors() -> NDArray[np.float32]:
    """Return 256 colors from weak to strong, shape (256, 3), 0 to 1."""
    return np.asarray(Colormap("matplotlib:inferno").lut(256)[:, :3], dtype=np.float32)
