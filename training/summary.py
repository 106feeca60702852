"""What is known of weights before they are exported."""

from pathlib import Path
from typing import Self

from specs.declared import Declared
from specs.network import Preset
from specs.weights import DataSet, Performance

SUMMARY_FILE = "training.json"
"""Written when all else has been: a folder that has it holds a finished run of its plan."""


class TrainingSummary(Declared):
    """What a training run found, or what was measured of imported weights; export puts it into the weights record."""

    model: str
    preset: Preset
    demonstration: bool
    parameters: int
    data_set: DataSet
    performance: Performance

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the summary of a run that has ended.

        Raises:
            FileNotFoundError: the folder holds none.
        """
        return cls.from_json((folder / SUMMARY_FILE).read_text(encoding="utf-8"))

    def write(self, folder: Path) -> None:
        """Write it at once or not at all: its presence says that the run has ended."""
        beside = folder / f".{SUMMARY_FILE}.partial"
        beside.write_text(self.readable_json(), encoding="utf-8")
        beside.replace(folder / SUMMARY_FILE)
