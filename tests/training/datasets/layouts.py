"""Small data sets in the exact form in which the real ones are published, of noise with soft edges or of phantoms."""

import csv
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from phantoms import radiograph_phantom
from preprocessing import Prepared, prepare
from specs.recipe import CHEST_RADIOGRAPH_320

NIH_HEADER = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]"
)


def radiograph(number: int, *, side: int) -> NDArray[np.float64]:
    """Draw an image that differs from those of other numbers, shape (side, side), in [0, 1]."""
    coarse = np.random.default_rng(number).random((8, 8))
    return np.clip(cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC), 0.0, 1.0)


class Drawing(Protocol):
    """Draws an image that differs from those of other numbers, shape (side, side), in [0, 1]."""

    def __call__(self, number: int, *, side: int) -> NDArray[np.float64]: ...


def phantom(number: int, *, side: int) -> NDArray[np.float64]:
    """Draw a phantom, shape (side, side), in [0, 1]."""
    prepared = prepare(radiograph_phantom(seed=2022, index=number).dataset(), CHEST_RADIOGRAPH_320)
    assert isinstance(prepared, Prepared)
    drawn: NDArray[np.float64] = cv2.resize(prepared.pixels[0] / 255, (side, side))
    return drawn


def nih_row(patient: int, follow_up: int, *, age: str = "60", findings: str = "No Finding", view: str = "PA") -> str:
    """Write a row of the table of 2020."""
    name = f"{patient:08d}_{follow_up:03d}.png"
    return f"{name},{findings},{follow_up},{patient},{age},M,{view},2682,2749,0.143,0.143"


def write_nih(
    folder: Path, rows: list[str], *, header: str = NIH_HEADER, name: str = "Data_Entry_2017_v2020.csv"
) -> None:
    """Write the table alone."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def write_nih_images(folder: Path, rows: list[str], *, draw: Drawing = radiograph) -> None:
    """Write the image of each row, half of them into either of two folders as the archives unpack."""
    for number, row in enumerate(rows):
        images = folder / f"images_{1 + number % 2:03d}" / "images"
        images.mkdir(parents=True, exist_ok=True)
        gray = np.rint(draw(number, side=1024) * 255).astype(np.uint8)
        Image.fromarray(gray).save(images / row.partition(",")[0], compress_level=1)


def write_jsrt(folder: Path, *, nodules: int, non_nodules: int, draw: Drawing = radiograph) -> None:
    """Write both tables and raw images; the first nodule image has no age."""
    (folder / "CLINICAL").mkdir(parents=True)
    nodule_rows = [
        f"JPCLN{number:03d}.IMG\t5\t15\t{'?' if number == 1 else 40 + number}\tmale\t1634\t692\tmalignant"
        "\tl. upper lobe\tlung\tcancer (non-small cell)"
        for number in range(1, nodules + 1)
    ]
    other_rows = [f"JPCNN{number:03d}.IMG  {20 + number}   female  non-nodule" for number in range(1, non_nodules + 1)]
    (folder / "CLINICAL" / "CLNDAT_EN.txt").write_text("\r\n".join([*nodule_rows, "", "\x1a"]), encoding="latin-1")
    (folder / "CLINICAL" / "CNNDAT_EN.TXT").write_text("\r\n".join([*other_rows, ""]), encoding="latin-1")
    for place, rows in (("Nodule154images", nodule_rows), ("NonNodule93images", other_rows)):
        (folder / place).mkdir()
        for row in rows:
            write_raw(folder / place / row[: len("JPCLN001.IMG")], 4095 * (1 - draw(hash_of(row), side=2048)))


def write_raw(file: Path, density: NDArray[np.float64]) -> None:
    """Write optical densities as a file of the database: large is dark."""
    file.write_bytes(np.rint(density).astype(">u2").tobytes())


def hash_of(row: str) -> int:
    """Number an image by its name."""
    return int.from_bytes(row[3:8].encode())


def write_manifest(folder: Path, rows: list[dict[str, object]], *, images: bool = True) -> Path:
    """Write a manifest and, where wanted, a PNG image for each of its paths."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "manifest.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for number, row in enumerate(rows if images else ()):
        gray = np.rint(radiograph(number, side=320) * 255).astype(np.uint8)
        Image.fromarray(gray).save(folder / str(row["path"]))
    return file
