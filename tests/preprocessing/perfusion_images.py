"""Small perfusion SPECT series of known ventricles, stored in any order of axes, every attribute open to change."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

from preprocessing.grid import Grid
from tests.preprocessing.shells import COARSE, Shell
from tests.preprocessing.tomography import coded_item, name_instance, nuclear_image

SCALE = 2000.0
"""Stored counts of a wall of 1."""
AS_DRAWN = ((0, 1, 2), (False, False, False))
"""Frames feet to head, rows front to back, columns right to left."""
Storage = tuple[tuple[int, ...], tuple[bool, ...]]
"""Of the axes of the file (frame, row, column) the axis of the grid, and of each axis of the grid whether it is
stored backward."""

DAY = "20260105"
STRESS_INJECTION, STRESS_IMAGE = "090000", "094500"
REST_INJECTION, REST_IMAGE = "130000", "140000"


def agent(**attributes: Any) -> Dataset:
    """Build the item of an injection of tetrofosmin."""
    item = Dataset()
    item.Radiopharmaceutical = "Tetrofosmin"
    item.RadiopharmaceuticalCodeSequence = [coded_item(codes.SCT.TechnetiumTc99mTetrofosmin)]
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    return item


def drug(**attributes: Any) -> Dataset:
    """Build the item of an infusion of adenosine that began 3 minutes before the injection at stress."""
    item = Dataset()
    item.InterventionDrugName, item.InterventionDrugStartTime = "Adenosine", "085700"
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    return item


def perfusion_image(
    grid: Grid | None = None, *, name: str = "series", storage: Storage = AS_DRAWN, **attributes: Any
) -> FileDataset:
    """Build a reconstructed series of one image.

    Args:
        grid: Counts, 1 in the wall; that of an even shell by default.
        name: What its UIDs follow from.
        storage: In which order it is stored.
        attributes: By their keywords; None deletes one.
    """
    grid = grid or _even()
    order, backward = storage
    backward_axes = [axis for axis, is_backward in enumerate(backward) if is_backward]
    values = np.flip(grid.values, tuple(backward_axes)).transpose(order)
    ways = grid.directions * np.where(backward, -1.0, 1.0)[:, None]
    steps = np.array(grid.spacing_mm)
    ends = np.array([grid.values.shape[axis] - 1 if axis in backward_axes else 0 for axis in range(3)])
    position = np.array(grid.position_mm) + (ends * steps) @ grid.directions
    frames, rows, columns = (ways[axis] for axis in order)
    frame_mm, row_mm, column_mm = (float(steps[axis]) for axis in order)
    against = float(np.cross(columns, rows) @ frames) < 0
    ds = nuclear_image(
        np.rint(SCALE * values).astype(np.uint16),
        directions=(_decimals(columns), _decimals(rows)),
        spacing_mm=(-frame_mm if against else frame_mm, row_mm, column_mm),
        position_mm=_decimals(position),
        SeriesInstanceUID=generate_uid(entropy_srcs=[name]),
        RadiopharmaceuticalInformationSequence=[agent()],
    )
    name_instance(ds, generate_uid(entropy_srcs=[name, "instance"]))
    return _told(ds, attributes)


@cache
def _even() -> Grid:
    return Shell().grid(COARSE)


def _decimals(vector: NDArray[np.float64]) -> tuple[float, float, float]:
    first, second, third = (float(f"{part:.9g}") for part in vector)
    return first, second, third


def stress_image(grid: Grid | None = None, *, storage: Storage = AS_DRAWN, **changed: Any) -> FileDataset:
    """Build the series of stress, as headers tell in full: injection, drug, description."""
    told: dict[str, Any] = {
        "SeriesDescription": "Stress SPECT",
        "AcquisitionDate": DAY,
        "AcquisitionTime": STRESS_IMAGE,
        "RadiopharmaceuticalInformationSequence": [
            agent(RadiopharmaceuticalStartTime=STRESS_INJECTION, RadionuclideTotalDose=250.0)
        ],
        "InterventionDrugInformationSequence": [drug()],
    }
    return _told(perfusion_image(grid, name="stress", storage=storage), told | changed)


def rest_image(grid: Grid | None = None, *, storage: Storage = AS_DRAWN, **changed: Any) -> FileDataset:
    """Build the series of rest, four hours later on the same day."""
    told: dict[str, Any] = {
        "SeriesDescription": "Rest SPECT",
        "AcquisitionDate": DAY,
        "AcquisitionTime": REST_IMAGE,
        "RadiopharmaceuticalInformationSequence": [
            agent(RadiopharmaceuticalStartTime=REST_INJECTION, RadionuclideTotalDose=750.0)
        ],
    }
    return _told(perfusion_image(grid, name="rest", storage=storage), told | changed)


def another_series(ds: FileDataset, *, name: str = "another") -> FileDataset:
    """Make an image, in place, one of another series, whose UIDs follow from a name and its own."""
    made_of = [name, str(ds.SeriesInstanceUID)]
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=made_of)
    name_instance(ds, generate_uid(entropy_srcs=[*made_of, "instance"]))
    return ds


def _told(ds: FileDataset, attributes: dict[str, Any]) -> FileDataset:
    for keyword, value in attributes.items():
        if value is None:
            if keyword in ds:
                delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds


def without_times(**changed: Any) -> dict[str, Any]:
    """Return what takes the times out of a header, as de-identification does."""
    return {
        "AcquisitionDate": None,
        "AcquisitionTime": None,
        "RadiopharmaceuticalInformationSequence": [agent()],
        "InterventionDrugInformationSequence": None,
    } | changed
