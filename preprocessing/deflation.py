"""Files of the deflated transfer syntax: inflated once and within a bound; pydicom inflates without one."""

import zlib
from io import BytesIO

from pydicom.filereader import _read_file_meta_info
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from preprocessing.errors import UnsupportedImage
from preprocessing.pixel_layout import LARGEST_DECODED_BYTES

_PREFIX_AT = 128
_META_AT = 132
"""Where the File Meta Information begins, behind "DICM": PS3.10 7.1."""

_STEP_BYTES = 128 * 1024
"""Deflate expands at most 1032 times (RFC 1951, 258 bytes from two bits): 129 MiB a step, never beyond the bound."""


def inflated_file(content: bytes) -> bytes | None:
    """Inflate the data set of a deflated file.

    Where the data set begins is found by pydicom's own function: a second opinion would be a way around the bound.

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
    data_set = _inflated(memoryview(content)[file.tell() :])
    if data_set[0].startswith(b"\x02\x00"):  # it would be read as more of the meta, and could deflate again
        raise ValueError("File Meta Information within the deflated data set")
    head = bytearray(content[: file.tell()])
    start = meta["TransferSyntaxUID"].file_tell or 0
    end = start + int.from_bytes(head[start - 2 : start], "little")
    head[start:end] = ExplicitVRLittleEndian.encode().ljust(end - start, b"\0")
    return b"".join([head, *data_set])


def _inflated(deflated: memoryview) -> list[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    parts: list[bytes] = []
    left_bytes = LARGEST_DECODED_BYTES
    for start in range(0, len(deflated), _STEP_BYTES):
        parts.append(stream.decompress(deflated[start : start + _STEP_BYTES], left_bytes + 1))
        left_bytes -= len(parts[-1])
        if left_bytes < 0:
            raise UnsupportedImage(
                what=f"it inflates to more than {LARGEST_DECODED_BYTES // 2**20} MiB", accepted="less than that"
            )
        if stream.eof:
            return parts
    raise zlib.error("incomplete stream")
