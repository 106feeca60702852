"""Maximum-intensity projections of a volume: from the front and from the side."""

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from preprocessing.resampling import isotropic
from preprocessing.volume import BACKWARD, LEFTWARD, Volume
from specs.projection import ProjectionRules, VerticalPlacement


class View(Enum):
    """The direction of a projection, as the axis of the volume that it runs along."""

    FRONTAL = BACKWARD
    LATERAL = LEFTWARD


@dataclass(frozen=True, kw_only=True)
class Projections:
    """Both views of one volume, axes (row, column), 0 (lower end of the window) to 255 (upper end).

    Rows go from head to feet. Columns of the frontal view go from the patient's right to left, as in any image that is
    read facing the patient; columns of the lateral view from front to back, as seen from the patient's left.
    """

    frontal: NDArray[np.uint8]
    lateral: NDArray[np.uint8]


def project(volume: Volume, rules: ProjectionRules) -> Projections:
    """Resample a volume of SUV to cubes and project it to both views.

    Source:
        The steps of `dhaberl/Tools` (mip.py): isotropic resampling, window, maximum along an axis. Window, matrix,
        scale and placement: the rules.
    """
    cubes = isotropic(volume, spacing_mm=rules.pixel_mm, even_axes=(BACKWARD, LEFTWARD))
    return Projections(
        frontal=_picture(cubes, View.FRONTAL, rules),
        lateral=_picture(cubes, View.LATERAL, rules),
    )


def _picture(cubes: Volume, view: View, rules: ProjectionRules) -> NDArray[np.uint8]:
    maximum = cubes.values.max(axis=view.value)[::-1]  # slices go feet to head, rows head to feet
    scaled = (maximum - rules.lower_suv) / (rules.upper_suv - rules.lower_suv)
    shown = np.rint(np.clip(scaled, 0.0, 1.0) * np.iinfo(np.uint8).max).astype(np.uint8)
    return _laid_out(shown, rules)


def _laid_out(shown: NDArray[np.uint8], rules: ProjectionRules) -> NDArray[np.uint8]:
    """Lay a projection on the matrix of the rules; what goes beyond it is cut off."""
    picture = np.zeros((rules.rows, rules.columns), dtype=np.uint8)
    rows, first_row = _fitted(shown.shape[0], rules.rows, is_centered=_is_centered(rules.vertical_placement))
    columns, first_column = _fitted(shown.shape[1], rules.columns, is_centered=True)
    content = shown[rows, columns]
    picture[first_row : first_row + content.shape[0], first_column : first_column + content.shape[1]] = content
    return picture


def _is_centered(placement: VerticalPlacement) -> bool:
    match placement:
        case VerticalPlacement.TOP:
            return False
        case VerticalPlacement.CENTER:
            return True
        case _:
            assert_never(placement)


def _fitted(length: int, room: int, *, is_centered: bool) -> tuple[slice, int]:
    """Return which part of an axis is shown, and in which row or column of the picture it starts."""
    cut = max(length - room, 0) // 2 if is_centered else 0
    start = max(room - length, 0) // 2 if is_centered else 0
    return slice(cut, cut + room), start
