"""Color images that show nothing but gray, as viewers and scanners export radiographs."""

import numpy as np
from pydicom import uid
from pydicom.dataset import FileDataset

from preprocessing.encapsulation import encapsulated_frame
from preprocessing.gray_values import Displayed
from preprocessing.jpeg_header import read_jpeg_header
from preprocessing.pixel_layout import ColorSpace, PixelLayout, StoredPixels

LOSSY_TOLERANCE_LEVELS = 2
"""Stored levels by which the samples of a gray pixel may differ after lossy compression; our choice: one of rounding in
the encoder's conversion to YBR, one in the quantization. Without loss they are equal."""

MOST_NEAR = 8
"""Levels by which near-lossless JPEG-LS may change a sample so that a color is still told from gray; our choice: two
samples then differ by 16 at most, a tint that is hardly seen."""

_DCT = frozenset({uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit})


def displayed_if_gray(stored: StoredPixels, ds: FileDataset) -> Displayed | None:
    """Show a color image whose every pixel is gray as a MONOCHROME2 image of its first sample.

    Window, VOI and modality LUT, presentation LUT and padding have no meaning in a color image (PS3.3 C.11.2.1.2,
    C.11.1, C.7.5.1.1.2) and are not looked at: it is shown from 0, black, to the highest value of Bits Stored, white.

    Args:
        stored: Stored values of a color image, axes (row, column, sample).
        ds: The image's attributes.

    Returns:
        Gray values, axes (row, column); None where a pixel has a color.

    Source:
        DICOM PS3.3 C.7.6.3.1.2: gray has equal samples in RGB, and in YBR_FULL chrominance in the middle of its range.
    """
    layout = PixelLayout.of(ds)
    if _distance_from_gray(stored, layout) > _tolerance_levels(ds):
        return None
    shades = np.rint(np.linspace(0, np.iinfo(np.uint16).max, 1 << layout.bits_stored)).astype(np.uint16)
    return Displayed(patterns=np.asarray(shades[stored[..., 0]], dtype=np.uint16))


def _tolerance_levels(ds: FileDataset) -> int:
    """Return by how much samples of a gray pixel may differ: twice as much as JPEG-LS may change each of them."""
    syntax = ds.file_meta.TransferSyntaxUID
    if syntax == uid.JPEGLSNearLossless:
        return 2 * min(MOST_NEAR, read_jpeg_header(encapsulated_frame(ds)).near)
    return LOSSY_TOLERANCE_LEVELS if syntax in _DCT else 0


def _distance_from_gray(stored: StoredPixels, layout: PixelLayout) -> int:
    """Return the largest difference of a sample from what it is in gray, levels."""
    if layout.color_space is ColorSpace.YBR:
        middle = 1 << (layout.bits_stored - 1)
        chrominance = stored[..., 1:]
        return max(int(chrominance.max()) - middle, middle - int(chrominance.min()))
    first, second, third = (stored[..., sample] for sample in range(3))
    highest, lowest = np.maximum(np.maximum(first, second), third), np.minimum(np.minimum(first, second), third)
    return int((highest - lowest).max())
