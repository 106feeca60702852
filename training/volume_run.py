"""A training run of a model that answers with a volume; leaves weights and a summary in one folder."""

from functools import partial
from pathlib import Path
from typing import assert_never

from specs.network import Preset
from specs.volume import VolumeSpec
from specs.volume_figures import OrganPerformance, PerfusionPerformance
from specs.volume_head import OrganLabels, VirtualPerfusion
from specs.weights import DataSet
from training.fit_settings import FitSettings
from training.narrowing import parameter_count
from training.network_run import begin_run, end_run, read_run
from training.organ_performance import organ_performance
from training.perfusion_performance import perfusion_performance
from training.plan import training_plan
from training.summary import TrainingSummary
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
    plan = training_plan(spec, preset, data, settings)
    network = made_network(spec, preset, seed=settings.seed)
    finished = begin_run(plan, settings)
    if finished is not None:
        return finished
    fit_volumes(spec, network, training=data.training, validation=data.validation, settings=settings)
    summary = TrainingSummary(
        model=spec.name,
        preset=preset,
        demonstration=True,
        parameters=parameter_count(network),
        data_set=DataSet(
            name=data.name,
            description=data.description,
            training_studies=len(data.training),
            validation_studies=len(data.validation),
            seed=data.training.seed,
        ),
        performance=_performance(spec, network, data),
    )
    end_run(settings.folder, network, summary)
    return summary


def load_volume_network(spec: VolumeSpec, folder: Path) -> tuple[VolumeNetwork, TrainingSummary]:
    """Read back what a training run left.

    Raises:
        FileNotFoundError: the folder holds no training run.
    """
    return read_run(folder, partial(VolumeNetwork, spec))


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
