"""What a run leaves while it goes on: its last state and its log, so that one that is killed can be gone on with."""

import csv
from pathlib import Path
from typing import Any, Final

import torch
from lightning.fabric.plugins import TorchCheckpointIO
from lightning.pytorch.loggers import CSVLogger

LAST_CHECKPOINT = "last.ckpt"
"""What a run that is killed goes on from: the state after its last whole epoch."""

BEST_CHECKPOINT = "best.ckpt"
"""The state after the epoch that is best on the validation part."""

LOG_FILE = "log/metrics.csv"
"""Loss of every step, and the figure of the validation part after every epoch."""

MERIT: Final = "validation_merit"
"""Name of the figure by which epochs are compared, in checkpoints and log."""

_COLUMNS = ("epoch", "step", "loss_step", "loss_epoch", MERIT)


class CheckpointFiles(TorchCheckpointIO):
    """Writes each checkpoint beside its place and moves it there whole.

    Lightning's own is whole only where the system's folder for temporary files is on the same disk (2.6).
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write a checkpoint."""
        file = Path(path)
        beside = file.with_name(f".{file.name}.partial")
        super().save_checkpoint(checkpoint, beside, storage_options)
        beside.replace(file)


def metrics_log(folder: Path, *, resumed: bool) -> CSVLogger:
    """Open the log of a run; that of a resumed one goes on after the last whole epoch."""
    place = folder / LOG_FILE
    rows = _rows_of_whole_epochs(folder) if resumed else []
    place.unlink(missing_ok=True)  # or Lightning would, with a warning
    log = CSVLogger(folder, name=place.parent.name, version="")
    log.experiment.metrics_keys.extend(_COLUMNS)  # or it would empty and rewrite the file at each new column
    log.experiment.metrics.extend(rows)
    return log


def _rows_of_whole_epochs(folder: Path) -> list[dict[str, Any]]:
    last, log = folder / LAST_CHECKPOINT, folder / LOG_FILE
    if not last.exists() or not log.exists():
        return []
    epoch = torch.load(last, map_location="meta", weights_only=True)["epoch"]
    with log.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["epoch"] and int(row["epoch"]) <= epoch]
