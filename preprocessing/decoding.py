"""From a data set to its stored pixel values.

Pixel data are undecodable where anything is not as their standards have it that a reader can check: lengths and counts
of bytes, bits, pixels and packets; markers and their order; the end of every scan, segment and code-block; values
beyond the declared bits; checksums, which PNG alone has. Each of these is looked for, and what fails is no image. A
wrong byte that leaves another sound codestream cannot be known: uncompressed pixels have no sign of it at all, bits
that are copied as they are (a literal of RLE or deflate, the lower bits of a JPEG coefficient or of an HTJ2K sample)
none either. Of single wrong bytes in each syntax, `benchmarks/records/damage.json` has how many are found, and how far
the image of the others is changed.
"""

import re

from pydicom.dataset import FileDataset
from pydicom.uid import UID

from preprocessing.attributes import word
from preprocessing.decoders import DECODERS, GRAY_ONLY, decoder_of
from preprocessing.errors import MissingAttribute, PixelDecode, UnsupportedImage
from preprocessing.pixel_layout import PixelLayout, StoredPixels, Undecodable
from preprocessing.stages import Stage, stage

__all__ = ["StoredPixels", "readable_syntax", "stored_pixels"]

_LIBRARY_ERRORS = (MemoryError, OSError, OverflowError, RuntimeError, TypeError, ValueError)
"""What imagecodecs and numpy raise on pixel data that do not decode."""

_UID = re.compile(r"[0-9.]{1,64}")
"""PS3.5 9.1."""

_SYNTAXES = "uncompressed, deflated, RLE, JPEG, JPEG-LS, JPEG 2000, HTJ2K"


def stored_pixels(ds: FileDataset, *, least_shape: tuple[int, int] | None = None) -> StoredPixels:
    """Decode the single frame of an image.

    Args:
        ds: An image.
        least_shape: Least (rows, columns) that are asked for: of JPEG 2000 the lowest resolution that has as many is
            decoded, where its packets allow. None for the whole image.

    Returns:
        Stored values, axes (row, column), shape (Rows, Columns), within the range of Bits Stored; maybe a read-only
        view of the data set's bytes. At a lower resolution both sides are divided by the same power of two and rounded
        up, and value (i, j) is the low-pass one at pixel (i, j) times that power. Of a color image axes (row, column,
        sample), three samples a pixel, RGB or YBR as Photometric Interpretation says, chrominance as often as
        luminance.

    Raises:
        MissingAttribute: an attribute of the Image Pixel module (PS3.3 C.7.6.3) is absent or not a number.
        InvalidAttribute: one has a value that the standard does not allow.
        UnsupportedImage: not one frame in MONOCHROME, RGB or YBR_FULL, a transfer syntax that nothing here decodes,
            more than the bound on decoded bytes, or bits that are laid out in another way than the standard allows.
        PixelDecode: the bytes do not decode to the declared matrix.
    """
    layout = PixelLayout.of(ds)
    syntax = readable_syntax(ds)
    decode = decoder_of(syntax, least_shape=least_shape)
    if layout.samples == 3:
        _check_colors(ds, syntax)
    try:
        with stage(Stage.DECODE):
            return decode(ds, layout)
    except Undecodable as error:
        raise PixelDecode(transfer_syntax=syntax.name, cause=str(error)) from None
    except _LIBRARY_ERRORS as error:
        raise PixelDecode(transfer_syntax=syntax.name, cause=type(error).__name__) from None


def readable_syntax(ds: FileDataset) -> UID:
    """Return the transfer syntax of an image that has pixel data in one that is read.

    Raises:
        MissingAttribute: there are no pixel data, or their syntax is not stated.
        UnsupportedImage: nothing here decodes the syntax.
    """
    if not isinstance(ds.get("PixelData"), bytes) or not ds.PixelData:
        raise MissingAttribute(keyword="PixelData")
    syntax = getattr(ds.file_meta, "TransferSyntaxUID", None)
    if not isinstance(syntax, UID) or not syntax:  # absent, several values, or empty
        raise MissingAttribute(keyword="TransferSyntaxUID")
    if syntax not in DECODERS:
        raise UnsupportedImage(what=f"its transfer syntax is {_shown(syntax)}", accepted=_SYNTAXES)
    return syntax


def _shown(syntax: UID) -> str:
    """Write a transfer syntax by its name, or as it is where it can only be a UID: other text may name a patient."""
    return syntax.name if syntax.name != syntax or _UID.fullmatch(syntax) else "not a UID"


def _check_colors(ds: FileDataset, syntax: UID) -> None:
    """Refuse colors in a form that radiographs do not come in: our choice."""
    if syntax in GRAY_ONLY:
        raise UnsupportedImage(
            what=f"it has colors in {syntax.name}", accepted="gray in it; colors uncompressed, in RLE, JPEG or JPEG-LS"
        )
    if word(ds, "PhotometricInterpretation") == "YBR_FULL_422" and not syntax.is_encapsulated:
        raise UnsupportedImage(what="it is YBR_FULL_422 without compression", accepted="RGB or YBR_FULL without it")
