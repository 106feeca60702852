"""From attenuation to stored values: scatter, dose, log response, presentation processing, collimation."""

from dataclasses import dataclass

import cv2
import numpy as np

from phantoms.devices import draw_marker
from phantoms.shapes import FloatImage
from phantoms.sites import Habits

_MEAN_PHOTONS = 2500.0
"""Quanta a pixel behind the average lung at dose 1: noise of 2 % there. Our choice."""

_DARK_LOGIT, _BRIGHT_LOGIT = -1.35, 1.75
"""Where the curve puts lungs and mediastinum: brightness 0.21 and 0.85. Our choice."""


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """Technique and processing of one image.

    Attributes:
        dose: Detector dose against the nominal one, 0.2 to 3.
        scatter: Scattered over primary radiation behind the trunk, 0.1 to 0.9.
        contrast: Slope of the presentation curve, 0.8 to 1.4.
        brightness: Shift of the presentation curve, -0.15 to 0.1.
        equalization: Share of the slow variation of density that processing removes, 0.15 to 0.65.
        sharpening: Strength of edge enhancement, 0 to 0.8.
        collimation: Shutter borders in fractions of the image: (top, left, bottom, right), 0 to 0.06.
    """

    dose: float
    scatter: float
    contrast: float
    brightness: float
    equalization: float
    sharpening: float
    collimation: tuple[float, float, float, float]


def draw_exposure(rng: np.random.Generator, habits: Habits) -> Exposure:
    """Draw technique and processing; nothing of it depends on the patient.

    Source:
        Our choice throughout.
    """
    borders = np.where(rng.random(4) < 0.3, rng.uniform(0.01, 0.06, 4), 0.0)
    return Exposure(
        dose=habits.dose * float(np.exp(np.clip(rng.normal(0, 0.45), -1.2, 1.1))),
        scatter=float(rng.uniform(*habits.scatter)),
        contrast=float(habits.contrast * np.clip(rng.normal(1, 0.09), 0.8, 1.25)),
        brightness=habits.brightness + float(np.clip(rng.normal(0, 0.045), -0.1, 0.1)),
        equalization=float(rng.uniform(*habits.equalization)),
        sharpening=float(rng.uniform(*habits.sharpening)),
        collimation=(float(borders[0]), float(borders[1]), float(borders[2]), float(borders[3])),
    )


def expose(rng: np.random.Generator, *, attenuation: FloatImage, exposure: Exposure) -> FloatImage:
    """Turn attenuation into the picture that a workstation shows.

    Args:
        rng: Source of quantum noise and of the marker's place.
        attenuation: Exponent of Beer's law, shape (rows, columns), 0 to about 9.
        exposure: Technique and processing.

    Returns:
        Brightness, shape (rows, columns), 0 (black) to 1 (white): dense tissue is bright.
    """
    primary = np.exp(-attenuation)
    received = primary + np.float32(exposure.scatter) * _slow(primary, 14)
    lung_level = np.float32(0.12)
    noise = rng.standard_normal(received.shape, np.float32)
    quanta = np.float32(_MEAN_PHOTONS * exposure.dose / lung_level)
    received += noise * np.sqrt(received / quanta)
    density = -np.log(np.maximum(received, np.float32(1e-4)))
    density -= np.float32(exposure.equalization) * (_slow(np.minimum(density, 5), 9) - np.float32(2.6))
    picture = _sharpen(_presentation_curve(density, exposure), exposure.sharpening)
    draw_marker(rng, picture)
    _collimate(picture, exposure.collimation)
    return picture


def _slow(image: FloatImage, fraction: int) -> FloatImage:
    """Return the slow variation of an image: a blur over about one `fraction`-th of its side."""
    rows, columns = image.shape
    small = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (0, 0), 64 / fraction, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(smooth, (columns, rows), interpolation=cv2.INTER_LINEAR).astype(np.float32, copy=False)


def _presentation_curve(density: FloatImage, exposure: Exposure) -> FloatImage:
    """Map density to brightness with a film-like sigmoid, flat in direct exposure and behind the spine.

    As a workstation does, it finds lungs and mediastinum by the histogram of the middle of the image, and
    gives them the same brightness in everyone.
    """
    rows, columns = density.shape
    middle = density[rows // 6 : -rows // 6 : 6, columns // 6 : -columns // 6 : 6]
    dark, bright = np.percentile(middle, (12, 88))
    steep = np.float32((_BRIGHT_LOGIT - _DARK_LOGIT) / max(bright - dark, 0.3) * exposure.contrast)
    center = np.float32((dark + bright) / 2)
    offset = np.float32((_BRIGHT_LOGIT + _DARK_LOGIT) / 2 + 4 * exposure.brightness)
    curve: FloatImage = np.float32(1) / (np.float32(1) + np.exp((center - density) * steep - offset))
    return curve


def _sharpen(picture: FloatImage, strength: float) -> FloatImage:
    """Enhance edges by an unsharp mask of about half a percent of the image's side."""
    smooth = cv2.GaussianBlur(picture, (0, 0), 0.005 * max(picture.shape))
    sharp: FloatImage = picture + (picture - smooth) * np.float32(strength)
    return np.clip(sharp, 0, 1, out=sharp)


def _collimate(picture: FloatImage, borders: tuple[float, float, float, float]) -> None:
    rows, columns = picture.shape
    top, left, bottom, right = borders
    shade = np.float32(0.02)
    picture[: int(top * rows)] = shade
    picture[rows - int(bottom * rows) :] = shade
    picture[:, : int(left * columns)] = shade
    picture[:, columns - int(right * columns) :] = shade
