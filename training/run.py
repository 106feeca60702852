"""A training run: data, fit, operating point; leaves weights and a summary in one folder."""

from collections.abc import Callable
from pathlib import Path

import lightning
import safetensors.torch
from rich.progress import Progress

from phantoms import Part
from specs.declared import Declared
from specs.model import ModelSpec
from specs.network import Preset
from specs.weights import DataSet, Performance
from training.errors import CannotResume
from training.fitting import LAST_CHECKPOINT, FitSettings, answers, fit
from training.narrowing import parameter_count
from training.performance import performance
from training.phantom_data import PreparedPart, prepared_phantoms
from training.pretrained import load_backbone
from training.radiograph_network import RadiographNetwork

PLAN_FILE = "plan.json"
WEIGHTS_FILE = "weights.safetensors"
SUMMARY_FILE = "training.json"
PHANTOM_DESCRIPTION = "synthetic frontal chest radiographs (phantoms) with the truth in the anatomy; no patient data"


class TrainingPlan(Declared):
    """What decides a run beside the code; a run is resumed only under the same plan."""

    spec_sha256: str
    preset: Preset
    phantoms: int
    epochs: int
    seed: int
    freeze_backbone: bool


class TrainingSummary(Declared):
    """What a training run found; export puts it into the weights record."""

    model: str
    preset: Preset
    demonstration: bool
    parameters: int
    data_set: DataSet
    performance: Performance


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

    Raises:
        CannotResume: the folder holds no run under the same plan that ended early.
        WeightsMismatch: the weights to start from are not of this network.
    """
    plan = TrainingPlan(
        spec_sha256=spec.sha256(),
        preset=preset,
        phantoms=phantoms,
        epochs=settings.epochs,
        seed=settings.seed,
        freeze_backbone=settings.freeze_backbone,
    )
    _begin(plan, settings)
    with progress() as bar:
        training = prepared_phantoms(Part.TRAINING, spec, count=phantoms, cache=cache, progress=bar)
        validation = prepared_phantoms(Part.VALIDATION, spec, count=max(1, phantoms // 4), cache=cache, progress=bar)
    lightning.seed_everything(settings.seed, verbose=False)
    network = RadiographNetwork(spec, preset)
    if settings.backbone_weights is not None:
        load_backbone(network, settings.backbone_weights)
    fit(network, spec.training, training=training, validation=validation, settings=settings)
    summary = _summary(spec, preset, network, training=training, validation=validation)
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
    found = answers(network, validation.pixels, batch_size=spec.training.batch_size)
    return TrainingSummary(
        model=spec.name,
        preset=preset,
        demonstration=True,
        parameters=parameter_count(network),
        data_set=DataSet(
            name=training.name,
            description=PHANTOM_DESCRIPTION,
            training_studies=len(training.truth),
            validation_studies=len(validation.truth),
            seed=training.seed,
        ),
        performance=performance(spec.head, validation.truth, found, data_set=validation.name),
    )
