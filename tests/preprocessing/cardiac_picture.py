"""The picture of the real cardiac SPECT file: `python -m tests.preprocessing.cardiac_picture` writes it anew.

Above, three transaxial slices through the ventricle, each by OSEM and by filtered back-projection: a horseshoe, open to
the right and the back of the patient. Below, short-axis slices from apex to base, seen from the apex, and the long axis
in two planes.
"""

import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from preprocessing.left_ventricle import LeftVentricle, find_left_ventricle
from preprocessing.reading import read_dataset
from preprocessing.reconstruction import reconstruct_series
from preprocessing.sampling import as_grid
from preprocessing.series import Series
from preprocessing.short_axis import ShortAxis, short_axis
from preprocessing.volume import Volume
from specs.left_ventricle import PERFUSED_VENTRICLE, SHORT_AXIS_48
from specs.reconstruction import (
    CARDIAC_FILTERED_BACK_PROJECTION,
    CARDIAC_ORDERED_SUBSETS,
    ReconstructionRules,
)
from tests.conftest import CLONE, SAMPLES_VARIABLE

FILE = CLONE / "tests" / "pictures" / "cardiac_spect.png"
SAMPLE = Path("spect") / "RIMD_case_NM_00001.dcm"
ZOOM = 2

Gray = NDArray[np.uint8]


def volume(samples: Path, rules: ReconstructionRules) -> Volume:
    """Reconstruct the sample."""
    found = reconstruct_series(Series.of([read_dataset((samples / SAMPLE).read_bytes())]), rules)
    assert isinstance(found, Volume), found
    return found


def reoriented(of: Volume) -> ShortAxis:
    """Lay out the ventricle of a volume."""
    grid = as_grid(of)
    return short_axis(grid, find_left_ventricle(grid, PERFUSED_VENTRICLE), SHORT_AXIS_48)


def middle_slice(of: Volume, ventricle: LeftVentricle) -> int:
    """Return the transaxial slice of the ventricle's center."""
    return round((ventricle.center_mm[2] - of.position_mm[2]) / of.spacing_mm[0])


def drawn(samples: Path) -> Gray:
    """Draw the picture, shape (row, column), 0 to 255."""
    osem = volume(samples, CARDIAC_ORDERED_SUBSETS)
    filtered = volume(samples, CARDIAC_FILTERED_BACK_PROJECTION)
    slices = reoriented(osem)
    middle, brightest = middle_slice(osem, slices.ventricle), float(slices.values.max())
    transaxial = [each.values[place] for place in (middle - 1, middle, middle + 1) for each in (osem, filtered)]
    first, last = int(slices.apex_slice), int(slices.base_slice)
    shown = [slices.values[round(place)] for place in np.linspace(first, last, 8)]
    long_axes = [slices.values[:, 32], slices.values[:, :, 32]]
    upright = [np.pad(each, ((8, 8), (0, 0))) for each in long_axes]
    values = np.concatenate([np.concatenate(row, axis=1) for row in (transaxial + upright, shown)])
    gray = np.rint(255 * np.clip(values / brightest, 0, 1)).astype(np.uint8)
    return np.asarray(cv2.resize(gray, None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def main() -> None:
    """Write the picture."""
    samples = Path(os.environ.get(SAMPLES_VARIABLE, CLONE.parent / "shared" / "data"))
    FILE.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(FILE), drawn(samples))


if __name__ == "__main__":
    main()
