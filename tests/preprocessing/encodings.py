"""Images in every transfer syntax, made by encoders that are not ours: DCMTK, imagecodecs, pydicom."""

import shutil
import subprocess
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom import uid
from pydicom.data import get_testdata_files
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import get_encoder

Stored = NDArray[np.integer[Any]]


def _rle(stored: Stored, bits: int) -> bytes:
    frames = get_encoder(uid.RLELossless).iter_encode(
        stored.tobytes(),
        rows=stored.shape[0],
        columns=stored.shape[1],
        samples_per_pixel=1,
        number_of_frames=1,
        bits_allocated=stored.dtype.itemsize * 8,
        bits_stored=bits,
        pixel_representation=int(stored.dtype.kind == "i"),
        photometric_interpretation="MONOCHROME2",
        encoding_plugin="pydicom",  # GDCM's encoder crashes on odd sizes
    )
    return next(frames)


def _jpeg_lossless(stored: Stored, bits: int) -> bytes:
    unsigned = (stored.astype(np.int64) & ((1 << bits) - 1)).astype(f"u{stored.dtype.itemsize}")
    return bytes(imagecodecs.jpeg8_encode(unsigned, lossless=True, bitspersample=bits))


def _jpeg_ls(stored: Stored, bits: int, error: int = 0) -> bytes:
    """Imagecodecs declares the bits of the type, so signed values are two's complement of all of them."""
    return bytes(imagecodecs.jpegls_encode(stored.view(f"u{stored.dtype.itemsize}"), level=error))


def _jpeg2000(stored: Stored, bits: int) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(stored, level=0, codecformat="J2K", reversible=True, bitspersample=bits))


def _htj2k(stored: Stored, bits: int) -> bytes:
    return bytes(imagecodecs.htj2k_encode(stored, reversible=True))


def _jpeg_12(stored: Stored, bits: int) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(stored, level=95, bitspersample=12))


def _jpeg_8(stored: Stored, bits: int) -> bytes:
    return bytes(imagecodecs.jpeg8_encode((stored >> (bits - 8)).astype(np.uint8), level=95))


LOSSLESS_ENCODERS: Mapping[str, Callable[[Stored, int], bytes]] = {
    uid.RLELossless: _rle,
    uid.JPEGLossless: _jpeg_lossless,
    uid.JPEGLosslessSV1: _jpeg_lossless,
    uid.JPEGLSLossless: _jpeg_ls,
    uid.JPEG2000Lossless: _jpeg2000,
    uid.HTJ2KLossless: _htj2k,
    uid.HTJ2KLosslessRPCL: _htj2k,
}
"""From stored values and Bits Stored to a codestream."""

LOSSY_ENCODERS: Mapping[str, Callable[[Stored, int], bytes]] = {
    uid.JPEGBaseline8Bit: _jpeg_8,
    uid.JPEGExtended12Bit: _jpeg_12,
    uid.JPEGLSNearLossless: lambda stored, bits: _jpeg_ls(stored, bits, 2),
    uid.JPEG2000: lambda stored, bits: bytes(
        imagecodecs.jpeg2k_encode(stored, level=40, codecformat="J2K", bitspersample=bits)
    ),
    uid.HTJ2K: lambda stored, _: bytes(imagecodecs.htj2k_encode(stored, level=0.001, reversible=False)),
}
"""The same for lossy syntaxes; the baseline keeps the upper eight bits."""

NATIVE_SYNTAXES = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
)


def encapsulated(ds: Dataset, syntax: str, codestream: bytes, **attributes: Any) -> FileDataset:
    """Return an image with other pixel data and attributes, written and read again."""
    other = read(written(ds))
    other.file_meta.TransferSyntaxUID = uid.UID(syntax)
    other.PixelData = encapsulate([codestream])
    other["PixelData"].VR = "OB"
    for keyword, value in attributes.items():
        setattr(other, keyword, value)
    return read(written(other))


def written(ds: Dataset) -> bytes:
    """Return an image as the bytes of a file, in its transfer syntax."""
    content = BytesIO()
    pydicom.dcmwrite(content, ds, enforce_file_format=True)
    return content.getvalue()


def read(content: bytes) -> FileDataset:
    """Read the bytes of a file."""
    return pydicom.dcmread(BytesIO(content))


def in_lossless_syntaxes(ds: FileDataset) -> dict[str, bytes]:
    """Return an unsigned image of 16 bits allocated as a file of every transfer syntax that loses nothing."""
    stored, bits = ds.pixel_array, ds.BitsStored
    files: dict[str, bytes] = {}
    for syntax in NATIVE_SYNTAXES:
        other = read(written(ds))
        if syntax == uid.ExplicitVRBigEndian:
            other.PixelData = stored.astype(">u2").tobytes()
        other.file_meta.TransferSyntaxUID = syntax
        content = BytesIO()
        big_endian = syntax == uid.ExplicitVRBigEndian
        implicit = syntax == uid.ImplicitVRLittleEndian
        pydicom.dcmwrite(
            content, FileDataset("", dict(other), file_meta=other.file_meta, preamble=other.preamble),
            implicit_vr=implicit, little_endian=not big_endian, enforce_file_format=True,
        )  # fmt: skip
        files[syntax] = content.getvalue()
    for encoded_syntax, encode in LOSSLESS_ENCODERS.items():
        files[encoded_syntax] = written(encapsulated(ds, encoded_syntax, encode(stored, bits)))
    return files


def in_every_syntax(ds: FileDataset) -> dict[str, bytes]:
    """Return a small unsigned image of 12 bits as a file of every transfer syntax."""
    files = in_lossless_syntaxes(ds)
    for syntax, encode in LOSSY_ENCODERS.items():
        eight = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7} if syntax == uid.JPEGBaseline8Bit else {}
        files[syntax] = written(encapsulated(ds, syntax, encode(ds.pixel_array, ds.BitsStored), **eight))
    return files


@cache
def published_images() -> tuple[Path, ...]:
    """Every gray single-frame image of 8 or 16 bits in pydicom's test files and in pydicom-data, by name."""
    folder = Path(import_module("data_store").__file__ or "").parent  # the module of pydicom-data, without types
    paths = {Path(path) for path in get_testdata_files("**/*")} | {path for path in folder.rglob("*") if path.is_file()}
    return tuple(sorted(filter(_is_gray_single_frame, paths), key=lambda path: (path.name, path)))


def _is_gray_single_frame(path: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ds = pydicom.dcmread(path)
        except (pydicom.errors.InvalidDicomError, OSError, EOFError, ValueError, KeyError, AttributeError, TypeError):
            return False
        return (
            "PixelData" in ds
            and ds.get("SamplesPerPixel") == 1
            and "MONOCHROME" in ds.get("PhotometricInterpretation", "")
            and ds.get("BitsAllocated") in (8, 16)
            and ds.get("NumberOfFrames") in (None, 1)
        )


def dcmtk(command: str, source: Path, target: Path, *options: str) -> FileDataset | None:
    """Run a program of DCMTK on a file and read what it wrote; None where it does not read that.

    Skips the test where DCMTK is not installed.
    """
    if shutil.which(command) is None:
        pytest.skip(f"{command} of DCMTK is not installed (apt-get install dcmtk)")
    done = subprocess.run([command, *options, str(source), str(target)], capture_output=True, check=False, timeout=60)
    return pydicom.dcmread(target) if done.returncode == 0 else None
