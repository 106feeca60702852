"""The decoder of every transfer syntax: the fastest whose pixels are those of pydicom, bit for bit where lossless.

Milliseconds of a 2500 x 2048 radiograph of 12 bits in 16, two cores, one run (`benchmarks/records/decoding.json` has
the present figures): JPEG lossless libjpeg-turbo 34 to 52, liblj92 63 to 110, jpegsof3 125, GDCM 165. RLE imagecodecs
11, pydicom 75. JPEG-LS CharLS 110, GDCM 163. JPEG 2000 OpenJPEG on two threads 273, on one 512, GDCM (threads of its
own) 380. HTJ2K OpenJPH 26, OpenJPEG 61.
"""

import math
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Literal

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset

from preprocessing.attributes import whole_number
from preprocessing.encapsulation import encapsulated_frame
from preprocessing.errors import InvalidAttribute, MissingAttribute
from preprocessing.gray_jpeg import decode_gray_jpeg
from preprocessing.jpeg2000_decoding import decode_htj2k, decode_jpeg2000
from preprocessing.jpeg2000_header import Jpeg2000Header, bare_codestream, check_jpeg2000
from preprocessing.jpeg2000_resolution import at_lower_resolution
from preprocessing.jpeg_header import JPEG_LS, LOSSLESS, SEQUENTIAL_DCT, check_jpeg
from preprocessing.pixel_layout import ColorSpace, PixelLayout, StoredPixels, Undecodable

Decoder = Callable[[Dataset, PixelLayout], StoredPixels]
"""From an image and what its header declares to its stored values, of the shape and type of the layout."""


def _decode_native(ds: Dataset, layout: PixelLayout, *, order: Literal["<", ">"]) -> StoredPixels:
    """PS3.5 8.1, 8.2: as they lie in the file, with one byte of padding where their length is odd.

    Colors lie pixel by pixel or plane by plane: PS3.3 C.7.6.3.1.3.
    """
    content = ds.PixelData
    if len(content) < layout.decoded_bytes:
        raise Undecodable(f"{len(content)} bytes of pixels where the header says {layout.decoded_bytes}")
    if len(content) >= 2 * layout.decoded_bytes + layout.decoded_bytes % 2:
        raise Undecodable("it holds more pixels than one image")
    if order == ">" and layout.bits_allocated == 8 and ds["PixelData"].VR == "OW":
        content = _swapped(content)  # PS3.5 D: 8-bit pixels are pairs in 16-bit words there
    values = np.frombuffer(content, dtype=layout.dtype.newbyteorder(order), count=math.prod(layout.shape))
    by_planes = layout.samples == 3 and _planar_configuration(ds) == 1
    return _without_unused_bits(_in_axes(values, layout, by_planes=by_planes), layout)


def _planar_configuration(ds: Dataset) -> int:
    configuration = whole_number(ds, "PlanarConfiguration")
    if configuration is None:
        raise MissingAttribute(keyword="PlanarConfiguration")
    if configuration not in (0, 1):
        raise InvalidAttribute(keyword="PlanarConfiguration")
    return configuration


def _in_axes(values: NDArray[np.integer], layout: PixelLayout, *, by_planes: bool) -> StoredPixels:
    """Return values that lie one after the other in the axes and the type of the layout."""
    pixels: StoredPixels = values.astype(layout.dtype, copy=False)
    if by_planes:
        return np.moveaxis(pixels.reshape(layout.samples, *layout.matrix), 0, -1)
    return pixels.reshape(layout.shape)


