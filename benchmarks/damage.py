"""Damage: of single wrong bytes in coded pixels, how many are found and how many show another image unnoticed.

tricorder bench damage --out benchmarks/records/damage.json
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydicom import uid

from benchmarks.encodings import BITS_STORED, ENCODERS, Image, encoded_file, radiograph
from benchmarks.scenario import deliver_record, scenario_parser
from preprocessing.decoding import stored_pixels
from preprocessing.errors import InputError
from preprocessing.picture import displayed_picture, read_picture
from preprocessing.reading import read_dataset
from specs.declared import Declared

ROWS, COLUMNS = 400, 328
SEED = 0

Pixels = NDArray[np.integer]
Decode = Callable[[bytes], Pixels | None]


class DamageOfFormat(Declared):
    """What became of files with one wrong byte each."""

    format: str = Field(description="Transfer syntax, or kind of picture.")
    coded_bytes: int
    refused: int = Field(description="Files that are named as damaged, or as no radiograph.")
    unchanged: int = Field(description="Files that show the image as it was.")
    unnoticed: int = Field(description="Files that show another image.")
    pixels_changed: float = Field(description="Share of the image, median of the unnoticed ones.")
    common_change: float = Field(description="Mean of all pixels, of full scale; 95 % of the unnoticed ones have less.")


class DamageRecord(Declared):
    """One run of the scenario; the same on every machine."""

    scenario: str = "damage"
    imagecodecs: str
    matrix: tuple[int, int]
    bits_stored: int
    seed: int
    files_a_format: int
    formats: tuple[DamageOfFormat, ...]


@dataclass(frozen=True, kw_only=True)
class _Subject:
    """A sound file, where its coded pixels lie, and how it is read."""

    format: str
    content: bytes
    coded: range
    decode: Decode
    full_scale: int


def measure(files: int) -> DamageRecord:
    """Put one wrong byte into so many copies of a file in each format, and read them."""
    return DamageRecord(
        imagecodecs=version("imagecodecs"),
        matrix=(ROWS, COLUMNS),
        bits_stored=BITS_STORED,
        seed=SEED,
        files_a_format=files,
        formats=tuple(_damage(subject, files) for subject in _subjects()),
    )


def _subjects() -> Iterator[_Subject]:
    source, image = radiograph(ROWS, COLUMNS)
    for syntax in ENCODERS:
        content = encoded_file(source, image, syntax)
        yield _Subject(
            format=syntax.name,
            content=content,
            coded=_coded(content, syntax, image),
            decode=lambda file: stored_pixels(read_dataset(file)),
            full_scale=255 if syntax == uid.JPEGBaseline8Bit else (1 << BITS_STORED) - 1,
        )
    pictures = {
        "PNG, 16 bits": cv2.imencode(".png", image)[1].tobytes(),
        "JPEG, 8 bits": cv2.imencode(".jpg", (image >> 4).astype(np.uint8))[1].tobytes(),
    }
    for name, content in pictures.items():
        yield _Subject(
            format=name,
            content=content,
            coded=range(len(content)),
            decode=_decode_picture,
            full_scale=65535,
        )


def _decode_picture(content: bytes) -> Pixels | None:
    displayed = displayed_picture(read_picture(content))
    return displayed.whole() if displayed else None


def _coded(content: bytes, syntax: uid.UID, image: Image) -> range:
    if syntax == uid.DeflatedExplicitVRLittleEndian:
        return range(144 + int.from_bytes(content[140:144], "little"), len(content))  # behind group 0002, PS3.10 7.1
    pixels = ENCODERS[syntax](image)
    start = content.rindex(pixels)
    return range(start, start + len(pixels))


def _damage(subject: _Subject, files: int) -> DamageOfFormat:
    generator, sound = np.random.default_rng(SEED), subject.decode(subject.content)
    if sound is None:
        raise ValueError("the image has colors")
    changes: list[NDArray[np.int64]] = []
    for _ in range(files):
        damaged = bytearray(subject.content)
        at = subject.coded[int(generator.integers(len(subject.coded)))]
        damaged[at] ^= int(generator.integers(1, 256))
        try:
            shown = subject.decode(bytes(damaged))
        except InputError:
            continue
        if shown is not None and shown.shape == sound.shape:
            changes.append(np.abs(shown.astype(np.int64) - sound))
    unnoticed = [change for change in changes if change.any()]
    pixels_changed = [float(np.mean(change > 0)) for change in unnoticed] or [0.0]
    mean_changes = [float(np.mean(change)) / subject.full_scale for change in unnoticed] or [0.0]
    return DamageOfFormat(
        format=subject.format,
        coded_bytes=len(subject.coded),
        refused=files - len(changes),
        unchanged=len(changes) - len(unnoticed),
        unnoticed=len(unnoticed),
        pixels_changed=round(float(np.median(pixels_changed)), 6),
        common_change=round(float(np.percentile(mean_changes, 95)), 6),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line."""
    sys.unraisablehook = lambda _: None  # imagecodecs has OpenJPH's errors printed; the decoder finds them out
    parser = scenario_parser(__doc__, repetitions=2000)
    given = parser.parse_args(arguments)
    deliver_record(measure(given.repetitions), given.out)


if __name__ == "__main__":
    main()
