"""Images of three samples a pixel, in every syntax that is read in colors."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import FileDataset
from pydicom.pixels.encoders.base import get_encoder

from tests.preprocessing.encodings import NATIVE_SYNTAXES, encapsulated, written
from tests.preprocessing.radiographs import chest_dataset

Samples = NDArray[np.unsignedinteger[Any]]
"""Axes (row, column), the same value in three samples; or (row, column, sample)."""

GRAY = (
    (np.linspace(0, 225, 48 * 40) + np.random.default_rng(7).integers(0, 31, 48 * 40)).astype(np.uint8).reshape(48, 40)
)
"""Gray values of an image, from 0 to 255, axes (row, column)."""


def color_dataset(
    samples: Samples, *, photometric: str = "RGB", planar: int = 0, bits_stored: int = 8, **attributes: Any
) -> FileDataset:
    """Build a CR image of a chest with three samples a pixel, uncompressed; `attributes` by their keywords."""
    colors = in_three_samples(samples)
    ds = chest_dataset(np.ascontiguousarray(colors[..., 0]), bits_stored=bits_stored)
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, photometric, planar
    content = (np.moveaxis(colors, -1, 0) if planar else colors).tobytes()
    ds.PixelData = content + b"\0" * (len(content) % 2)
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


def in_three_samples(samples: Samples) -> Samples:
    return np.stack([samples] * 3, axis=-1) if samples.ndim == 2 else samples


def _rle(colors: Samples) -> bytes:
    frames = get_encoder(uid.RLELossless).iter_encode(
        colors.tobytes(),
        rows=colors.shape[0],
        columns=colors.shape[1],
        samples_per_pixel=3,
        number_of_frames=1,
        bits_allocated=8,
        bits_stored=8,
        pixel_representation=0,
        photometric_interpretation="RGB",
        planar_configuration=0,
        encoding_plugin="pydicom",
    )
    return next(frames)


def _jpeg_lossless(colors: Samples) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(colors, lossless=True, colorspace="RGB", outcolorspace="RGB"))


def _jpeg(colors: Samples) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(colors, level=98, colorspace="RGB", outcolorspace="YCBCR", subsampling="422"))


COLOR_ENCODERS: Mapping[str, Callable[[Samples], bytes]] = {
    uid.RLELossless: _rle,
    uid.JPEGLossless: _jpeg_lossless,
    uid.JPEGLosslessSV1: _jpeg_lossless,
    uid.JPEGLSLossless: lambda colors: bytes(imagecodecs.jpegls_encode(colors)),
    uid.JPEGLSNearLossless: lambda colors: bytes(imagecodecs.jpegls_encode(colors, level=1)),
    uid.JPEGBaseline8Bit: _jpeg,
    uid.JPEGExtended12Bit: _jpeg,
}
"""From colors, axes (row, column, sample), to a codestream; the DCT ones convert from RGB to YBR_FULL_422."""

NATIVE_COLORS = NATIVE_SYNTAXES
ENCAPSULATED_COLORS = tuple(COLOR_ENCODERS)
LOSSY_COLORS = (uid.JPEGLSNearLossless, uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit)


def in_color_syntax(samples: Samples, syntax: str, *, planar: int = 0, photometric: str | None = None) -> bytes:
    """Return an image of 8 bits as a file of a transfer syntax.

    Args:
        samples: Gray, or colors.
        syntax: One of `NATIVE_COLORS` and `ENCAPSULATED_COLORS`.
        planar: Planar Configuration (0028,0006), for the native ones.
        photometric: What the header says; by default what the encoder does.
    """
    is_dct = syntax in (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit)
    ds = color_dataset(samples, photometric=photometric or ("YBR_FULL_422" if is_dct else "RGB"), planar=planar)
    if syntax in COLOR_ENCODERS:
        return written(encapsulated(ds, syntax, COLOR_ENCODERS[syntax](in_three_samples(samples))))
    ds.file_meta.TransferSyntaxUID = uid.UID(syntax)
    content = BytesIO()
    pydicom.dcmwrite(
        content,
        ds,
        implicit_vr=syntax == uid.ImplicitVRLittleEndian,
        little_endian=syntax != uid.ExplicitVRBigEndian,
        enforce_file_format=True,
    )
    return content.getvalue()


def several_scans(kept: int) -> FileDataset:
    """Return a baseline JPEG image of three equal components, each in a scan of its own; the last may be missing.

    Made from the one scan of a gray image: a scan of one component is coded alike however many there are.
    """
    gray = bytes(imagecodecs.jpeg8_encode(GRAY, level=90))
    frame_at, scan_at = gray.index(b"\xff\xc0"), gray.index(b"\xff\xda")
    tables = gray[frame_at + 13 : scan_at]
    frame = b"\xff\xc0\x00\x11" + gray[frame_at + 4 : frame_at + 9]
    frame += b"\x03" + b"".join(bytes([component, 0x11, 0]) for component in (1, 2, 3))
    scans = (b"\xff\xda\x00\x08\x01" + bytes([component]) + gray[scan_at + 6 : -2] for component in (1, 2, 3))
    stream = gray[:frame_at] + frame + tables + b"".join(list(scans)[:kept]) + b"\xff\xd9"
    return encapsulated(color_dataset(GRAY), uid.JPEGBaseline8Bit, stream)
