"""From a data set to its stored pixel values."""

import struct

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.uid import UID

from preprocessing.attributes import whole_number, word
from preprocessing.errors import MissingAttribute, PixelDecode, UnsupportedImage

StoredPixels = NDArray[np.unsignedinteger] | NDArray[np.signedinteger]
"""Stored values, axes (row, column), dtype as Pixel Representation and Bits Allocated say."""

_DECODER_ERRORS = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)
"""What pydicom and its plugins raise on pixel data that do not decode."""


_SYNTAXES = "uncompressed, deflated, RLE, JPEG, JPEG-LS, JPEG 2000"


def stored_pixels(ds: FileDataset) -> StoredPixels:
    """Decode the single frame of a one-sample image.

    Args:
        ds: An image whose matrix was found within the recipe's bounds.

    Returns:
        Stored values, axes (row, column), shape (Rows, Columns).

    Raises:
        MissingAttribute: an attribute of the Image Pixel module (PS3.3 C.7.6.3) is absent or not a number.
        UnsupportedImage: the photometric interpretation is not MONOCHROME1 or MONOCHROME2, the transfer syntax is
            one that nothing here decodes, or the bits are laid out in another way than the standard allows.
        PixelDecode: the bytes do not decode to the declared matrix.
    """
    syntax = _check_pixel_module(ds)
    try:
        stored: StoredPixels = ds.pixel_array
    except NotImplementedError:
        raise UnsupportedImage(what=f"its transfer syntax is {syntax}", accepted=_SYNTAXES) from None
    except _DECODER_ERRORS as error:
        raise PixelDecode(transfer_syntax=syntax, cause=type(error).__name__) from None
    expected = (ds.Rows, ds.Columns)
    if stored.shape != expected:
        raise PixelDecode(transfer_syntax=syntax, cause=f"{stored.shape} pixels where the header says {expected}")
    return stored


def _check_pixel_module(ds: FileDataset) -> str:
    for keyword in (
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "PixelRepresentation",
        "SamplesPerPixel",
    ):
        if whole_number(ds, keyword) is None:
            raise MissingAttribute(keyword=keyword)
    if not 1 <= ds.BitsStored <= ds.BitsAllocated or ds.BitsAllocated not in (8, 16):
        raise UnsupportedImage(
            what=f"it has {ds.BitsStored} bits stored in {ds.BitsAllocated}",
            accepted="1 to 8 bits in 8, or 1 to 16 in 16",
        )
    if whole_number(ds, "HighBit") not in (None, ds.BitsStored - 1):  # PS3.5 8.1.1 knows no other
        raise UnsupportedImage(what=f"its high bit is {ds.HighBit}", accepted="bits stored less one")
    if word(ds, "PhotometricInterpretation") not in ("MONOCHROME1", "MONOCHROME2"):
        raise UnsupportedImage(what="its photometric interpretation", accepted="MONOCHROME1, MONOCHROME2")
    if "PixelData" not in ds or not ds.PixelData:
        raise MissingAttribute(keyword="PixelData")
    syntax = getattr(ds.file_meta, "TransferSyntaxUID", None)
    if not isinstance(syntax, UID):  # absent, or several values
        raise MissingAttribute(keyword="TransferSyntaxUID")
    return str(syntax.name)
