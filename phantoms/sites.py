"""Where radiographs are taken: the habits and equipment that tell one institution's images from another's.

Neither people nor diseases differ between the sites, only how they are examined: what a model loses at site B it
loses to the look of the images.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from phantoms.transfer import TransferSyntax

Range = tuple[float, float]
"""Least and greatest value of a uniform distribution."""


class Site(StrEnum):
    """An institution: A provides the data for training, B is the external one."""

    A = "A"
    B = "B"


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How one institution takes, processes and stores its radiographs; probabilities and ranges.

    Attributes:
        manufacturer_model: Manufacturer's Model Name (0008,1090).
        antero_posterior: Share of AP views.
        rows: Least and greatest number of rows.
        dose: Typical detector dose against the nominal one.
        scatter: Scattered over primary radiation; low with a good grid.
        contrast: Typical slope of the presentation curve.
        brightness: Typical shift of the presentation curve.
        equalization: Share of the slow variation of density that processing removes.
        sharpening: Strength of edge enhancement, 0 for none.
        computed_radiography: Share of CR, the rest being DX.
        dark_is_high: Share of MONOCHROME1.
        bits_stored: Share of each number of bits.
        transfer_syntaxes: Share of each transfer syntax.
    """

    manufacturer_model: str
    antero_posterior: float
    rows: tuple[int, int]
    dose: float
    scatter: Range
    contrast: float
    brightness: float
    equalization: Range
    sharpening: Range
    computed_radiography: float
    dark_is_high: float
    bits_stored: Mapping[int, float]
    transfer_syntaxes: Mapping[TransferSyntax, float]


HABITS: Final[Mapping[Site, Habits]] = MappingProxyType(
    {
        Site.A: Habits(
            manufacturer_model="Radiograph phantom",
            antero_posterior=0.22,
            rows=(448, 640),
            dose=1.0,
            scatter=(0.1, 0.7),
            contrast=1.0,
            brightness=0.0,
            equalization=(0.15, 0.5),
            sharpening=(0.0, 0.25),
            computed_radiography=0.45,
            dark_is_high=0.3,
            bits_stored=MappingProxyType({10: 0.2, 12: 0.5, 14: 0.3}),
            transfer_syntaxes=MappingProxyType(
                {
                    TransferSyntax.EXPLICIT_LITTLE_ENDIAN: 0.40,
                    TransferSyntax.IMPLICIT_LITTLE_ENDIAN: 0.15,
                    TransferSyntax.RLE: 0.10,
                    TransferSyntax.JPEG_LOSSLESS: 0.15,
                    TransferSyntax.JPEG_LS: 0.12,
                    TransferSyntax.JPEG_2000: 0.08,
                }
            ),
        ),
        Site.B: Habits(
            manufacturer_model="Radiograph phantom, other maker",
            antero_posterior=0.45,
            rows=(512, 704),
            dose=0.6,
            scatter=(0.3, 0.9),
            contrast=1.14,
            brightness=-0.05,
            equalization=(0.35, 0.65),
            sharpening=(0.3, 0.8),
            computed_radiography=0.8,
            dark_is_high=0.6,
            bits_stored=MappingProxyType({10: 0.7, 12: 0.3}),
            transfer_syntaxes=MappingProxyType(
                {
                    TransferSyntax.EXPLICIT_LITTLE_ENDIAN: 0.10,
                    TransferSyntax.IMPLICIT_LITTLE_ENDIAN: 0.05,
                    TransferSyntax.RLE: 0.05,
                    TransferSyntax.JPEG_LOSSLESS: 0.25,
                    TransferSyntax.JPEG_LS: 0.25,
                    TransferSyntax.JPEG_2000: 0.30,
                }
            ),
        ),
    }
)
"""Our choice throughout."""
