"""A training run: data, fit, operating point; leaves weights and a summary in one folder."""

from collections.abc import Callable
from pathlib import Path

import lightning
import safetensors.torch
from rich.progress import Progress

from evaluation.calibration import calibration
from evaluation.discrimination import area_under_roc
from evaluation.operating_points import choose_threshold, count_calls
from phantoms import Part
from specs.declared import Declared
from specs.model import ModelSpec
from specs.network import Preset
from specs.weights import Calibration, DataSet, Discrimination, OperatingPoint
from training.fitting import FitSettings, fit, probabilities
from training.narrowing import parameter_count
from training.phantom_data import PreparedPart, prepared_phantoms
from training.radiograph_network import RadiographNetwork

WEIGHTS_FILE = "weights.safetensors"
SUMMARY_FILE = "training.json"
PHANTOM_DESCRIPTION = "synthetic frontal chest radiographs (phantoms) with the truth in the anatomy; no patient data"


class TrainingSummary(Declared):
    """What a training run found; export puts it into the weights record."""

    model: str
    preset: Preset
    demonstration: bool
    parameters: int
    data_set: DataSet
    operating_point: OperatingPoint
    discrimination: Discrimination
    calibration: Calibration


def train_on_phantoms(
    spec: ModelSpec,
    preset: Preset,
    *,
    phantoms: int,
    settings: FitSettings,
    cache: Path,
    progress: Callable[[], Progress],
) -> TrainingSummary:
    """Train a model on phantoms, choose its operating point on the validation part, and save both.

    Args:
        spec: The model.
        preset: Which size of the network.
        phantoms: Studies in the training part; the validation part has a quarter as many, 8:2 being near the
            8:1 of the source papers with enough studies to choose a threshold: our choice.
        settings: Epochs, seed, folder of the results.
        cache: Folder for prepared phantoms.
        progress: Makes the bar shown while phantoms are prepared.
    """
    with progress() as bar:
        training = prepared_phantoms(Part.TRAINING, spec, count=phantoms, cache=cache, progress=bar)
        validation = prepared_phantoms(Part.VALIDATION, spec, count=max(1, phantoms // 4), cache=cache, progress=bar)
    lightning.seed_everything(settings.seed, verbose=False)
    network = RadiographNetwork(spec, preset)
    fit(network, spec.training, training=training, validation=validation, settings=settings)
    summary = _summary(spec, preset, network, training=training, validation=validation)
    settings.folder.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file(network.state_dict(), settings.folder / WEIGHTS_FILE)
    (settings.folder / SUMMARY_FILE).write_text(summary.readable_json(), encoding="utf-8")
    return summary


def load_network(spec: ModelSpec, folder: Path) -> tuple[RadiographNetwork, TrainingSummary]:
    """Read back what a training run left.

    Raises:
        FileNotFoundError: the folder holds no training run.
    """
    summary = TrainingSummary.from_json((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
    network = RadiographNetwork(spec, summary.preset)
    network.load_state_dict(safetensors.torch.load_file(folder / WEIGHTS_FILE))
    return network.eval(), summary


def _summary(
    spec: ModelSpec,
    preset: Preset,
    network: RadiographNetwork,
    *,
    training: PreparedPart,
    validation: PreparedPart,
) -> TrainingSummary:
    scores = probabilities(network, validation.pixels, batch_size=spec.training.batch_size)
    truth, name = validation.truth, validation.name
    auc = area_under_roc(truth, scores)
    threshold = choose_threshold(truth, scores, spec.head.operating_point_policy)
    return TrainingSummary(
        model=spec.name,
        preset=preset,
        demonstration=True,
        parameters=parameter_count(network),
        data_set=DataSet(
            name=training.name,
            description=PHANTOM_DESCRIPTION,
            training_studies=len(training.truth),
            validation_studies=len(truth),
            seed=training.seed,
        ),
        operating_point=OperatingPoint(
            threshold=threshold,
            policy=spec.head.operating_point_policy,
            data_set=name,
            counts=count_calls(truth, scores, threshold),
        ),
        discrimination=Discrimination(data_set=name, auc=auc.estimate, auc_lower=auc.lower, auc_upper=auc.upper),
        calibration=calibration(truth, scores, data_set=name),
    )
