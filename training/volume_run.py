"""A training run of a model that answers with a volume; leaves weights and a summary in one folder."""

from pathlib import Path
from typing import assert_never

import safetensors.torch

from specs.network import Preset
from specs.volume import VolumeSpec
from specs.volume_figures import OrganPerformance, PerfusionPerformance
from specs.volume_head import OrganLabels, VirtualPerfusion
from specs.weights import DataSet
from training.fit_settings import FitSettings
from training.narrowing import parameter_count
from training.organ_performance import organ_performance
from training.perfusion_performance import perfusion_performance
from training.plan import TrainingPlan
from training.run import WEIGHTS_FILE, read_summary, write_summary
from training.summary import SUMMARY_FILE, TrainingSummary
from training.volume_data import VolumeData
from training.volume_fitting import fit_volumes, made_network, volume_answers
from training.volume_network import VolumeNetwork


def train_volumes(spec: VolumeSpec, preset: Preset, data: VolumeData, *, settings: FitSettings) -> TrainingSummary:
    """Train a model, measure it on the validation part, and save both.

    Args:
        spec: The model.
        preset: Which size of the network.
        data: What it is fitted on.
        settings: Epochs, seed, folder of the results.

    Raises:
        CannotResume: the run in the folder had another plan.
        FitDiverged: the answers became no numbers.
    """
    plan = _plan(spec, preset, data, settings)
    network = made_network(spec, preset, seed=settings.seed)
    plan.begin(settings.folder, resume=settings.resume)
    if (settings.folder / SUMMARY_FILE).exists():
        return read_summary(settings.folder)
    fit_volumes(spec, network, training=data.training, validation=data.validation, settings=settings)
    summary = TrainingSummary(
        model=spec.name,
        preset=preset,
        demonstration=True,
        parameters=parameter_count(network),
        data_set=DataSet(
            name=data.training.name,
            description=data.description,
            training_studies=len(data.training),
            validation_studies=len(data.validation),
            seed=data.training.seed,
        ),
        performance=_performance(spec, network, data),
    )
    safetensors.torch.save_file(network.state_dict(), settings.folder / WEIGHTS_FILE)
    write_summary(settings.folder, summary)
    return summary


def load_volume_network(spec: VolumeSpec, folder: Path) -> tuple[VolumeNetwork, TrainingSummary]:
    """Read back what a training run left.

    Raises:
        FileNotFoundError: the folder holds no training run.
    """
    summary = read_summary(folder)
    network = VolumeNetwork(spec, summary.preset)
    network.load_state_dict(safetensors.torch.load_file(folder / WEIGHTS_FILE))
    return network.eval(), summary


def _performance(spec: VolumeSpec, network: VolumeNetwork, data: VolumeData) -> PerfusionPerformance | OrganPerformance:
    batch = spec.deployment.largest_batch
    found = volume_answers(network, data.validation.tensors, batch_size=batch)
    match spec.head:
        case VirtualPerfusion():
            return perfusion_performance(
                spec,
                training=data.training,
                training_outputs=volume_answers(network, data.training.tensors, batch_size=batch),
                validation=data.validation,
                validation_outputs=found,
            )
        case OrganLabels():
            return organ_performance(spec, data.validation, found)
        case _:
            assert_never(spec.head)


def _plan(spec: VolumeSpec, preset: Preset, data: VolumeData, settings: FitSettings) -> TrainingPlan:
    return TrainingPlan(
        spec_sha256=spec.sha256(),
        preset=preset,
        data_set=data.training.name,
        training_sha256=data.training.sha256(),
        validation_sha256=data.validation.sha256(),
        epochs=settings.epochs,
        seed=settings.seed,
        balanced=False,
        precision=settings.precision,
        freeze_backbone=False,
        backbone_sha256=None,
    )
