"""From a data set to its stored pixel values."""

from pydicom.dataset import FileDataset
from pydicom.uid import UID

from preprocessing.decoders import DECODERS
from preprocessing.errors import MissingAttribute, PixelDecode, UnsupportedImage
from preprocessing.pixel_layout import PixelLayout, StoredPixels, Undecodable

__all__ = ["StoredPixels", "stored_pixels"]

_LIBRARY_ERRORS = (MemoryError, OSError, OverflowError, RuntimeError, TypeError, ValueError)
"""What imagecodecs and numpy raise on pixel data that do not decode."""

_SYNTAXES = "uncompressed, deflated, RLE, JPEG, JPEG-LS, JPEG 2000, HTJ2K"


def stored_pixels(ds: FileDataset) -> StoredPixels:
    """Decode the single frame of a one-sample image.

    Args:
        ds: An image.

    Returns:
        Stored values, axes (row, column), shape (Rows, Columns), within the range of Bits Stored; maybe a read-only
        view of the data set's bytes.

    Raises:
        MissingAttribute: an attribute of the Image Pixel module (PS3.3 C.7.6.3) is absent or not a number.
        UnsupportedImage: not one MONOCHROME frame, a transfer syntax that nothing here decodes, more than the bound
            on decoded bytes, or bits that are laid out in another way than the standard allows.
        PixelDecode: the bytes do not decode to the declared matrix.
    """
    layout = PixelLayout.of(ds)
    if not isinstance(ds.get("PixelData"), bytes) or not ds.PixelData:
        raise MissingAttribute(keyword="PixelData")
    syntax = getattr(ds.file_meta, "TransferSyntaxUID", None)
    if not isinstance(syntax, UID):  # absent, or several values
        raise MissingAttribute(keyword="TransferSyntaxUID")
    decode = DECODERS.get(syntax)
    if decode is None:
        raise UnsupportedImage(what=f"its transfer syntax is {syntax.name}", accepted=_SYNTAXES)
    try:
        return decode(ds, layout)
    except Undecodable as error:
        raise PixelDecode(transfer_syntax=syntax.name, cause=str(error)) from None
    except _LIBRARY_ERRORS as error:
        raise PixelDecode(transfer_syntax=syntax.name, cause=type(error).__name__) from None
