"""What is known of weights before they are exported."""

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
