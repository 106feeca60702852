"""A training run: data, fit, operating point; leaves weights and a summary in one folder."""

from functools import partial
from pathlib import Path

import lightning
import numpy as np

from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import DataSet
from training.errors import NothingLearned
from training.fit_settings import FitSettings
from training.fitting import answers, fit
from training.half_weights import keep_half
from training.narrowing import parameter_count
from training.network_run import begin_run, end_run, read_run
from training.performance import performance
from training.plan import training_plan
from training.pretrained import load_backbone
from training.radiograph_network import RadiographNetwork
from training.summary import TrainingSummary
from training.training_data import TrainingData
from training.two_scales import fit_scales
from training.validation_answers import ValidationAnswers


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
    finished = begin_run(plan, settings)
    if finished is not None:
        return finished
    if spec.network.coarse_backbone:
        fit_scales(network, spec, preset, data, settings=settings)
    else:
        fit(network, spec.training, training=data.training, validation=data.validation, settings=settings)
    if spec.network.presets[preset].half_weights:
        for backbone in network.backbones:
            keep_half(backbone)
    found = ValidationAnswers(
        data_set=data.validation.name,
        truth=data.validation.truth,
        answers=answers(network, data.validation.pixels, batch_size=spec.training.batch_size),
    )
    if np.ptp(found.answers) == 0:
        raise NothingLearned(model=spec.name)
    summary = _summary(spec, preset, found, data, parameters=parameter_count(network))
    found.write(settings.folder)
    end_run(settings.folder, network, summary)
    return summary


def load_network(spec: NetworkSpec, folder: Path) -> tuple[RadiographNetwork, TrainingSummary]:
    """Read back what a training run left.

    Raises:
        FileNotFoundError: the folder holds no training run.
    """
    return read_run(folder, partial(RadiographNetwork, spec))


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
