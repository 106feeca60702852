"""Fitting a radiograph model with Lightning."""

import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint, RichProgressBar
from lightning.pytorch.loggers import CSVLogger
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from evaluation.discrimination import area_under_roc
from specs.head import FindingProbability, ImageHead, MeasuredQuantity
from specs.network import TrainingDefaults
from training.augmentation import augmented
from training.hardware import fastest_precision
from training.phantom_data import PreparedPart
from training.radiograph_network import RadiographNetwork

LAST_CHECKPOINT = "last.ckpt"
"""What a run that is killed goes on from: the state after its last whole epoch."""

MERIT: Final = "validation_merit"
"""Name of the figure by which epochs are compared, in checkpoints and logs."""


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """What a run may change of the spec's training defaults, and where it leaves its files.

    `resume` goes on after the last whole epoch of a run that ended early in the same folder. `freeze_backbone` fits
    the classifier alone. `backbone_weights` is a state dict that the backbone starts from; random weights without.
    """

    epochs: int
    seed: int
    folder: Path
    show_progress: bool
    resume: bool = False
    freeze_backbone: bool = False
    backbone_weights: Path | None = None


class _Fit(lightning.LightningModule):
    """The head's loss on the score, AdamW, one-cycle learning rate, augmentation on the batch.

    Measurements that the data know beside the truth are fitted by a second linear layer, which is left behind.
    """

    def __init__(
        self,
        network: RadiographNetwork,
        defaults: TrainingDefaults,
        *,
        measurements: int,
        steps: int,
        positive_weight: float,
    ) -> None:
        super().__init__()
        self.network = network
        self.measurements: nn.Module | None = None
        if measurements:
            self.measurements = nn.Linear(network.features, measurements)
        self.defaults = defaults
        self.steps = steps
        self.positive_weight = positive_weight
        self.validation: list[tuple[Tensor, Tensor]] = []

    def on_train_epoch_start(self) -> None:
        if self.backbone_is_frozen:
            self.network.backbone.eval()  # or batch normalization would go on to learn

    @property
    def backbone_is_frozen(self) -> bool:
        return not any(parameter.requires_grad for parameter in self.network.backbone.parameters())

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor], _index: int) -> Tensor:
        pixels, truth, measured = batch
        reduced = augmented(self.network.reduce(pixels), self.defaults)
        pooled = self.network.pooled(reduced.contiguous(memory_format=torch.channels_last))
        score = self.network.classifier(pooled)[:, 0]
        loss = score_loss(self.network, score, truth, positive_weight=self.positive_weight)
        self.log("loss", loss, on_epoch=True, prog_bar=True)
        if self.measurements is None:
            return loss
        return loss + self.defaults.measurement_weight * functional.mse_loss(self.measurements(pooled), measured)

    def validation_step(self, batch: tuple[Tensor, Tensor, Tensor], _index: int) -> None:
        pixels, truth, _ = batch
        score = self.network.score(self.network.reduce(pixels)).float()
        self.validation.append((self.network.answer(score)[:, 0], truth))

    def on_validation_epoch_end(self) -> None:
        answers = torch.cat([answers for answers, _ in self.validation]).double().cpu().numpy()
        truth = torch.cat([truth for _, truth in self.validation]).double().cpu().numpy()
        self.validation.clear()
        merit = validation_merit(self.network.head, truth, answers)
        if merit is not None:
            self.log(MERIT, merit, prog_bar=True)

    def configure_optimizers(self) -> dict[str, object]:  # type: ignore[override]  # Lightning's union is not exported
        optimizer = torch.optim.AdamW(
            (parameter for parameter in self.parameters() if parameter.requires_grad),
            lr=self.defaults.learning_rate,
            weight_decay=self.defaults.weight_decay,
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=self.defaults.learning_rate, total_steps=self.steps, pct_start=0.2
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def score_loss(network: RadiographNetwork, score: Tensor, truth: Tensor, *, positive_weight: float = 1.0) -> Tensor:
    """Return the loss of scores, shape (batch,), against the truth of the same shape.

    Cross-entropy for a finding, where `positive_weight` multiplies the loss of each study that has it; for a quantity
    Huber's loss in deviations, which follows a wild value less: our choice.
    """
    match network.head:
        case FindingProbability():
            weight = torch.tensor(positive_weight, device=score.device)
            return functional.binary_cross_entropy_with_logits(score, truth, pos_weight=weight)
        case MeasuredQuantity():
            return functional.huber_loss(score, (truth - network.quantity_center) / network.quantity_deviation)
        case _:
            assert_never(network.head)


def validation_merit(head: ImageHead, truth: NDArray[np.float64], answers: NDArray[np.float64]) -> float | None:
    """Return what the best epoch has most of: the AUC, or the mean absolute error below zero; None where undefined."""
    match head:
        case FindingProbability():
            defined = 2 <= truth.sum() <= truth.size - 2
            return area_under_roc(truth > 0, answers).estimate if defined else None
        case MeasuredQuantity():
            return -float(np.abs(answers - truth).mean())
        case _:
            assert_never(head)


def fit(
    network: RadiographNetwork,
    defaults: TrainingDefaults,
    *,
    training: PreparedPart,
    validation: PreparedPart,
    settings: FitSettings,
) -> None:
    """Fit a network in place and keep the weights of the epoch that is best on the validation part.

    Args:
        network: Freshly made; left in evaluation mode.
        defaults: Optimizer, schedule and augmentation.
        training: At least one batch of studies.
        validation: For a finding, studies of both kinds, at least two of each.
        settings: Epochs, seed, folder of checkpoints and log, progress.
    """
    batches = _batches(training, batch_size=defaults.batch_size, shuffle=True)
    network.train()  # Lightning leaves the mode as it finds it
    network.to(memory_format=torch.channels_last)  # 1.9 times faster on two cores
    network.backbone.requires_grad_(not settings.freeze_backbone)
    if isinstance(network.head, MeasuredQuantity):
        network.quantity_center.fill_(float(training.truth.mean()))
        network.quantity_deviation.fill_(float(training.truth.std()) or 1.0)
    positive_weight = _positive_weight(training.truth) if defaults.balanced else 1.0
    module = _Fit(
        network,
        defaults,
        measurements=training.measurements.shape[1],
        steps=len(batches) * settings.epochs,
        positive_weight=positive_weight,
    )
    checkpoints = ModelCheckpoint(
        dirpath=settings.folder,
        filename="best",
        monitor=MERIT,
        mode="max",
        save_last=True,
        enable_version_counter=False,
    )
    trainer = _trainer(settings, [checkpoints, EarlyStopping(MERIT, mode="max", patience=defaults.patience_epochs)])
    last = settings.folder / LAST_CHECKPOINT
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")  # advice on worker counts, and its own deprecations
        trainer.fit(
            module,
            batches,
            _batches(validation, batch_size=defaults.batch_size, shuffle=False),
            ckpt_path=last if settings.resume and last.exists() else None,
            weights_only=True,
        )
    module.load_state_dict(torch.load(checkpoints.best_model_path, weights_only=True)["state_dict"])
    network.to(memory_format=torch.contiguous_format)
    network.requires_grad_(requires_grad=True)
    network.eval()


def _trainer(settings: FitSettings, callbacks: list[lightning.Callback]) -> lightning.Trainer:
    """Make Lightning's loop for this machine; it takes a GPU where there is one."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # without it, advertisements
    bar = [RichProgressBar()] if settings.show_progress else []
    return lightning.Trainer(
        max_epochs=settings.epochs,
        callbacks=[*callbacks, *bar],
        logger=CSVLogger(settings.folder, name="log", version=""),
        enable_progress_bar=settings.show_progress,
        enable_model_summary=False,
        precision=fastest_precision(),
        log_every_n_steps=1,
    )


def _positive_weight(truth: NDArray[np.float32]) -> float:
    """Return how many studies are without the finding for each with it."""
    positives = float((truth > 0).sum())
    return (truth.size - positives) / max(positives, 1.0)


def answers(network: nn.Module, pixels: NDArray[np.uint8], *, batch_size: int) -> NDArray[np.float64]:
    """Run a network in fp32 and return the answer for each study, shape (studies,).

    Args:
        network: The first that its forward returns is the answer, shape (batch, 1).
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
        torch.from_numpy(part.truth),
        torch.from_numpy(standardized.astype(np.float32)),
    )
    return DataLoader(data, batch_size=batch_size, shuffle=shuffle, drop_last=shuffle)
