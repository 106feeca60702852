"""What `reference/reference.R` wrote: made-up data, and what R found in them."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.interval import Interval

FOLDER = Path(__file__).parent / "reference"
SCRIPT = FOLDER / "reference.R"
WRITTEN = ("roc.csv", "survival.csv", "printed.csv")


@cache
def _printed() -> dict[str, str]:
    with (FOLDER / "printed.csv").open(encoding="utf-8") as file:
        return {row["name"]: row["value"] for row in csv.DictReader(file)}


def printed(name: str) -> float:
    """Return a number that R printed."""
    return float(_printed()[name])


def assert_as_printed(interval: Interval, name: str, *, tolerance: float = 1e-8) -> None:
    """Compare an estimate and its bounds with R's."""
    for part in ("estimate", "lower", "upper"):
        assert getattr(interval, part) == pytest.approx(printed(f"{name} {part}"), abs=tolerance), f"{name} {part}"


def columns(file: str) -> dict[str, NDArray[np.float64]]:
    """Read made-up data by column."""
    with (FOLDER / file).open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
