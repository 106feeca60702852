"""A training run: data, fit, operating point; leaves weights and a summary in one folder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lightning
import safetensors.torch
from rich.progress import Progress

from phantoms import Part
from specs.declared import Declared
from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import DataSet
from training.errors import CannotResume
from training.fitting import LAST_CHECKPOINT, FitSettings, answers, fit
from training.narrowing import parameter_count
from training.performance import performance
from training.phantom_data import PreparedPart, prepared_phantoms
from training.pretrained import load_backbone
from training.radiograph_network import RadiographNetwork
from training.summary import SUMMARY_FILE, TrainingSummary
from training.validation_answers import ValidationAnswers

PLAN_FILE = "plan.json"
WEIGHTS_FILE = "weights.safetensors"
PHANTOM_DESCRIPTION = "synthetic frontal chest radiographs (phantoms) with the truth in the anatomy; no patient data"


class TrainingPlan(Declared):
    """What decides a run beside the code; a run is resumed only under the same plan."""

    spec_sha256: str
    preset: Preset
    data_set: str
    training_studies: int
    epochs: int
    seed: int
    freeze_backbone: bool


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """What a model is fitted on.

    Attributes:
        name: Name for the record.
        description: One sentence for the record.
        demonstration: Whether they are phantoms.
        seed: Seed of the phantoms, or of the split.
        training: What weights are fitted on.
        validation: What chooses the epoch and the operating point.
    """

    name: str
    description: str
    demonstration: bool
    seed: int
    training: PreparedPart
    validation: PreparedPart


def phantom_training_data(
    spec: NetworkSpec, *, phantoms: int, cache: Path, progress: Callable[[], Progress]
) -> TrainingData:
    """Prepare phantoms.

    Args:
        spec: The model.
        phantoms: Studies in the training part; the validation part has a quarter as many, 8:2 being near the
            8:1 of the source papers with enough studies to choose a threshold: our choice.
        cache: Folder for prepared phantoms.
        progress: Makes the bar shown while phantoms are prepared.
    """
    with progress() as bar:
        training = prepared_phantoms(Part.TRAINING, spec, count=phantoms, cache=cache, progress=bar)
        validation = prepared_phantoms(Part.VALIDATION, spec, count=max(1, phantoms // 4), cache=cache, progress=bar)
    return TrainingData(
        name=training.name,
        description=PHANTOM_DESCRIPTION,
        demonstration=True,
        seed=training.seed,
        training=training,
        validation=validation,
    )


def train(spec: NetworkSpec, preset: Preset, data: TrainingData, *, settings: FitSettings) -> TrainingSummary:
    """Train a model, choose its operating point on the validation part, and save both.

    Args:
        spec: The model.
        preset: Which size of the network.
        data: What it is fitted on.
        settings: Epochs, seed, folder of the results.

    Raises:
        CannotResume: the folder holds no run under the same plan that ended early.
        WeightsMismatch: the weights to start from are not of this network.
    """
    plan = TrainingPlan(
        spec_sha256=spec.sha256(),
        preset=preset,
        data_set=data.name,
        training_studies=len(data.training.truth),
        epochs=settings.epochs,
        seed=settings.seed,
        freeze_backbone=settings.freeze_backbone,
    )
    _begin(plan, settings)
    lightning.seed_everything(settings.seed, verbose=False)
    network = RadiographNetwork(spec, preset)
    if settings.backbone_weights is not None:
        load_backbone(network, settings.backbone_weights)
    fit(network, spec.training, training=data.training, validation=data.validation, settings=settings)
    found = ValidationAnswers(
        data_set=data.validation.name,
        truth=data.validation.truth,
        answers=answers(network, data.validation.pixels, batch_size=spec.training.batch_size),
    )
    summary = _summary(spec, preset, found, data, parameters=parameter_count(network))
    found.write(settings.folder)
    safetensors.torch.save_file(network.state_dict(), settings.folder / WEIGHTS_FILE)
    (settings.folder / SUMMARY_FILE).write_text(summary.readable_json(), encoding="utf-8")
    return summary


def _begin(plan: TrainingPlan, settings: FitSettings) -> None:
    """Make the folder ready: for a new run empty of an earlier one's checkpoints, for a resumed one as it was left."""
    file, last = settings.folder / PLAN_FILE, settings.folder / LAST_CHECKPOINT
    if settings.resume:
        if not file.exists() or not last.exists():
            raise CannotResume(what="the folder holds no run that ended after its first epoch")
        if TrainingPlan.from_json(file.read_text(encoding="utf-8")) != plan:
            raise CannotResume(what="the run in the folder had another plan, or the model's spec has changed since")
        return
    settings.folder.mkdir(parents=True, exist_ok=True)
    last.unlink(missing_ok=True)
    file.write_text(plan.readable_json(), encoding="utf-8")


def load_network(spec: NetworkSpec, folder: Path) -> tuple[RadiographNetwork, TrainingSummary]:
    """Read back what a training run left.

    Raises:
        FileNotFoundError: the folder holds no training run.
    """
    summary = TrainingSummary.from_json((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
    network = RadiographNetwork(spec, summary.preset)
    network.load_state_dict(safetensors.torch.load_file(folder / WEIGHTS_FILE))
    return network.eval(), summary


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
        ),
        performance=performance(spec.head, found.truth, found.answers, data_set=found.data_set),
    )
