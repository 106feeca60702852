"""How a picture is stored: SOP class, polarity, bits, rescale, window, transfer syntax."""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from phantoms.shapes import FloatImage
from phantoms.sites import Habits
from phantoms.transfer import StoredImage, TransferSyntax


class Modality(StrEnum):
    """Modality (0008,0060) of a radiograph."""

    CR = "CR"
    DX = "DX"


class Polarity(StrEnum):
    """Photometric Interpretation (0028,0004) of a grayscale image."""

    DARK_IS_HIGH = "MONOCHROME1"
    BRIGHT_IS_HIGH = "MONOCHROME2"


@dataclass(frozen=True, kw_only=True)
class VoiWindow:
    """Window Center and Window Width in rescaled units, with their explanation."""

    center: float
    width: float
    explanation: str


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How brightness becomes stored values.

    Attributes:
        modality: CR or DX; each has its own SOP class.
        polarity: Which end of the scale is white.
        bits_stored: 10, 12 or 14 of 16 allocated bits.
        floor: Stored value of brightness 0.
        span: Stored values from brightness 0 to 1.
        slope: Rescale Slope; 1 in DX (PS3.3 C.8.11.3).
        intercept: Rescale Intercept; 0 in DX.
        windows: One or two windows; the first shows the picture as made.
        transfer_syntax: How a file of it is written; no pixel depends on it.
    """

    modality: Modality
    polarity: Polarity
    bits_stored: int
    floor: int
    span: int
    slope: float
    intercept: float
    windows: tuple[VoiWindow, ...]
    transfer_syntax: TransferSyntax

    @property
    def highest(self) -> int:
        """Largest stored value."""
        return (1 << self.bits_stored) - 1

    def store(self, picture: FloatImage) -> StoredImage:
        """Quantize brightness, 0 to 1, to stored values between 0 and `highest`."""
        levels = np.rint(picture * np.float32(self.span) + np.float32(self.floor))
        stored: StoredImage = np.clip(levels, 0, self.highest).astype(np.uint16)
        return np.uint16(self.highest) - stored if self.polarity is Polarity.DARK_IS_HIGH else stored

    def inverted(self) -> "Encoding":
        """Return the same picture's storage in the other polarity, windows mirrored.

        Source:
            The LINEAR function of PS3.3 C.11.2.1.2.1 is symmetric about center - 0.5, hence the 1.
        """
        dark_is_high = self.polarity is Polarity.DARK_IS_HIGH
        mirror = self.highest * self.slope + 2 * self.intercept + 1
        return replace(
            self,
            polarity=Polarity.BRIGHT_IS_HIGH if dark_is_high else Polarity.DARK_IS_HIGH,
            windows=tuple(replace(window, center=round(mirror - window.center, 1)) for window in self.windows),
        )


def draw_encoding(rng: np.random.Generator, habits: Habits) -> Encoding:
    """Draw how the image is stored; nothing of it depends on the picture.

    Source:
        Our choice throughout, within what the two SOP classes allow.
    """
    modality = Modality.CR if rng.random() < habits.computed_radiography else Modality.DX
    polarity = Polarity.DARK_IS_HIGH if rng.random() < habits.dark_is_high else Polarity.BRIGHT_IS_HIGH
    bits_stored = int(rng.choice(list(habits.bits_stored), p=list(habits.bits_stored.values())))
    highest = (1 << bits_stored) - 1
    floor = int(rng.uniform(0.0, 0.12) * highest)
    span = int(rng.uniform(0.75, 1.0) * (highest - floor))
    slope, intercept = 1.0, 0.0
    rescaled = rng.random() < 0.4
    drawn_slope, drawn_intercept = rng.choice([0.25, 0.5, 2.0]), rng.choice([-1024, -100, 50])
    if modality is Modality.CR and rescaled:
        slope, intercept = float(drawn_slope), float(drawn_intercept)
    low, high = floor, floor + span
    if polarity is Polarity.DARK_IS_HIGH:
        low, high = highest - high, highest - low
    low_rescaled, high_rescaled = low * slope + intercept, high * slope + intercept
    return Encoding(
        modality=modality,
        polarity=polarity,
        bits_stored=bits_stored,
        floor=floor,
        span=span,
        slope=slope,
        intercept=intercept,
        windows=_draw_windows(rng, low_rescaled, high_rescaled),
        transfer_syntax=_draw_transfer_syntax(rng, habits),
    )


def _draw_windows(rng: np.random.Generator, low: float, high: float) -> tuple[VoiWindow, ...]:
    center, width = (low + high) / 2, high - low
    jitter_center, jitter_width, second = rng.uniform(-0.05, 0.05), rng.uniform(0.85, 1.2), rng.random()
    first = VoiWindow(
        center=round(center + jitter_center * width, 1),
        width=round(width * jitter_width, 1),
        explanation="NORMAL",
    )
    if second < 0.3:
        hard = VoiWindow(center=first.center, width=round(0.6 * first.width, 1), explanation="HARDER")
        return (first, hard)
    return (first,)


def _draw_transfer_syntax(rng: np.random.Generator, habits: Habits) -> TransferSyntax:
    return TransferSyntax(rng.choice(list(habits.transfer_syntaxes), p=list(habits.transfer_syntaxes.values())))
