"""An input tensor of a model of DICOM studies, and where it came from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.identity import Identity
from preprocessing.measurement import Measurement
from preprocessing.prepared_volumes import PreparedMibg, PreparedPerfusion


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where the image lies in the prepared tensor, in pixels of the tensor."""

    top: int
    left: int
    rows: int
    columns: int


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """An input tensor and where it came from.

    `pixels` has axes (channel, row, column), of projections (view, row, column), shape and type of the recipe's tensor,
    0 (black) to 255 (white). `placement` is the same in each view. `patient_age_years` is None where the study does not
    state it. `sides` names the left and the right side of each view by one letter each; none where they are not known.
    `remarks` is what a reader should know of how it was made.
    """

    identity: Identity
    pixels: NDArray[np.uint8]
    placement: Placement
    patient_age_years: float | None = None
    sides: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def tensor(self) -> NDArray[np.uint8]:
        """The input tensor."""
        return self.pixels


@dataclass(frozen=True, kw_only=True)
class PreparedFeatures:
    """Numbers measured on a study, and where they came from.

    `tensor` has one axis (feature,), in the order of the recipe. `measurements` are for people; `image` is what they
    were measured on, axes (row, column), 0 (black) to 255 (white). `remarks` are as above.
    """

    identity: Identity
    tensor: NDArray[np.float32]
    measurements: tuple[Measurement, ...]
    image: NDArray[np.uint8]
    remarks: tuple[str, ...] = ()


PreparedStudy = Prepared | PreparedFeatures | PreparedPerfusion | PreparedMibg
"""What becomes of a DICOM study that is eligible."""
