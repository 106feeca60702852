"""From an image of one or more gray frames to its stored values: each frame is decoded as a radiograph is."""

import numpy as np
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRBigEndian

from preprocessing.attributes import whole_number
from preprocessing.decoding import readable_syntax, stored_pixels
from preprocessing.encapsulation import encapsulated_frames
from preprocessing.errors import InvalidAttribute, PixelDecode, UnsupportedImage
from preprocessing.pixel_layout import LARGEST_DECODED_BYTES, PixelLayout, StoredPixels, Undecodable

_IMAGE_PIXEL = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
)
"""What of the Image Pixel module (PS3.3 C.7.6.3) says how one gray frame lies in its bytes."""


def frame_count(ds: Dataset) -> int:
    """Return Number of Frames (0028,0008): absent, empty or 0 is one frame.

    Raises:
        InvalidAttribute: it is not a number above zero.
    """
    count = whole_number(ds, "NumberOfFrames")
    if (count is None and ds.get("NumberOfFrames")) or (count is not None and count < 0):
        raise InvalidAttribute(keyword="NumberOfFrames")
    return count or 1


def stored_frames(ds: FileDataset) -> StoredPixels:
    """Decode every frame of a gray image.

    Returns:
        Stored values, axes (frame, row, column), within the range of Bits Stored.

    Raises:
        MissingAttribute: an attribute of the Image Pixel module, the pixel data or their syntax are absent.
        InvalidAttribute: one has a value that the standard does not allow.
        UnsupportedImage: as `stored_pixels`, or the frames together are more than the bound on decoded bytes.
        PixelDecode: the bytes do not decode to the declared frames.
    """
    count = frame_count(ds)
    syntax = readable_syntax(ds)
    layout = PixelLayout.of(_one_frame(ds, b""))
    if layout.samples != 1:
        raise UnsupportedImage(what="it has colors", accepted="gray frames")
    if count * layout.decoded_bytes > LARGEST_DECODED_BYTES:
        raise UnsupportedImage(
            what=f"it has {count} frames of {layout.rows} x {layout.columns}",
            accepted=f"up to {LARGEST_DECODED_BYTES // 2**20} MiB of pixels",
        )
    try:
        contents = _frame_contents(ds, layout, syntax, count=count)
    except Undecodable as error:
        raise PixelDecode(transfer_syntax=syntax.name, cause=str(error)) from None
    frames = np.empty((count, *layout.shape), dtype=layout.dtype)
    for index, content in enumerate(contents):
        frames[index] = stored_pixels(_one_frame(ds, content))
    return frames


def _frame_contents(ds: Dataset, layout: PixelLayout, syntax: UID, *, count: int) -> tuple[bytes, ...]:
    """Return the pixel data of each frame as an image of one frame would have them."""
    if syntax.is_encapsulated:
        return tuple(encapsulate([frame], has_bot=False) for frame in encapsulated_frames(ds, count=count))
    length = layout.decoded_bytes
    if len(ds.PixelData) < count * length:
        raise Undecodable(f"{len(ds.PixelData)} bytes of pixels where the header says {count * length}")
    if len(ds.PixelData) >= (count + 1) * length + length % 2:
        raise Undecodable("it holds more pixels than its frames")
    if syntax == ExplicitVRBigEndian and count > 1 and length % 2:  # 8 bits in words of 16: PS3.5 D
        raise Undecodable("its frames share words of swapped bytes")
    return tuple(ds.PixelData[start : start + length] for start in range(0, count * length, length))


def _one_frame(ds: FileDataset, content: bytes) -> FileDataset:
    frame = FileDataset("", {}, file_meta=ds.file_meta)
    for keyword in _IMAGE_PIXEL:
        if keyword in ds:
            frame[keyword] = ds[keyword]
    frame.PixelData = content
    frame["PixelData"].VR = ds["PixelData"].VR
    return frame
