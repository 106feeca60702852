"""What decides a training run, and how far the one in a folder has come."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from specs.declared import Declared
from specs.model import NetworkSpec
from specs.network import Preset
from specs.volume import VolumeSpec
from training.checkpoints import LAST_CHECKPOINT
from training.errors import CannotResume
from training.fit_settings import FitSettings
from training.precision import Precision
from training.summary import SUMMARY_FILE

PLAN_FILE = "plan.json"


class TrainingPlan(Declared):
    """What decides a run beside the code; a run is resumed only under the same plan."""

    spec_sha256: str
    preset: Preset
    data_set: str
    training_sha256: str
    validation_sha256: str
    epochs: int
    seed: int
    balanced: bool
    precision: Precision
    freeze_backbone: bool
    backbone_sha256: str | None

    def begin(self, folder: Path, *, resume: bool) -> None:
        """Make a folder ready: for a new run empty of an earlier one's state, for a resumed one as it was left.

        Raises:
            CannotResume: the run in the folder had another plan.
        """
        file = folder / PLAN_FILE
        if resume and file.exists():
            if file.read_text(encoding="utf-8") != self.readable_json():
                raise CannotResume(
                    what="the run in the folder had another plan, or the model's spec or the data have changed since"
                )
            return
        folder.mkdir(parents=True, exist_ok=True)
        for left in (LAST_CHECKPOINT, SUMMARY_FILE):
            (folder / left).unlink(missing_ok=True)
        file.write_text(self.readable_json(), encoding="utf-8")


class PlannedPart(Protocol):
    """A part of a data set."""

    def sha256(self) -> str:
        """Return a digest of all that training reads."""
        ...


class PlannedData(Protocol):
    """What a network is fitted on and measured on."""

    @property
    def name(self) -> str:
        """Name for records."""
        ...

    @property
    def training(self) -> PlannedPart:
        """What it is fitted on."""
        ...

    @property
    def validation(self) -> PlannedPart:
        """What it is measured on."""
        ...


def training_plan(
    spec: NetworkSpec | VolumeSpec, preset: Preset, data: PlannedData, settings: FitSettings
) -> TrainingPlan:
    """Say what decides a run."""
    return TrainingPlan(
        spec_sha256=spec.sha256(),
        preset=preset,
        data_set=data.name,
        training_sha256=data.training.sha256(),
        validation_sha256=data.validation.sha256(),
        epochs=settings.epochs,
        seed=settings.seed,
        balanced=settings.balanced,
        precision=settings.precision,
        freeze_backbone=settings.freeze_backbone,
        backbone_sha256=None if settings.backbone_weights is None else _sha256(settings.backbone_weights),
    )


def require_begun(folders: Iterable[Path]) -> None:
    """Check that a run has begun in one of the folders, those of an ensemble's members or of folds.

    Raises:
        CannotResume: none has.
    """
    if not any((folder / PLAN_FILE).exists() for folder in folders):
        raise CannotResume(what="the folder holds no run")


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
