"""What a trained network answered on its validation part: an ensemble of it chooses its operating point with these."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

_FILE = "validation.npz"


@dataclass(frozen=True, kw_only=True)
class ValidationAnswers:
    """Answers to the studies of a validation part, in its order; nothing in it identifies a study.

    Attributes:
        data_set: Name of the part.
        truth: Shape (studies,): 1 or 0 for a finding, a quantity in its unit.
        answers: Shape (studies,): probabilities, or the quantity in its unit.
    """

    data_set: str
    truth: NDArray[np.float32]
    answers: NDArray[np.float64]

    def write(self, folder: Path) -> None:
        """Write them into the folder of a training run."""
        np.savez(folder / _FILE, data_set=np.array(self.data_set), truth=self.truth, answers=self.answers)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read them from the folder of a training run.

        Raises:
            FileNotFoundError: the folder holds none.
        """
        with np.load(folder / _FILE) as arrays:
            return cls(data_set=str(arrays["data_set"]), truth=arrays["truth"], answers=arrays["answers"])
