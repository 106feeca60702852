"""Files of the deflated transfer syntax: inflated once and within a bound; pydicom inflates without one."""

import zlib
from io import BytesIO

import imagecodecs
import numpy as np
from pydicom.filereader import _read_file_meta_info
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from preprocessing.errors import UnsupportedImage
from preprocessing.pixel_layout import LARGEST_DECODED_BYTES

_PREFIX_AT = 128
_META_AT = 132
"""Where the File Meta Information begins, behind "DICM": PS3.10 7.1."""

_DEFLATED = DeflatedExplicitVRLittleEndian.encode()
_INFLATED = ExplicitVRLittleEndian.encode().ljust(len(_DEFLATED), b"\0")

_LARGEST_RATIO = 1032
"""Deflate expands at most so: RFC 1951, 258 bytes from two bits."""


def inflated_file(content: bytes) -> bytes | None:
    """Inflate the data set of a deflated file.

    Where the data set begins is found by pydicom's own function: a second opinion would be a way around the bound. It
    is a private one, for `read_file_meta_info` of pydicom 3.0.2 takes a path and does not say where it ended, and
    `dcmread` inflates, whatever it is told to leave out.

    Args:
        content: A DICOM Part 10 file.

    Returns:
        The same file as Explicit VR Little Endian, which is how a data set is written before it is deflated; None
        where the file is not deflated.

    Raises:
        UnsupportedImage: it inflates to more than `LARGEST_DECODED_BYTES`.
        ValueError, zlib.error: the stream is damaged, cut short, or has a File Meta Information of its own.

    Source:
        DICOM PS3.5 A.5.
    """
    if not content.startswith(b"DICM", _PREFIX_AT):
        return None
    file = BytesIO(content)
    file.seek(_META_AT)
    meta = _read_file_meta_info(file)
    if meta.get("TransferSyntaxUID") != DeflatedExplicitVRLittleEndian or file.tell() == len(content):
        return None
    data_set = _inflated(content[file.tell() :])
    if bytes(data_set[:2]) == b"\x02\x00":  # it would be read as more of the meta, and could deflate again
        raise ValueError("File Meta Information within the deflated data set")
    start = meta["TransferSyntaxUID"].file_tell or 0
    end = start + len(_DEFLATED)
    if content[start:end] != _DEFLATED:  # pydicom would inflate once more, without a bound
        raise ValueError("Transfer Syntax UID with something before it")
    return b"".join([content[:start], _INFLATED, content[end : file.tell()], data_set])


def _inflated(deflated: bytes) -> memoryview:
    """Inflate by libdeflate, in three fifths of zlib's time; it writes into memory of a given size and no further."""
    out = np.empty(min(LARGEST_DECODED_BYTES, len(deflated) * _LARGEST_RATIO), dtype=np.uint8)  # pages on first use
    try:
        return memoryview(imagecodecs.deflate_decode(deflated, raw=True, out=out.data))
    except imagecodecs.DeflateError as error:
        if "INSUFFICIENT_SPACE" not in str(error):
            raise zlib.error(str(error)) from None
        raise UnsupportedImage(
            what=f"it inflates to more than {LARGEST_DECODED_BYTES // 2**20} MiB", accepted="less than that"
        ) from None
