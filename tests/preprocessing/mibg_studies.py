"""Small cardiac MIBG studies built in memory: volumes of few, large voxels at any time after the injection."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

from specs.mibg_volumes import MIBG_VOLUMES_48, MibgVolumes, VolumeGrid
from tests.preprocessing.tomography import coded_item, name_instance, nuclear_image

INJECTION = datetime(2026, 1, 5, 9, 0)
EARLY_S, LATE_S = 1200.0, 4 * 3600.0
SHAPE = (10, 9, 8)
"""Slices, rows and columns of a small volume."""
SPACING_MM = (20.0, 24.0, 28.0)

_GRID = VolumeGrid(slices=10, rows=12, columns=12, spacing_mm=20.0)
SMALL_MIBG: MibgVolumes = MIBG_VOLUMES_48.model_copy(
    update={
        "grid": _GRID,
        "counts": MIBG_VOLUMES_48.counts.model_copy(update={"shape": (2, *_GRID.shape)}),
        "series": MIBG_VOLUMES_48.series.model_copy(update={"fewest_slices": 2}),
    }
)
"""The recipe with an array of few voxels."""


def chest_counts(seed: int = 0) -> NDArray[np.uint16]:
    """Return counts without any symmetry, shape `SHAPE`."""
    return np.random.default_rng(seed).integers(50, 1000, SHAPE).astype(np.uint16)


def agent(**attributes: Any) -> Dataset:
    """Build the item of an injection of 120 MBq of 123I-MIBG; an attribute that is None is left out."""
    item = Dataset()
    item.RadionuclideCodeSequence = [coded_item(codes.cid18._123Iodine)]
    item.Radiopharmaceutical = "123I-MIBG"
    item.RadionuclideTotalDose = 120.0
    item.RadiopharmaceuticalStartTime = INJECTION.strftime("%H%M%S")
    for keyword, value in attributes.items():
        if value is None:
            delattr(item, keyword)
        else:
            setattr(item, keyword, value)
    return item


def spect(
    since_s: float, *, name: str = "", stored: NDArray[np.uint16] | None = None, **attributes: Any
) -> FileDataset:
    """Build a volume of a patient of 60 kg, acquired so long after the injection, as one series.

    Args:
        since_s: From the injection to the acquisition.
        name: What distinguishes it from others of the same time.
        stored: Counts in the order of the file.
        attributes: By their keywords, or arguments of `nuclear_image`.
    """
    stated: dict[str, Any] = {
        "spacing_mm": SPACING_MM,
        "PatientWeight": 60.0,
        "RadiopharmaceuticalInformationSequence": [agent()],
        "CorrectedImage": ["UNIF", "ATTN"],
    }
    attributes = stated | attributes
    dated = {keyword: attributes.pop(keyword) for keyword in _OF_THE_MOMENT if keyword in attributes}
    ds = nuclear_image(chest_counts() if stored is None else stored, **attributes)
    return _at(ds, since_s, f"SPECT {since_s} {name}", dated)


def planar(since_s: float, *, name: str = "", **attributes: Any) -> FileDataset:
    """Build an anterior planar image of 16 x 16 pixels."""
    ds = nuclear_image(
        np.full((1, 16, 16), 20, np.uint16),
        PatientWeight=60.0,
        RadiopharmaceuticalInformationSequence=[agent()],
        ImageType=["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"],
    )
    for keyword in ("SliceVector", "NumberOfSlices", "SpacingBetweenSlices", "FrameIncrementPointer"):
        delattr(ds, keyword)
    ds.PixelSpacing = [24.0, 24.0]
    detector = ds.DetectorInformationSequence[0]
    detector.ViewCodeSequence = [coded_item(codes.cid26.AnteriorProjection)]
    detector.CollimatorGridName = "MEGP"
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return _at(ds, since_s, f"planar {since_s} {name}", {})


def study(*, stored_early: NDArray[np.uint16] | None = None, **attributes: Any) -> list[FileDataset]:
    """Build an early and a late volume with other counts, and their planar images.

    Args:
        stored_early: Counts of the early volume in the order of the file.
        attributes: Of both volumes, by their keywords, or arguments of `nuclear_image`.
    """
    return [
        spect(EARLY_S, stored=chest_counts(1) if stored_early is None else stored_early, **attributes),
        spect(LATE_S, stored=chest_counts(2), **attributes),
        planar(EARLY_S - 480),
        planar(LATE_S - 480),
    ]


_OF_THE_MOMENT = ("AcquisitionDate", "AcquisitionTime")


def _at(ds: FileDataset, since_s: float, name: str, dated: dict[str, Any]) -> FileDataset:
    """Date and name an image; `dated` is what it states instead."""
    moment = INJECTION + timedelta(seconds=since_s)
    ds.AcquisitionDate, ds.AcquisitionTime = moment.strftime("%Y%m%d"), moment.strftime("%H%M%S")
    for keyword, value in dated.items():
        setattr(ds, keyword, value)
    name_instance(ds, generate_uid(entropy_srcs=["mibg instance", name]))
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=["mibg series", name])
    return ds
