"""Decode one radiograph in every transfer syntax: this project's decoders against pydicom's default, in one run.

tricorder bench decoding --out record.json
"""

import statistics
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from io import BytesIO

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydantic import Field
from pydicom import uid
from pydicom.pixels.decoders.base import get_decoder

from benchmarks.encodings import BITS_STORED, COLUMNS, ENCODERS, ROWS, encoded_file, radiograph
from benchmarks.machine import Machine
from benchmarks.scenario import deliver_record, scenario_parser
from preprocessing.decoding import stored_pixels
from preprocessing.reading import read_dataset
from specs.declared import Declared

DECODER_PACKAGES = ("imagecodecs", "python-gdcm", "pylibjpeg-openjpeg")

Decode = Callable[[], NDArray[np.integer]]


class SyntaxTiming(Declared):
    """Warm medians of one transfer syntax, from a data set in memory; of the deflated one from the bytes of a file."""

    syntax: str
    encoded_bytes: int = Field(description="Of the file.")
    ours_ms: float
    pydicom_ms: float | None = Field(description="None where pydicom has no decoder here.")
    times_faster: float | None
    largest_difference: int | None = Field(description="Of two pixels, gray levels; inverse transforms may round.")


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
    source, image = radiograph(ROWS, COLUMNS)
    return DecodingRecord(
        machine=Machine.here(),
        decoders={package: version(package) for package in DECODER_PACKAGES},
        matrix=(ROWS, COLUMNS),
        bits_stored=BITS_STORED,
        repetitions=repetitions,
        timings=tuple(_timing(encoded_file(source, image, syntax), repetitions) for syntax in ENCODERS),
    )


def _ways(file: bytes) -> dict[str, Decode]:
    """Return both ways from a file to its stored pixels: of a deflated one from its bytes, as its reading inflates."""
    ds = pydicom.dcmread(BytesIO(file))
    syntax = ds.file_meta.TransferSyntaxUID
    if syntax == uid.DeflatedExplicitVRLittleEndian:
        return {
            "ours": lambda: stored_pixels(read_dataset(file)),
            "pydicom": lambda: np.asarray(get_decoder(syntax).as_array(pydicom.dcmread(BytesIO(file)))[0]),
        }
    ours: Decode = lambda: stored_pixels(ds)  # noqa: E731
    if syntax == uid.JPEGExtended12Bit:  # for 12 bits pydicom's only plugin is under the GPL
        return {"ours": ours}
    return {"ours": ours, "pydicom": lambda: np.asarray(get_decoder(syntax).as_array(ds)[0])}


def _timing(file: bytes, repetitions: int) -> SyntaxTiming:
    ways = _ways(file)
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
        syntax=pydicom.dcmread(BytesIO(file)).file_meta.TransferSyntaxUID.name,
        encoded_bytes=len(file),
        ours_ms=medians["ours"],
        pydicom_ms=theirs,
        times_faster=None if theirs is None else round(theirs / medians["ours"], 2),
        largest_difference=None if theirs is None else _largest_difference(**decoded),
    )


def _largest_difference(*, ours: NDArray[np.integer], pydicom: NDArray[np.integer]) -> int:
    return int(np.abs(ours.astype(np.int32) - pydicom).max())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line."""
    parser = scenario_parser(__doc__, repetitions=7)
    given = parser.parse_args(arguments)
    deliver_record(measure(given.repetitions), given.out)


if __name__ == "__main__":
    main()
