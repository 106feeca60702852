"""What a training run found: export puts it into the weights record."""

from specs.declared import Declared
from specs.network import Preset
from specs.weights import DataSet, Performance

SUMMARY_FILE = "training.json"


class TrainingSummary(Declared):
    """What a training run found; export puts it into the weights record."""

    model: str
    preset: Preset
    demonstration: bool
    parameters: int
    data_set: DataSet
    performance: Performance
