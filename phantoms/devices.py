"""Things that are not the patient: pacemaker, electrodes with their leads, gastric air, side marker."""

from dataclasses import dataclass

import cv2
import numpy as np

from phantoms.anatomy import ChestAnatomy
from phantoms.shapes import ByteImage, DetectorGrid, FloatImage, smooth_curve, stroke
from phantoms.truth import Projection
from phantoms.view import View


@dataclass(frozen=True, kw_only=True)
class Devices:
    """What lies in or on the patient. None of it depends on a disease, so that none of it is a shortcut.

    Attributes:
        pacemaker: Generator below the left clavicle with two leads.
        electrodes: Number of electrodes on the skin, 0 to 5.
        sternal_wires: Number of wire loops in the sternum, 0 to 6.
    """

    pacemaker: bool
    electrodes: int
    sternal_wires: int


def draw_devices(rng: np.random.Generator, view: View) -> Devices:
    """Draw devices; monitoring electrodes are commoner in AP views.

    Source:
        Our choice throughout.
    """
    pacemaker, monitored, operated = rng.random(3)
    count, wires = int(rng.integers(3, 6)), int(rng.integers(4, 7))
    bedside = view.projection is Projection.ANTERO_POSTERIOR
    return Devices(
        pacemaker=bool(pacemaker < 0.08),
        electrodes=count if monitored < (0.6 if bedside else 0.06) else 0,
        sternal_wires=wires if operated < 0.08 else 0,
    )


def metal_thickness(
    rng: np.random.Generator, *, grid: DetectorGrid, devices: Devices, anatomy: ChestAnatomy, view: View
) -> FloatImage:
    """Cast devices.

    Returns:
        Attenuation, unit 1 (exponent of Beer's law), shape (rows, columns).
    """
    coverage = grid.blank()
    wide, front = anatomy.thorax.half_width_mm, view.shift_mm(95)
    places = np.array([(-55, -0.55), (-55, 0.6), (60, -0.7), (75, 0.78), (20, 0.1)]) * (1, wide)
    for place in (places + rng.normal(0, 8, (5, 2)))[: devices.electrodes]:
        stroke(coverage, grid, [np.array([place, place + 0.1])], width_mm=9, value=120)
        lead = smooth_curve([tuple(place), (place[0] + 60, place[1] * 0.9 + 15), (320, place[1] * 0.3 + 30)])
        stroke(coverage, grid, [lead], width_mm=1.2, value=110)
    for wire in range(devices.sternal_wires):
        row = -25 + 24.0 * wire
        bends = [(row, front - 6), (row - 3, front + 5), (row + 4, front + 6), (row + 3, front - 5)]
        loop = smooth_curve(bends, closed=True)
        stroke(coverage, grid, [loop], width_mm=1.0, value=230)
    if devices.pacemaker:
        _draw_pacemaker(coverage, grid, wide, view)
    return cv2.GaussianBlur(coverage, (0, 0), 0.6) * np.float32(3.0 / 255)


def _draw_pacemaker(coverage: ByteImage, grid: DetectorGrid, wide: float, view: View) -> None:
    pocket = np.array([(-42, 0.66 * wide), (-30, 0.74 * wide)])
    stroke(coverage, grid, [pocket], width_mm=34, value=190)
    rise = -0.45 * view.elevation_mm
    for tip in ((75 + rise, -38), (115 + rise, 35)):
        lead = smooth_curve([(-42, 0.6 * wide), (-60, 30), (-40, -18), (30, -24), (70 + rise, -30), tip])
        stroke(coverage, grid, [lead], width_mm=1.8, value=170)


def gastric_air_depth(rng: np.random.Generator, *, grid: DetectorGrid, anatomy: ChestAnatomy, view: View) -> FloatImage:
    """Cast air in stomach and colon below the left dome: present in two of three.

    Returns:
        Millimeters of air, shape (rows, columns).
    """
    present = rng.random() < 0.66
    size, row_jitter, column_jitter = rng.uniform(0.6, 1.5), rng.normal(0, 5), rng.normal(0, 12)
    coverage = grid.blank()
    if present:
        top = anatomy.thorax.dome_row_mm - view.elevation_mm + 24 + row_jitter
        center = 0.5 * anatomy.thorax.half_width_mm + column_jitter
        upper = smooth_curve([
            (top + 16 * size, center - 24 * size), (top, center - 8 * size),
            (top + 3, center + 16 * size), (top + 16 * size, center + 25 * size),
        ])  # fmt: skip
        stroke(coverage, grid, [upper], width_mm=4, value=150)
        cv2.fillPoly(coverage, [np.rint(grid.to_pixels(upper)[:, ::-1]).astype(np.int32)], 255)
    return cv2.GaussianBlur(coverage, (0, 0), grid.pixels(2.0)) * np.float32(45 / 255)


def draw_marker(rng: np.random.Generator, image: FloatImage) -> None:
    """Paint a lead letter L into the upper corner at the patient's left, in place: white, value 1.

    Its place, size and style are drawn from their own numbers and depend on nothing else.
    """
    rows, columns = image.shape
    drawn = rng.random() < 0.9
    height, row, column = rng.uniform(9, 18), rng.uniform(0.06, 0.14), rng.uniform(0.86, 0.93)
    thickness = int(rng.integers(1, 4))
    if not drawn:
        return
    letter = np.array([(0, 0), (0, 1), (0.6, 1)]) * height + (column * columns, row * rows)
    ink = np.zeros((rows, columns), np.uint8)
    cv2.polylines(ink, [np.rint(letter * 16).astype(np.int32)], False, 255, thickness, cv2.LINE_AA, 4)
    np.maximum(image, ink * np.float32(1 / 255), out=image)
