"""One step of fitting a model that answers with a volume: the head's error, optimizer and schedule."""

from typing import Any, assert_never

import lightning
import torch
from monai.losses.dice import DiceCELoss
from torch import Tensor
from torch.nn import functional

from specs.volume import VolumeSpec
from specs.volume_head import OrganLabels, VirtualPerfusion
from training.checkpoints import MERIT
from training.errors import FitDiverged
from training.polar_map_loss import PolarMapLoss
from training.volume_network import VolumeNetwork

VolumeBatch = tuple[Tensor, Tensor, Tensor]
"""Wire values and what should be answered, both of shape (patient or volume, *axes); where polar maps sample them, of
`polar_map_loss.sampling_places`, or nothing, shape (patient or volume, 0)."""


class VolumeFit(lightning.LightningModule):
    """The head's loss, AdamW, one-cycle learning rate."""

    def __init__(self, network: VolumeNetwork, spec: VolumeSpec, *, steps: int) -> None:
        super().__init__()
        self.network = network
        self.defaults = spec.training
        self.steps = steps
        self.overlap = DiceCELoss(include_background=False, to_onehot_y=True, softmax=True)
        self.polar_map = _polar_map_loss(spec)
        self.validation: list[Tensor] = []

    def on_train_epoch_end(self) -> None:
        """Write the log."""
        if self.logger is not None:
            self.logger.save()  # before the checkpoint of the epoch, or a run killed between the two would lack its row

    def compared(self, wire: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the network says of the items of a batch, and what it should say, both (item, channel, *axes)."""
        items = self.network.items(wire)
        return self.network.raw(items), targets.reshape(items.shape)

    def error(self, raw: Tensor, wanted: Tensor, places: Tensor) -> Tensor:
        """Return the mean error over items."""
        match self.network.head:
            case VirtualPerfusion():
                loss = functional.l1_loss(raw, wanted)
                if self.polar_map is not None:
                    loss = loss + self.defaults.polar_map_weight * self.polar_map(raw, wanted, places)
                return loss
            case OrganLabels():
                overlap: Tensor = self.overlap(raw, wanted)
                return overlap
            case _:
                assert_never(self.network.head)

    def training_step(self, batch: VolumeBatch, _index: int) -> Tensor | None:
        """Return the error on a batch."""
        wire, targets, places = batch
        loss = self.error(*self.compared(wire, targets), places)
        self.log("loss", loss, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch: VolumeBatch, _index: int) -> None:
        """Keep the error on a batch."""
        wire, targets, places = batch
        self.validation.append(self.error(*self.compared(wire, targets), places).float())

    def on_validation_epoch_end(self) -> None:
        """Log the merit of the epoch.

        Raises:
            FitDiverged: the error is no number.
        """
        loss = torch.stack(self.validation).mean()
        self.validation.clear()
        if not torch.isfinite(loss):
            raise FitDiverged
        self.log(MERIT, -loss, prog_bar=True)

    def configure_optimizers(self) -> Any:  # Lightning's union is not exported
        """Make AdamW and the schedule."""
        optimizer, schedule = self.optimizer_and_schedule()
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def optimizer_and_schedule(self) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
        """Make AdamW for the network, and the schedule that ends with the last epoch."""
        optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=self.defaults.learning_rate, weight_decay=self.defaults.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=self.defaults.learning_rate, total_steps=self.steps, pct_start=0.2
        )
        return optimizer, schedule


def _polar_map_loss(spec: VolumeSpec) -> PolarMapLoss | None:
    if not isinstance(spec.head, VirtualPerfusion) or not spec.training.polar_map_weight:
        return None
    return PolarMapLoss(spec.head.polar_map)
