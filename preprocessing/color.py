"""Color images that show nothing but gray, as viewers and scanners export radiographs."""

import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import FileDataset

from preprocessing.pixel_layout import ColorSpace, PixelLayout, StoredPixels

LOSSY_TOLERANCE_LEVELS = 2
"""Stored levels by which the samples of a gray pixel may differ after lossy compression; our choice: one of rounding in
the encoder's conversion to YBR, one in the quantization. Without loss they are equal."""

_LOSSY = frozenset({uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLSNearLossless})


def displayed_if_gray(stored: StoredPixels, ds: FileDataset) -> NDArray[np.uint16] | None:
    """Show a color image whose every pixel is gray as a MONOCHROME2 image of its first sample.

    Window, VOI and modality LUT, presentation LUT and padding have no meaning in a color image (PS3.3 C.11.2.1.2,
    C.11.1, C.7.5.1.1.2) and are not looked at: it is shown from 0, black, to the highest value of Bits Stored, white.

    Args:
        stored: Stored values of a color image, axes (row, column, sample).
        ds: The image's attributes.

    Returns:
        Gray values, axes (row, column), 0 (black) to 65535 (white); None where a pixel has a color.

    Source:
        DICOM PS3.3 C.7.6.3.1.2: gray has equal samples in RGB, and in YBR_FULL chrominance in the middle of its range.
    """
    tolerance = LOSSY_TOLERANCE_LEVELS if ds.file_meta.TransferSyntaxUID in _LOSSY else 0
    layout = PixelLayout.of(ds)
    if _distance_from_gray(stored, layout) > tolerance:
        return None
    shades = np.rint(np.linspace(0, np.iinfo(np.uint16).max, 1 << layout.bits_stored)).astype(np.uint16)
    return np.asarray(shades[stored[..., 0]], dtype=np.uint16)


def _distance_from_gray(stored: StoredPixels, layout: PixelLayout) -> int:
    """Return the largest difference of a sample from what it is in gray, levels."""
    if layout.color_space is ColorSpace.YBR:
        middle = 1 << (layout.bits_stored - 1)
        chrominance = stored[..., 1:]
        return max(int(chrominance.max()) - middle, middle - int(chrominance.min()))
    first, second, third = (stored[..., sample] for sample in range(3))
    highest, lowest = np.maximum(np.maximum(first, second), third), np.minimum(np.minimum(first, second), third)
    return int((highest - lowest).max())
