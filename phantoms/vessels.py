"""The branching vessels of the lungs and the fine pattern between them."""

from collections import defaultdict
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from phantoms.anatomy import ChestAnatomy, LungAnatomy
from phantoms.shapes import DetectorGrid, FloatImage, Points
from phantoms.view import View

_DIRECTIONS_DEG: Final = (-80, -66, -52, -36, -20, -2, 16, 34, 50, 64, 78)
"""Where the trunks leave a hilum: degrees below the horizontal, outward."""
_STEPS: Final = 9
"""Straight pieces of a trunk."""
_TAPER: Final = ((0, 2, 1.0), (2, 4, 0.76), (4, 6, 0.54), (6, 9, 0.36))
"""Parts of a trunk: first point, last point, caliber against that at the hilum."""
_FORKS: Final = tuple((step, sign) for step in range(1, 7) for sign in (-1, 1))
"""Branches of a trunk: the point where one leaves and to which side."""
_VALUE_PER_MM: Final = 26.0
"""Gray values of the drawing for a millimeter of vessel."""

Path = tuple[Points, float]
"""Positions in the patient, shape (n, 2), and the caliber in millimeters."""


def vessel_thickness(rng: np.random.Generator, *, grid: DetectorGrid, anatomy: ChestAnatomy, view: View) -> FloatImage:
    """Cast hila and lung vessels.

    Returns:
        Millimeters of blood, shape (rows, columns), 0 to about 10.
    """
    size = anatomy.thorax.half_width_mm / 138
    rise_mm = -0.2 * view.elevation_mm
    paths: list[Path] = []
    for side, row_mm in ((-1, 22.0), (1, 14.0)):
        hilum = np.array([row_mm + rise_mm, side * 37 * size])
        paths += _grow_tree(rng, hilum=hilum, side=side, lungs=anatomy.lungs)
    return _draw(grid, paths)


def _grow_tree(rng: np.random.Generator, *, hilum: Points, side: int, lungs: LungAnatomy) -> list[Path]:
    """Grow the trunks of one lung and their branches; all trunks at once, axes (trunk, step)."""
    trunks = len(_DIRECTIONS_DEG)
    headings = np.radians(np.array(_DIRECTIONS_DEG) + rng.normal(0, 5, trunks))
    turns = headings[:, None] + np.cumsum(rng.normal(0, 0.13, (trunks, _STEPS)), axis=1)
    lengths = rng.uniform(9, 14, (trunks, _STEPS))
    starts = hilum + rng.normal(0, 5, (trunks, 2))
    steps = _directions(turns, side) * lengths[..., None]
    points = np.concatenate([starts[:, None], starts[:, None] + np.cumsum(steps, axis=1)], axis=1)
    calibers = _calibers_mm(lungs) * rng.uniform(0.85, 1.15, trunks)
    paths = [
        (points[trunk, first : last + 1], float(calibers[trunk] * share))
        for first, last, share in reversed(_TAPER)
        for trunk in range(trunks)
    ]
    forks = rng.uniform(0.35, 0.95, (trunks, len(_FORKS)))
    for number, (step, sign) in enumerate(_FORKS):
        angles = turns[:, step] + sign * forks[:, number]
        half_mm = 18 - 1.5 * step
        middle = points[:, step] + half_mm * _directions(angles, side)
        end = middle + half_mm * _directions(angles - 0.5 * sign * forks[:, number], side)
        branches = np.stack([points[:, step], middle, end], axis=1)
        share = 0.56 - 0.05 * step
        paths += [(branches[trunk], float(calibers[trunk] * share)) for trunk in range(trunks)]
    return paths


def _directions(angles: NDArray[np.float64], side: int) -> Points:
    """Return unit steps (row, column) for angles below the horizontal, outward on one side."""
    return np.stack([np.sin(angles), side * np.cos(angles)], axis=-1)


def _calibers_mm(lungs: LungAnatomy) -> NDArray[np.float64]:
    """Return the caliber of each trunk: lower ones full, upper ones by the ratio, a ramp between."""
    upper_share = np.clip((10 - np.array(_DIRECTIONS_DEG)) / 40, 0, 1)
    calibers: NDArray[np.float64] = lungs.vessel_mm * (1 - upper_share + upper_share * lungs.upper_zone_ratio)
    return calibers


def _draw(grid: DetectorGrid, paths: list[Path]) -> FloatImage:
    """Draw thin paths first; paths of one look go to OpenCV in one call, which is most of the speed here."""
    pixels = grid.to_pixels(np.concatenate([path for path, _ in paths]))[:, ::-1]
    vertices = np.rint(pixels * 16).astype(np.int32)
    looks: dict[tuple[int, int], list[NDArray[np.int32]]] = defaultdict(list)
    start = 0
    for path, caliber_mm in paths:
        value = int(np.clip(round(caliber_mm * _VALUE_PER_MM / 6) * 6, 12, 255))
        width = max(1, round(grid.pixels(caliber_mm)))
        looks[value, width].append(vertices[start : start + len(path)])
        start += len(path)
    coverage = grid.blank()
    for (value, width), lines in sorted(looks.items(), key=lambda look: look[0]):
        cv2.polylines(coverage, lines, False, value, width, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(coverage, (0, 0), grid.pixels(0.7))
    return soft * np.float32(1 / _VALUE_PER_MM)


def parenchyma(rng: np.random.Generator, *, grid: DetectorGrid, lungs: LungAnatomy) -> FloatImage:
    """Draw the fine pattern of small vessels and interstitium.

    Returns:
        Relative density of the lung, shape (rows, columns), mean 0, standard deviation about 0.04.
    """
    pattern = grid.empty()
    for coarseness, weight in ((3, 0.03), (8, 0.018), (32, 0.02)):
        shape = (grid.rows // coarseness + 2, grid.columns // coarseness + 2)
        noise = rng.standard_normal(shape, np.float32)
        noise *= np.float32(weight)
        pattern += cv2.resize(noise, (grid.columns, grid.rows), interpolation=cv2.INTER_LINEAR)
    return pattern * np.float32(lungs.texture)
