"""The DICOM grayscale chain as one lookup table: stored -> rescaled -> windowed -> displayed.

Every step of the chain maps one gray value to another wherever the pixel lies, so a table over all stored values
carries it out exactly and once a value instead of once a pixel.
"""

import math
import struct

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi

from preprocessing.attributes import whole_number, word
from preprocessing.decoding import StoredPixels
from preprocessing.errors import InvalidAttribute
from preprocessing.gray_values import Displayed
from specs.recipe import NoWindow

FloatTable = NDArray[np.float64]
"""One value a stored value, from the lowest stored value up."""

_FULL_SCALE = np.iinfo(np.uint16).max


def displayed_pixels(stored: StoredPixels, ds: Dataset, *, no_window: NoWindow) -> Displayed:
    """Carry out the whole grayscale chain of an image.

    Args:
        stored: Stored values, axes (row, column).
        ds: The image's attributes.
        no_window: What stands in where the image has neither window nor VOI LUT.

    Returns:
        Gray values of the same shape, bright where X-rays were absorbed most as far as the header tells: MONOCHROME1
        is inverted.

    Raises:
        InvalidAttribute: a lookup table or window that is present but not usable.

    Source:
        DICOM PS3.3 C.11.1 (modality), C.11.2 (VOI), C.11.6 (presentation), C.7.6.3.1.2 (photometric
        interpretation); padding, C.7.5.1.1.2, is shown black: our choice.
    """
    patterns = stored.view(np.dtype(f"u{stored.dtype.itemsize}"))
    values, position = _values_by_pattern(ds, bits=8 * stored.dtype.itemsize)
    rescaled = _rescaled(values, ds)
    padding = _padding(values, ds)
    windowed = _windowed(rescaled, ds)
    if windowed is None:
        occurring = np.zeros(values.shape, dtype=np.bool_)
        occurring[position[np.bincount(patterns.ravel(), minlength=position.size) > 0]] = True
        windowed = _stretched(rescaled, occurring & ~padding, no_window)
    if _is_inverse(ds):
        windowed = 1.0 - windowed
    windowed[padding] = 0.0
    table = np.rint(windowed * _FULL_SCALE).astype(np.uint16)
    return Displayed(patterns=patterns, table=table[position])


def largest_gray_step(ds: Dataset) -> float | None:
    """Return how much the shown gray value changes at most from one stored value to the next.

    Args:
        ds: The attributes of an image whose layout is sound.

    Returns:
        Of full scale, 0 to 1; None where the header alone does not say how values are shown: the image has neither
        window nor VOI LUT, or some of its values are padding.

    Raises:
        InvalidAttribute: as `displayed_pixels`.
    """
    values, _ = _values_by_pattern(ds, bits=ds.BitsStored)
    windowed = _windowed(_rescaled(values, ds), ds)
    if windowed is None or _padding(values, ds).any():
        return None
    return float(np.abs(np.diff(windowed)).max())


