"""Decode one radiograph in every transfer syntax: this project's decoders against pydicom's default, in one run.

python -m benchmarks.decoding --out record.json
"""

import statistics
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version

import cv2
import imagecodecs
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import uid
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.encoders.base import get_encoder

from benchmarks.machine import Machine
from benchmarks.scenario import deliver_record, scenario_parser
from preprocessing.decoding import stored_pixels
from specs.declared import Declared

Image = NDArray[np.uint16]
"""Stored values, axes (row, column), 12 bits in 16."""

ROWS, COLUMNS, BITS_STORED = 2500, 2048, 12
NOISE = 8.0
"""Standard deviation in gray levels; without it every compressed syntax would look faster than it is."""

DECODER_PACKAGES = ("imagecodecs", "python-gdcm", "pylibjpeg-openjpeg")


def _rle(image: Image) -> bytes:
    encoder = get_encoder(uid.RLELossless)
    return encoder.encode(
        image.tobytes(),
        encoding_plugin="pydicom",
        bits_stored=BITS_STORED,
        rows=ROWS,
        columns=COLUMNS,
        samples_per_pixel=1,
        number_of_frames=1,
        bits_allocated=16,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
    )


def _lossless(image: Image, *, selection_value: int) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(image, lossless=True, predictor=selection_value, bitspersample=BITS_STORED))


ENCODERS: Mapping[uid.UID, Callable[[Image], bytes]] = {
    uid.ExplicitVRLittleEndian: lambda image: image.tobytes(),
    uid.ExplicitVRBigEndian: lambda image: image.astype(">u2").tobytes(),
    uid.RLELossless: _rle,
    uid.JPEGBaseline8Bit: lambda image: bytes(imagecodecs.jpeg8_encode((image >> 4).astype(np.uint8), level=90)),
    uid.JPEGExtended12Bit: lambda image: bytes(imagecodecs.jpeg8_encode(image, level=90, bitspersample=12)),
    uid.JPEGLossless: lambda image: _lossless(image, selection_value=4),
    uid.JPEGLosslessSV1: lambda image: _lossless(image, selection_value=1),
    uid.JPEGLSLossless: lambda image: bytes(imagecodecs.jpegls_encode(image)),
    uid.JPEGLSNearLossless: lambda image: bytes(imagecodecs.jpegls_encode(image, level=2)),
    uid.JPEG2000Lossless: lambda image: bytes(
        imagecodecs.jpeg2k_encode(image, level=0, codecformat="J2K", reversible=True, bitspersample=BITS_STORED)
    ),
    uid.HTJ2KLossless: lambda image: bytes(imagecodecs.htj2k_encode(image, reversible=True)),
}
"""One encoder a decoder; the other syntaxes share these (implicit and deflated, lossy JPEG 2000 and HTJ2K)."""


class SyntaxTiming(Declared):
    """Warm medians of one transfer syntax; `pydicom_ms` is absent where pydicom has no decoder here."""

    syntax: str
    encoded_bytes: int
    ours_ms: float
    pydicom_ms: float | None
    times_faster: float | None
    identical: bool | None


class DecodingRecord(Declared):
    """One run of the scenario; the two ways alternate, so that a noisy neighbor meets both."""

    scenario: str = "decoding"
    machine: Machine
    decoders: dict[str, str]
    matrix: tuple[int, int]
    bits_stored: int
    repetitions: int
    timings: tuple[SyntaxTiming, ...]


def measure(repetitions: int) -> DecodingRecord:
    """Time every syntax on the same image, after one warm-up decode of each way."""
    source, image = _radiograph()
    return DecodingRecord(
        machine=Machine.here(),
        decoders={package: version(package) for package in DECODER_PACKAGES},
        matrix=(ROWS, COLUMNS),
        bits_stored=BITS_STORED,
        repetitions=repetitions,
        timings=tuple(_timing(_encoded(source, image, syntax), repetitions) for syntax in ENCODERS),
    )


def _radiograph() -> tuple[FileDataset, Image]:
    """Return a radiograph of pydicom-data and its pixels at the matrix of a chest detector, with quantum noise."""
    path = get_testdata_file("RG1_UNCR.dcm", download=False)
    if not isinstance(path, str):
        raise FileNotFoundError("RG1_UNCR.dcm of pydicom-data")
    source = pydicom.dcmread(path)
    resized = cv2.resize(source.pixel_array.astype(np.float32), (COLUMNS, ROWS), interpolation=cv2.INTER_LINEAR)
    noise = np.random.default_rng(0).normal(0.0, NOISE, resized.shape)
    image = np.rint(np.asarray(resized) / float(np.max(resized)) * 4000.0 + noise)
    return source, np.clip(image, 0, (1 << BITS_STORED) - 1).astype(np.uint16)


def _encoded(source: FileDataset, image: Image, syntax: uid.UID) -> FileDataset:
    ds = FileDataset("", dict(source), file_meta=FileMetaDataset(), preamble=source.preamble)
    ds.file_meta.TransferSyntaxUID = syntax
    ds.Rows, ds.Columns = ROWS, COLUMNS
    ds.BitsAllocated, ds.BitsStored = (8, 8) if syntax == uid.JPEGBaseline8Bit else (16, BITS_STORED)
    ds.HighBit = ds.BitsStored - 1
    content = ENCODERS[syntax](image)
    ds.PixelData = encapsulate([content]) if syntax.is_encapsulated else content
    return ds


def _timing(ds: FileDataset, repetitions: int) -> SyntaxTiming:
    syntax = ds.file_meta.TransferSyntaxUID
    ways: dict[str, Callable[[], NDArray[np.integer]]] = {"ours": lambda: stored_pixels(ds)}
    if syntax != uid.JPEGExtended12Bit:  # for 12 bits pydicom's only plugin is under the GPL
        ways["pydicom"] = lambda: np.asarray(get_decoder(syntax).as_array(ds)[0])
    decoded = {name: decode() for name, decode in ways.items()}
    elapsed_ms: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repetitions):
        for name, decode in ways.items():
            started_s = time.perf_counter()
            decode()
            elapsed_ms[name].append((time.perf_counter() - started_s) * 1000)
    medians = {name: round(statistics.median(values), 2) for name, values in elapsed_ms.items()}
    theirs = medians.get("pydicom")
    return SyntaxTiming(
        syntax=syntax.name,
        encoded_bytes=len(ds.PixelData),
        ours_ms=medians["ours"],
        pydicom_ms=theirs,
        times_faster=None if theirs is None else round(theirs / medians["ours"], 2),
        identical=None if theirs is None else bool(np.array_equal(decoded["ours"], decoded["pydicom"])),
    )


def main() -> None:
    """Run the scenario from the command line."""
    parser = scenario_parser(__doc__, repetitions=7)
    arguments = parser.parse_args()
    deliver_record(measure(arguments.repetitions), arguments.out)


if __name__ == "__main__":
    main()
