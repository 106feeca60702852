"""A training run: data, fit, operating point; leaves weights and a summary in one folder."""

from pathlib import Path

import lightning
import numpy as np
import safetensors.torch

from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import DataSet
from training.errors import NothingLearned
from training.fit_settings import FitSettings
from training.fitting import answers, fit
from training.narrowing import parameter_count
from training.performance import performance
from training.plan import training_plan
from training.pretrained import load_backbone
from training.radiograph_network import RadiographNetwork
from training.summary import SUMMARY_FILE, TrainingSummary
from training.training_data import TrainingData
from training.validation_answers import ValidationAnswers

WEIGHTS_FILE = "weights.safetensors"


def train(spec: NetworkSpec, preset: Preset, data: TrainingData, *, settings: FitSettings) -> TrainingSummary:
    """Train a model, choose its operating point on the validation part, and save both.

    Args:
        spec: The model.
        preset: Which size of the network.
        data: What it is fitted on.
        settings: Epochs, seed, folder of the results.

    Raises:
        TooFewToFit: the data are too few to fit a network or to measure it.
        CannotResume: the run in the folder had another plan.
        WeightsMismatch: the weights to start from are not of this network.
        FitDiverged: the answers became no numbers.
        NothingLearned: the network gives every study the same answer.
    """
    data.require_enough(spec.head)
    plan = training_plan(spec, preset, data, settings)
    lightning.seed_everything(settings.seed, verbose=False)
    network = RadiographNetwork(spec, preset)
    if settings.backbone_weights is not None:
        load_backbone(network, settings.backbone_weights)
    plan.begin(settings.folder, resume=settings.resume)
    if (settings.folder / SUMMARY_FILE).exists():
        return read_summary(settings.folder)
    fit(network, spec.training, training=data.training, validation=data.validation, settings=settings)
    found = ValidationAnswers(
        data_set=data.validation.name,
        truth=data.validation.truth,
        answers=answers(network, data.validation.pixels, batch_size=spec.training.batch_size),
    )
    if np.ptp(found.answers) == 0:
        raise NothingLearned(model=spec.name)
    summary = _summary(spec, preset, found, data, parameters=parameter_count(network))
    found.write(settings.folder)
    safetensors.torch.save_file(network.state_dict(), settings.folder / WEIGHTS_FILE)
    write_summary(settings.folder, summary)
    return summary


def load_network(spec: NetworkSpec, folder: Path) -> tuple[RadiographNetwork, TrainingSummary]:
    """Read back what a training run left.

    Raises:
        FileNotFoundError: the folder holds no training run.
    """
    summary = read_summary(folder)
    network = RadiographNetwork(spec, summary.preset)
    network.load_state_dict(safetensors.torch.load_file(folder / WEIGHTS_FILE))
    return network.eval(), summary


def read_summary(folder: Path) -> TrainingSummary:
    """Read the summary of a run that has ended.

    Raises:
        FileNotFoundError: the folder holds none.
    """
    return TrainingSummary.from_json((folder / SUMMARY_FILE).read_text(encoding="utf-8"))


def write_summary(folder: Path, summary: TrainingSummary) -> None:
    """Write it at once or not at all: its presence says that the run has ended."""
    beside = folder / f".{SUMMARY_FILE}.partial"
    beside.write_text(summary.readable_json(), encoding="utf-8")
    beside.replace(folder / SUMMARY_FILE)


def _summary(
    spec: NetworkSpec, preset: Preset, found: ValidationAnswers, data: TrainingData, *, parameters: int
) -> TrainingSummary:
    return TrainingSummary(
        model=spec.name,
        preset=preset,
        demonstration=data.demonstration,
        parameters=parameters,
        data_set=DataSet(
            name=data.name,
            description=data.description,
            training_studies=len(data.training.truth),
            validation_studies=len(found.truth),
            seed=data.seed,
            seen_patients_sha256=data.seen_patients_sha256,
        ),
        performance=performance(spec.head, found.truth, found.answers, data_set=found.data_set),
    )