def _swapped(content: bytes) -> bytes:
    return np.frombuffer(content[: len(content) // 2 * 2], dtype=np.uint16).byteswap().tobytes()


def _decode_rle(ds: Dataset, layout: PixelLayout) -> StoredPixels:
    """PS3.5 G: a segment for each byte of a pixel.

    One that expands beyond the image is refused, however little: it is damage or a bomb.
    """
    frame = encapsulated_frame(ds)
    if int.from_bytes(frame[:4], "little") != layout.samples * layout.dtype.itemsize:
        raise Undecodable("it has not one segment for each byte of a pixel")
    decoded = imagecodecs.dicomrle_decode(frame, layout.dtype.newbyteorder("<"), out=bytearray(layout.decoded_bytes))
    if len(decoded) != layout.decoded_bytes:
        raise Undecodable("its segments are too short")
    values = np.frombuffer(decoded, dtype=layout.dtype.newbyteorder("<"))
    return _without_unused_bits(_in_axes(values, layout, by_planes=layout.samples == 3), layout)


def _decode_jpeg(ds: Dataset, layout: PixelLayout, *, processes: frozenset[int]) -> StoredPixels:
    """PS3.5 A.4.1. JPEG knows no sign: signed values are its bits, read as two's complement of Bits Stored.

    Colors come as the header names them. Lossy JFIF is always YBR (ITU-T T.871): files whose header calls it RGB are
    common, from encoders that convert unasked.
    """
    frame = encapsulated_frame(ds)
    header = check_jpeg(frame, layout, processes)
    if layout.samples == 1:
        decoded = decode_gray_jpeg(frame, header, signed=layout.signed)
    else:
        is_jfif = header.is_jfif and header.process in SEQUENTIAL_DCT
        encoded = ColorSpace.YBR if is_jfif else layout.color_space
        out = _empty(layout, header.precision, signed=False)
        decoded = imagecodecs.jpeg8_decode(frame, colorspace=encoded, outcolorspace=layout.color_space, out=out)
    return _without_unused_bits(_bits(decoded, layout), layout)


def _decode_jpeg_ls(ds: Dataset, layout: PixelLayout) -> StoredPixels:
    """PS3.5 A.4.3. JPEG-LS knows no sign: signed values are two's complement of its own precision."""
    frame = encapsulated_frame(ds)
    precision = check_jpeg(frame, layout, JPEG_LS).precision
    decoded = imagecodecs.jpegls_decode(frame, out=_empty(layout, precision, signed=False))
    pixels = _bits(decoded, layout)
    return _in_stored_range(_sign_extended(pixels, precision) if layout.signed else pixels, layout)


def _decode_jpeg2000(ds: Dataset, layout: PixelLayout, *, least_shape: tuple[int, int] | None = None) -> StoredPixels:
    """PS3.5 A.4.4: whole, or at the lowest resolution with at least so many rows and columns.

    Whole all the same where pixels may be of the other sign or beyond Bits Stored: their averages would not tell.
    """
    frame = bare_codestream(encapsulated_frame(ds))
    header = check_jpeg2000(frame, layout)
    if least_shape and header.signed == layout.signed and header.precision <= layout.bits_stored:
        frame, layout = at_lower_resolution(frame, layout, least_shape=least_shape)
    out = _empty(layout, header.precision, signed=header.signed)
    decode_jpeg2000(frame, out)
    return _with_sign_of_header(out, header, layout)


def _decode_htj2k(ds: Dataset, layout: PixelLayout) -> StoredPixels:
    """ITU-T T.814: always whole, for OpenJPH 0.26 does not clamp lower resolutions: white would turn black."""
    frame = bare_codestream(encapsulated_frame(ds))
    header = check_jpeg2000(frame, layout)
    out = _empty(layout, header.precision, signed=header.signed)
    decode_htj2k(frame, out, header)
    return _with_sign_of_header(out, header, layout)


def _with_sign_of_header(decoded: NDArray[np.integer], header: Jpeg2000Header, layout: PixelLayout) -> StoredPixels:
    """Read the bits of a codestream with the sign of the DICOM header where the two differ: pydicom#1149."""
    pixels = _bits(decoded, layout)
    if header.signed != layout.signed:
        pixels = _sign_extended(pixels, header.precision)
    return _in_stored_range(pixels, layout)


def _empty(layout: PixelLayout, precision: int, *, signed: bool) -> NDArray[np.integer]:
    """Return the array that a decoder fills: the smallest type of the precision, as libraries insist on."""
    return np.empty(layout.shape, dtype=f"{'i' if signed else 'u'}{1 if precision <= 8 else 2}")


def _bits(decoded: NDArray[np.integer], layout: PixelLayout) -> StoredPixels:
    """Return values in the type of the layout; of 8 bits to 16 with their own sign, else bit for bit."""
    widened = decoded.astype(f"{decoded.dtype.kind}{layout.dtype.itemsize}", copy=False)
    pixels: StoredPixels = widened.view(layout.dtype)
    return pixels


def _sign_extended(pixels: StoredPixels, bits: int) -> StoredPixels:
    """Read the lower bits of each value alone: as two's complement where the type is signed."""
    unused = pixels.dtype.itemsize * 8 - bits
    extended: StoredPixels = np.right_shift(np.left_shift(pixels, unused), unused)
    return extended


def _without_unused_bits(pixels: StoredPixels, layout: PixelLayout) -> StoredPixels:
    """Cut off what lies above Bits Stored, such as old overlays: PS3.5 8.1.1."""
    if layout.bits_stored == layout.bits_allocated or _lies_within(pixels, layout):
        return pixels
    if layout.is_high_bit_wrong and int(pixels.view(f"u{pixels.dtype.itemsize}").max()) >> layout.bits_stored:
        raise Undecodable(
            f"it holds values of more than the {layout.bits_stored} bits stored, and its high bit is another one"
        )
    return _sign_extended(pixels, layout.bits_stored)


def _in_stored_range(pixels: StoredPixels, layout: PixelLayout) -> StoredPixels:
    """Refuse values beyond Bits Stored, which a codestream of higher precision can hold: no value is cut in silence.

    Nor does one that is damaged always keep to its precision: OpenJPH does not clamp what it decodes.
    """
    if not _lies_within(pixels, layout):
        raise Undecodable(f"its codestream holds values of more than the {layout.bits_stored} bits stored")
    return pixels


def _lies_within(pixels: StoredPixels, layout: PixelLayout) -> bool:
    lowest, highest = layout.stored_range
    return int(pixels.max()) <= highest and (not layout.signed or int(pixels.min()) >= lowest)


_decode_little_endian = partial(_decode_native, order="<")
_decode_sequential = partial(_decode_jpeg, processes=SEQUENTIAL_DCT)
_decode_lossless = partial(_decode_jpeg, processes=LOSSLESS)

DECODERS: Mapping[str, Decoder] = MappingProxyType(
    {
        uid.ImplicitVRLittleEndian: _decode_little_endian,
        uid.ExplicitVRLittleEndian: _decode_little_endian,
        uid.ExplicitVRBigEndian: partial(_decode_native, order=">"),
        uid.DeflatedExplicitVRLittleEndian: _decode_little_endian,  # inflated when the file was read
        uid.RLELossless: _decode_rle,
        uid.JPEGBaseline8Bit: _decode_sequential,
        uid.JPEGExtended12Bit: _decode_sequential,
        uid.JPEGLossless: _decode_lossless,
        uid.JPEGLosslessSV1: _decode_lossless,
        uid.JPEGLSLossless: _decode_jpeg_ls,
        uid.JPEGLSNearLossless: _decode_jpeg_ls,
        uid.JPEG2000Lossless: _decode_jpeg2000,
        uid.JPEG2000: _decode_jpeg2000,
        uid.HTJ2KLossless: _decode_htj2k,
        uid.HTJ2KLosslessRPCL: _decode_htj2k,
        uid.HTJ2K: _decode_htj2k,
    }
)
"""Every transfer syntax that is read; what is not here is refused."""

OF_SEVERAL_RESOLUTIONS = (uid.JPEG2000Lossless, uid.JPEG2000)
"""Syntaxes that can be decoded at a lower resolution."""


def decoder_of(syntax: str, *, least_shape: tuple[int, int] | None = None) -> Decoder:
    """Return the decoder of a transfer syntax.

    Args:
        syntax: Transfer Syntax UID, one of `DECODERS`.
        least_shape: Least (rows, columns) that are asked for; None for the whole image. A syntax of several
            resolutions gives the lowest that has as many, any other the whole image.
    """
    if least_shape and syntax in OF_SEVERAL_RESOLUTIONS:
        return partial(_decode_jpeg2000, least_shape=least_shape)
    return DECODERS[syntax]


GRAY_ONLY = frozenset({uid.JPEG2000Lossless, uid.JPEG2000, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K})
"""Syntaxes that are not read in colors: `jpeg2000_header` checks codestreams of one component."""
