"""Fitting a radiograph finding model with Lightning."""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import ModelCheckpoint, RichProgressBar
from lightning.pytorch.loggers import CSVLogger
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from evaluation.discrimination import area_under_roc
from specs.network import TrainingDefaults
from training.phantom_data import PreparedPart
from training.radiograph_network import RadiographNetwork


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """What a run may change of the spec's training defaults, and where it leaves its files."""

    epochs: int
    seed: int
    folder: Path
    show_progress: bool


class _FindingFit(lightning.LightningModule):
    """Binary cross-entropy on the log-odds, AdamW, one-cycle learning rate, augmentation on the batch.

    Measurements that the data know beside the truth are fitted by a second linear layer, which is left behind.
    """

    def __init__(self, network: RadiographNetwork, defaults: TrainingDefaults, *, steps: int) -> None:
        super().__init__()
        self.network = network
        self.measurements = nn.Linear(network.classifier.in_features, len(defaults.phantom_measurements))
        self.defaults = defaults
        self.steps = steps
        self.validation: list[tuple[Tensor, Tensor]] = []

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor], _index: int) -> Tensor:
        pixels, truth, measured = batch
        reduced = augmented(self.network.reduce(pixels), self.defaults)
        pooled = self.network.pooled(reduced.contiguous(memory_format=torch.channels_last))
        loss = functional.binary_cross_entropy_with_logits(self.network.classifier(pooled)[:, 0], truth)
        self.log("loss", loss, on_epoch=True, prog_bar=True)
        return loss + self.defaults.measurement_weight * functional.mse_loss(self.measurements(pooled), measured)

    def validation_step(self, batch: tuple[Tensor, Tensor, Tensor], _index: int) -> None:
        pixels, truth, _ = batch
        self.validation.append((self.network.log_odds(self.network.reduce(pixels))[:, 0], truth))

    def on_validation_epoch_end(self) -> None:
        log_odds = torch.cat([scores for scores, _ in self.validation]).double().cpu().numpy()
        truth = torch.cat([truth for _, truth in self.validation]).bool().cpu().numpy()
        self.validation.clear()
        if 2 <= truth.sum() <= truth.size - 2:
            self.log("validation_auc", area_under_roc(truth, log_odds).estimate, prog_bar=True)

    def configure_optimizers(self) -> dict[str, object]:  # type: ignore[override]  # Lightning's union is not exported
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.defaults.learning_rate, weight_decay=self.defaults.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=self.defaults.learning_rate, total_steps=self.steps, pct_start=0.2
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def augmented(reduced: Tensor, defaults: TrainingDefaults) -> Tensor:
    """Turn, shift, scale and re-expose each image of a batch, shape (batch, 1, row, column), in [0, 1].

    No flip: left and right of a chest are not the same.
    """
    count = reduced.shape[0]

    def spread(reach: float) -> Tensor:
        return (torch.rand(count, device=reduced.device) * 2 - 1) * reach

    angle, size = torch.deg2rad(spread(defaults.rotation_degrees)), 1 + spread(defaults.scale_share)
    cosine, sine = torch.cos(angle) * size, torch.sin(angle) * size
    shift_row, shift_column = spread(2 * defaults.shift_share), spread(2 * defaults.shift_share)
    upper = torch.stack([cosine, -sine, shift_column], dim=1)
    lower = torch.stack([sine, cosine, shift_row], dim=1)
    grid = functional.affine_grid(torch.stack([upper, lower], dim=1), list(reduced.shape), align_corners=False)
    moved = functional.grid_sample(reduced, grid, align_corners=False)
    gain, offset = 1 + spread(defaults.gain_share), spread(defaults.gain_share)
    return (moved * gain.view(-1, 1, 1, 1) + offset.view(-1, 1, 1, 1) * (moved > 0)).clamp(0.0, 1.0)


def fit(
    network: RadiographNetwork,
    defaults: TrainingDefaults,
    *,
    training: PreparedPart,
    validation: PreparedPart,
    settings: FitSettings,
) -> None:
    """Fit a network in place and keep the weights of the epoch with the largest validation AUC.

    Args:
        network: Freshly made; left in evaluation mode.
        defaults: Optimizer, schedule and augmentation.
        training: At least one batch of studies.
        validation: Studies of both kinds, at least two of each.
        settings: Epochs, seed, folder of checkpoint and log, progress.
    """
    batches = _batches(training, batch_size=defaults.batch_size, shuffle=True)
    best = ModelCheckpoint(dirpath=settings.folder, filename="best", monitor="validation_auc", mode="max")
    bar = [RichProgressBar()] if settings.show_progress else []
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # without it, advertisements
    trainer = lightning.Trainer(
        max_epochs=settings.epochs,
        callbacks=[best, *bar],
        logger=CSVLogger(settings.folder, name="log", version=""),
        enable_progress_bar=settings.show_progress,
        enable_model_summary=False,
        log_every_n_steps=1,
    )
    network.train()  # Lightning leaves the mode as it finds it
    network.to(memory_format=torch.channels_last)  # 1.9 times faster on two cores
    module = _FindingFit(network, defaults, steps=len(batches) * settings.epochs)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")  # advice on worker counts, and its own deprecations
        trainer.fit(module, batches, _batches(validation, batch_size=defaults.batch_size, shuffle=False))
    module.load_state_dict(torch.load(best.best_model_path, weights_only=True)["state_dict"])
    network.to(memory_format=torch.contiguous_format)
    network.eval()


def probabilities(network: nn.Module, pixels: NDArray[np.uint8], *, batch_size: int) -> NDArray[np.float64]:
    """Run a network in fp32 and return the probability of each study, shape (studies,).

    Args:
        network: Its forward returns probability, shape (batch, 1), and map.
        pixels: Wire pixels, shape (studies, 1, row, column).
        batch_size: Studies run at a time.
    """
    network.eval()
    with torch.inference_mode():
        parts = [network(torch.from_numpy(pixels[i : i + batch_size]))[0] for i in range(0, len(pixels), batch_size)]
    return torch.cat(parts)[:, 0].double().cpu().numpy()


def _batches(part: PreparedPart, *, batch_size: int, shuffle: bool) -> DataLoader[tuple[Tensor, ...]]:
    deviation = part.measurements.std(axis=0) + np.finfo(np.float32).tiny
    standardized = (part.measurements - part.measurements.mean(axis=0)) / deviation
    data = TensorDataset(
        torch.from_numpy(part.pixels),
        torch.from_numpy(part.truth.astype(np.float32)),
        torch.from_numpy(standardized.astype(np.float32)),
    )
    return DataLoader(data, batch_size=batch_size, shuffle=shuffle, drop_last=shuffle)
