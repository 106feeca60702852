"""Lightning's loop as this project runs it: checkpoints, log, an early end, and on from where a killed run was."""

import logging
import warnings
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint, RichProgressBar, WeightAveraging
from torch.optim.swa_utils import get_ema_multi_avg_fn
from torch.utils.data import DataLoader

from training.checkpoints import BEST_CHECKPOINT, LAST_CHECKPOINT, MERIT, CheckpointFiles, metrics_log
from training.fit_settings import FitSettings


def fit_module(
    module: lightning.LightningModule,
    training: DataLoader[Any],
    validation: DataLoader[Any],
    *,
    settings: FitSettings,
    patience_epochs: int,
    averaging_decay: float | None = None,
) -> None:
    """Fit a module; its last state, its best one and its log are left in the folder.

    Args:
        module: It logs its merit on the validation part after every epoch.
        training: Batches.
        validation: Batches.
        settings: Epochs, folder, precision, whether to go on.
        patience_epochs: Epochs without a better merit after which fitting ends.
        averaging_decay: Of the moving average of all weights that is measured and kept in their place; None for none.

    Raises:
        KeyboardInterrupt: the user has interrupted it.
    """
    best = _checkpoint(settings.folder, Path(BEST_CHECKPOINT).stem, monitor=MERIT, mode="max")
    last = _checkpoint(settings.folder, Path(LAST_CHECKPOINT).stem, save_on_train_epoch_end=True)
    stop = EarlyStopping(MERIT, mode="max", patience=patience_epochs)
    averaging = [] if averaging_decay is None else [_averaging(averaging_decay)]
    trainer = _trainer(settings, [*averaging, stop, best, last])
    state = settings.folder / LAST_CHECKPOINT
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")  # advice on worker counts, and its own deprecations
        try:
            trainer.fit(
                module,
                training,
                validation,
                ckpt_path=state if settings.resume and state.exists() else None,
                weights_only=True,
            )
        except SystemExit:
            raise KeyboardInterrupt from None  # which Lightning takes for itself (2.6)


def _averaging(decay: float) -> WeightAveraging:
    """Average weights and the statistics of batch normalization after every step; checkpoints hold the average.

    Lightning's own `EMAWeightAveraging` would let constant buffers drift by rounding (2.6).
    """
    average = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]  # torch 2.15 does not annotate the decay
    return WeightAveraging(multi_avg_fn=average)


def _checkpoint(folder: Path, name: str, **saved: Any) -> ModelCheckpoint:
    """Keep one file; Lightning's own `save_last` writes in the epochs alone in which the best is written (2.6)."""
    return ModelCheckpoint(dirpath=folder, filename=name, enable_version_counter=False, **saved)


def _trainer(settings: FitSettings, callbacks: list[lightning.Callback]) -> lightning.Trainer:
    """Make Lightning's loop for this machine; it takes a GPU where there is one."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # without it, advertisements
    bar = [RichProgressBar()] if settings.show_progress else []
    return lightning.Trainer(
        max_epochs=settings.epochs,
        callbacks=[*callbacks, *bar],
        logger=metrics_log(settings.folder, resumed=settings.resume),
        plugins=[CheckpointFiles()],
        enable_progress_bar=settings.show_progress,
        enable_model_summary=False,
        precision=settings.precision,
        log_every_n_steps=1,
    )