def _values_by_pattern(ds: Dataset, *, bits: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """List the stored values, and for each bit pattern of a pixel cell the position of its value in that list.

    Bits above Bits Stored (old overlays) mean nothing, PS3.5 8.1.1; a signed value is extended from its own sign bit.
    """
    count = 1 << ds.BitsStored
    position = np.arange(1 << bits, dtype=np.int32) & (count - 1)
    if ds.PixelRepresentation == 1:
        return np.arange(-count // 2, count // 2, dtype=np.int32), position ^ (count // 2)
    return np.arange(count, dtype=np.int32), position


def _rescaled(values: NDArray[np.int32], ds: Dataset) -> FloatTable:
    keyword = "ModalityLUTSequence" if ds.get("ModalityLUTSequence") else "RescaleSlope"
    try:
        rescaled = np.asarray(apply_modality_lut(values, ds), dtype=np.float64)
    except (AttributeError, IndexError, KeyError, NotImplementedError, TypeError, ValueError, struct.error):
        raise InvalidAttribute(keyword=keyword) from None
    if not np.isfinite(rescaled).all():
        raise InvalidAttribute(keyword=keyword)
    return rescaled


def _windowed(rescaled: FloatTable, ds: Dataset) -> FloatTable | None:
    """Apply the first VOI LUT or, without one, the first window; None where the image has neither."""
    if ds.get("VOILUTSequence"):
        return _voi_lut(rescaled, ds)
    center, width = _first_number(ds, "WindowCenter"), _first_number(ds, "WindowWidth")
    if center is None or width is None:
        return None
    match word(ds, "VOILUTFunction") or "LINEAR":
        case "LINEAR":
            return window_linear(rescaled, center=center, width=width)
        case "LINEAR_EXACT":
            return window_linear_exact(rescaled, center=center, width=width)
        case "SIGMOID":
            return window_sigmoid(rescaled, center=center, width=width)
        case _:
            raise InvalidAttribute(keyword="VOILUTFunction")


def _voi_lut(rescaled: FloatTable, ds: Dataset) -> FloatTable:
    """PS3.3 C.11.2.1.1.

    pydicom 3.0.2 counts entries in the type of the table, so that a value beyond its range, or the 257th entry of a
    table of 8 bits, wraps to the beginning: it is given values within the table, and the table as one of 16 bits.
    """
    try:
        entries, first, bits = (int(number) for number in ds.VOILUTSequence[0].LUTDescriptor)
        within = np.clip(np.rint(rescaled), first, first + (entries or 1 << 16) - 1).astype(np.int64)
        shown = apply_voi(within, _with_wide_table(ds), index=0)
        return np.clip(np.asarray(shown, dtype=np.float64) / float((1 << bits) - 1), 0.0, 1.0)
    except (AttributeError, IndexError, KeyError, NotImplementedError, TypeError, ValueError, struct.error):
        raise InvalidAttribute(keyword="VOILUTSequence") from None


def _with_wide_table(ds: Dataset) -> Dataset:
    """Return a data set with the first VOI LUT alone, declared as one of 16 bits; its entries are unchanged."""
    first, item = ds.VOILUTSequence[0], Dataset()
    item.add(first["LUTData"])
    item.add_new("LUTDescriptor", first["LUTDescriptor"].VR, [*first.LUTDescriptor[:2], 16])
    wide = Dataset()
    wide.VOILUTSequence = [item]
    wide.file_meta = getattr(ds, "file_meta", FileMetaDataset())  # says the byte order of the table
    return wide


def window_linear(image: FloatTable, *, center: float, width: float) -> FloatTable:
    """Map intensities to [0, 1] with the DICOM LINEAR function.

    Args:
        image: Rescaled intensities, any shape, in the unit of `center`.
        center: Window Center (0028,1050), in the unit of `image`.
        width: Window Width (0028,1051), in the unit of `image`; at least 1.

    Returns:
        Array of the same shape, unit 1, every value in [0, 1].

    Raises:
        InvalidAttribute: `width` is below 1.

    Source:
        DICOM PS3.3 C.11.2.1.2.1.
    """
    if width < 1:
        raise InvalidAttribute(keyword="WindowWidth")
    if width == 1:  # the standard's formula divides by width - 1: a step at center - 0.5
        return (image > center - 0.5).astype(np.float64)
    return np.clip((image - (center - 0.5)) / (width - 1) + 0.5, 0.0, 1.0)


def window_linear_exact(image: FloatTable, *, center: float, width: float) -> FloatTable:
    """Map intensities to [0, 1] with the DICOM LINEAR_EXACT function.

    Arguments, result and errors are those of `window_linear`, but any width above 0 is allowed.

    Source:
        DICOM PS3.3 C.11.2.1.3.2.
    """
    if width <= 0:
        raise InvalidAttribute(keyword="WindowWidth")
    return np.clip((image - center) / width + 0.5, 0.0, 1.0)


def window_sigmoid(image: FloatTable, *, center: float, width: float) -> FloatTable:
    """Map intensities to (0, 1) with the DICOM SIGMOID function.

    Arguments, result and errors are those of `window_linear_exact`.

    Source:
        DICOM PS3.3 C.11.2.1.3.1.
    """
    if width <= 0:
        raise InvalidAttribute(keyword="WindowWidth")
    exponent = np.clip(-4.0 * (image - center) / width, -700.0, 700.0)  # exp overflows beyond 709
    return 1.0 / (1.0 + np.exp(exponent))


def _stretched(rescaled: FloatTable, counted: NDArray[np.bool_], no_window: NoWindow) -> FloatTable:
    """Stand in for a window; `counted` marks the values that occur in the image and are no padding."""
    match no_window:
        case NoWindow.FULL_RANGE:
            occurring = rescaled[counted]
            if occurring.size == 0 or occurring.min() == occurring.max():
                return np.zeros_like(rescaled)
            return np.interp(rescaled, (occurring.min(), occurring.max()), (0.0, 1.0))


def _is_inverse(ds: Dataset) -> bool:
    """Tell whether low values are bright; a DX image says so twice (PS3.3 C.8.11.3), which is not twice inverse."""
    return word(ds, "PhotometricInterpretation") == "MONOCHROME1" or word(ds, "PresentationLUTShape") == "INVERSE"


def _padding(values: NDArray[np.int32], ds: Dataset) -> NDArray[np.bool_]:
    padding = whole_number(ds, "PixelPaddingValue")
    if padding is None:
        return np.zeros(values.shape, dtype=np.bool_)
    limit = whole_number(ds, "PixelPaddingRangeLimit")
    low, high = sorted((padding, padding if limit is None else limit))
    return (values >= low) & (values <= high)


def _first_number(ds: Dataset, keyword: str) -> float | None:
    """Return the first value of a window attribute; None where it is absent or empty."""
    try:
        value = ds.get(keyword)  # pydicom converts when asked, and raises on what is no number
        if value is None or value == "":
            return None
        number = float(value if isinstance(value, (str, int, float)) else value[0])
    except (IndexError, TypeError, ValueError):
        raise InvalidAttribute(keyword=keyword) from None
    if not math.isfinite(number):
        raise InvalidAttribute(keyword=keyword)
    return number
