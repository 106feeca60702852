"""A real radiograph in every transfer syntax that is read, at any matrix."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import uid
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import get_encoder

from client.sources import Source

Image = NDArray[np.uint16]
"""Stored values, axes (row, column), 12 bits in 16."""

ROWS, COLUMNS = 2500, 2048
"""Of a chest detector."""

COPIES = 8
"""Of each file on disk, together larger than a processor's cache."""

BITS_STORED = 12
NOISE = 8.0
"""Standard deviation in gray levels; without it every compressed syntax would look faster than it is."""

LOSSY_DB = 60
"""Peak signal to noise ratio of lossy JPEG 2000."""

LOSSY_STEP = 0.004
"""Quantization step of lossy HTJ2K, in full scale."""

_PRECISION_AT = 42
"""Place of Ssiz of the one component in a codestream: ITU-T T.800 A.5.1."""


def published_image(name: str) -> FileDataset:
    """Read a file of pydicom-data."""
    path = get_testdata_file(name, download=False)
    if not isinstance(path, str):
        raise FileNotFoundError(f"{name} of pydicom-data")
    return pydicom.dcmread(path)


def radiograph(rows: int, columns: int) -> tuple[FileDataset, Image]:
    """Return a radiograph of pydicom-data and its pixels at a matrix, with quantum noise."""
    source = published_image("RG1_UNCR.dcm")
    resized = cv2.resize(source.pixel_array.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR)
    noise = np.random.default_rng(0).normal(0.0, NOISE, resized.shape)
    image = np.rint(np.asarray(resized) / float(np.max(resized)) * 4000.0 + noise)
    return source, np.clip(image, 0, (1 << BITS_STORED) - 1).astype(np.uint16)


def windowed_radiograph(rows: int, columns: int, *, syntax: uid.UID) -> tuple[FileDataset, Image]:
    """Return the same with a window over all gray values that it has in a transfer syntax, so that it is eligible."""
    source, image = radiograph(rows, columns)
    gray_values = 1 << (8 if syntax == uid.JPEGBaseline8Bit else BITS_STORED)
    source.WindowCenter, source.WindowWidth = gray_values / 2, gray_values
    return source, image


def encoded_file(source: FileDataset, image: Image, syntax: uid.UID) -> bytes:
    """Return a file of other pixels in a transfer syntax of `ENCODERS`."""
    ds = FileDataset("", dict(source), file_meta=FileMetaDataset(), preamble=source.preamble)
    ds.file_meta.TransferSyntaxUID = syntax
    ds.Rows, ds.Columns = image.shape
    ds.BitsAllocated, ds.BitsStored = (8, 8) if syntax == uid.JPEGBaseline8Bit else (16, BITS_STORED)
    ds.HighBit = ds.BitsStored - 1
    del ds.PixelData  # set in place, it would change that of `source` too
    content = ENCODERS[syntax](image)
    ds.PixelData = encapsulate([content]) if syntax.is_encapsulated else content
    ds["PixelData"].VR = "OB" if syntax.is_encapsulated else "OW"
    file = BytesIO()
    pydicom.dcmwrite(
        file,
        ds,
        implicit_vr=syntax == uid.ImplicitVRLittleEndian,
        little_endian=syntax != uid.ExplicitVRBigEndian,
        enforce_file_format=True,
    )
    return file.getvalue()


@contextmanager
def radiograph_files(syntax: uid.UID) -> Iterator[list[Source]]:
    """Write a radiograph of a chest detector in a transfer syntax, `COPIES` times, for as long as the context runs."""
    source, image = windowed_radiograph(ROWS, COLUMNS, syntax=syntax)
    with written_copies(encoded_file(source, image, syntax), count=COPIES) as files:
        yield files


@contextmanager
def written_copies(file: bytes, *, count: int) -> Iterator[list[Source]]:
    """Write a file so many times into a folder that goes when the context is left."""
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
        paths = [Path(folder) / f"{number:04d}.dcm" for number in range(count)]
        for path in paths:
            path.write_bytes(file)
        yield [Source(path=path, name=path.name) for path in paths]


def _rle(image: Image) -> bytes:
    encoder = get_encoder(uid.RLELossless)
    return encoder.encode(
        image.tobytes(),
        encoding_plugin="pydicom",
        bits_stored=BITS_STORED,
        rows=image.shape[0],
        columns=image.shape[1],
        samples_per_pixel=1,
        number_of_frames=1,
        bits_allocated=16,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
    )


def _native(image: Image) -> bytes:
    return image.tobytes()


def _jpeg_lossless(image: Image, *, selection_value: int) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(image, lossless=True, predictor=selection_value, bitspersample=BITS_STORED))


def _jpeg2000(image: Image, *, level: int, reversible: bool) -> bytes:
    return bytes(
        imagecodecs.jpeg2k_encode(
            image, level=level, codecformat="J2K", reversible=reversible, bitspersample=BITS_STORED
        )
    )


def _htj2k(image: Image, *, reversible: bool) -> bytes:
    """In the order of resolutions, which OpenJPH writes by default and the RPCL syntax demands.

    imagecodecs declares the 16 bits of the type, encoders of radiographs declare Bits Stored: so does this. Reversible,
    a value lies as far from the middle of either range; irreversible, it is the same share of it (T.800 G.1, E.1).
    """
    unused = 16 - BITS_STORED
    in_16_bits = image + np.uint16((1 << 15) - (1 << BITS_STORED - 1)) if reversible else image << unused
    codestream = bytearray(imagecodecs.htj2k_encode(in_16_bits, level=LOSSY_STEP, reversible=reversible))
    codestream[_PRECISION_AT] = BITS_STORED - 1
    return bytes(codestream)


ENCODERS: Mapping[uid.UID, Callable[[Image], bytes]] = {
    uid.ImplicitVRLittleEndian: _native,
    uid.ExplicitVRLittleEndian: _native,
    uid.ExplicitVRBigEndian: lambda image: image.astype(">u2").tobytes(),
    uid.DeflatedExplicitVRLittleEndian: _native,  # deflated when the file is written
    uid.RLELossless: _rle,
    uid.JPEGBaseline8Bit: lambda image: bytes(imagecodecs.jpeg8_encode((image >> 4).astype(np.uint8), level=90)),
    uid.JPEGExtended12Bit: lambda image: bytes(imagecodecs.jpeg8_encode(image, level=90, bitspersample=BITS_STORED)),
    uid.JPEGLossless: partial(_jpeg_lossless, selection_value=4),
    uid.JPEGLosslessSV1: partial(_jpeg_lossless, selection_value=1),
    uid.JPEGLSLossless: lambda image: bytes(imagecodecs.jpegls_encode(image)),
    uid.JPEGLSNearLossless: lambda image: bytes(imagecodecs.jpegls_encode(image, level=2)),
    uid.JPEG2000Lossless: partial(_jpeg2000, level=0, reversible=True),
    uid.JPEG2000: partial(_jpeg2000, level=LOSSY_DB, reversible=False),
    uid.HTJ2KLossless: partial(_htj2k, reversible=True),
    uid.HTJ2KLosslessRPCL: partial(_htj2k, reversible=True),
    uid.HTJ2K: partial(_htj2k, reversible=False),
}
"""From stored values to the content of Pixel Data, without its encapsulation, in each of `DECODERS`."""
