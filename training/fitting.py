"""Fitting a radiograph model with Lightning."""

import math

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from specs.head import MeasuredQuantity
from specs.network import TrainingDefaults
from training.augmentation import augmented
from training.checkpoints import BEST_CHECKPOINT, MERIT
from training.fit_settings import FitSettings
from training.loss import positive_weight, score_loss, validation_merit
from training.prepared_part import Pixels, PreparedPart
from training.radiograph_network import RadiographNetwork
from training.trainer import fit_module

_Batches = DataLoader[tuple[Tensor, Tensor, Tensor]]


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
        stem_pool_epochs: int,
        positive_weight: float,
    ) -> None:
        super().__init__()
        self.network = network
        self.measurements: nn.Module | None = None
        if measurements:
            self.measurements = nn.Linear(network.features, measurements)
        self.defaults = defaults
        self.steps = steps
        self.stem_pool_epochs = stem_pool_epochs
        self.positive_weight = positive_weight
        self.validation: list[tuple[Tensor, Tensor]] = []

    def on_train_epoch_start(self) -> None:
        if self.backbone_is_frozen:
            self.network.backbone.eval()  # or batch normalization would go on to learn
        self.network.put_stem_pool(in_place=self.current_epoch < self.stem_pool_epochs)

    def on_validation_epoch_start(self) -> None:
        self.network.put_stem_pool(in_place=False)

    def on_train_epoch_end(self) -> None:
        if self.logger is not None:
            self.logger.save()  # before the checkpoint of the epoch, or a run killed between the two would lack its row

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
        training: At least two studies.
        validation: For a finding, studies of both kinds, at least two of each.
        settings: Epochs, folder of checkpoints and log, and what else may differ from the defaults.

    Raises:
        FitDiverged: the answers became no numbers.
        KeyboardInterrupt: the user has interrupted it.
    """
    batches = _batches(training, batch_size=defaults.batch_size, shuffle=True)
    network.train()  # Lightning leaves the mode as it finds it
    network.to(memory_format=torch.channels_last)  # 1.9 times faster on two cores
    network.backbone.requires_grad_(not settings.freeze_backbone)
    if isinstance(network.head, MeasuredQuantity):
        network.quantity_center.fill_(float(training.truth.mean()))
        network.quantity_deviation.fill_(float(training.truth.std()) or 1.0)
    module = _Fit(
        network,
        defaults,
        measurements=training.measurements.shape[1],
        steps=len(batches) * settings.epochs,
        stem_pool_epochs=math.ceil(defaults.stem_pool_share * settings.epochs),
        positive_weight=positive_weight(training.truth) if settings.balanced else 1.0,
    )
    fit_module(
        module,
        batches,
        _batches(validation, batch_size=defaults.batch_size, shuffle=False),
        settings=settings,
        patience_epochs=defaults.patience_epochs,
        averaging_decay=defaults.averaging_decay,
    )
    module.load_state_dict(torch.load(settings.folder / BEST_CHECKPOINT, weights_only=True)["state_dict"])
    network.to(memory_format=torch.contiguous_format)
    network.requires_grad_(requires_grad=True)
    network.eval()


def answers(network: nn.Module, pixels: Pixels, *, batch_size: int) -> NDArray[np.float64]:
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


class _Studies(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Pixels, truth and standardized measurements of each study; pixels are read when they are asked for."""

    def __init__(self, part: PreparedPart) -> None:
        deviation = part.measurements.std(axis=0) + np.finfo(np.float32).tiny
        standardized = (part.measurements - part.measurements.mean(axis=0)) / deviation
        self._pixels = part.pixels
        self._truth = torch.from_numpy(part.truth)
        self._measured = torch.from_numpy(standardized.astype(np.float32))

    def __len__(self) -> int:
        return len(self._pixels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        return torch.from_numpy(self._pixels[index]), self._truth[index], self._measured[index]


def _batches(part: PreparedPart, *, batch_size: int, shuffle: bool) -> _Batches:
    """Make batches of equal size where they are shuffled: a last one of a single study has no batch statistics."""
    studies = _Studies(part)
    return DataLoader(studies, batch_size=min(batch_size, len(studies)), shuffle=shuffle, drop_last=shuffle)
