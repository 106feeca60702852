"""Fitting a model that answers with a volume, with Lightning."""

from typing import Any, assert_never

import lightning
import numpy as np
import torch
from monai.losses.dice import DiceCELoss
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from specs.network import Preset
from specs.volume import VolumeSpec
from specs.volume_head import OrganLabels, VirtualPerfusion
from training.checkpoints import BEST_CHECKPOINT, MERIT
from training.errors import FitDiverged
from training.fit_settings import FitSettings
from training.trainer import fit_module
from training.volume_data import VolumePart
from training.volume_network import VolumeNetwork

_Batches = DataLoader[tuple[Tensor, Tensor]]


class _Fit(lightning.LightningModule):
    """The head's loss, AdamW, one-cycle learning rate."""

    def __init__(self, network: VolumeNetwork, spec: VolumeSpec, *, steps: int) -> None:
        super().__init__()
        self.network = network
        self.defaults = spec.training
        self.steps = steps
        self.overlap = DiceCELoss(include_background=False, to_onehot_y=True, softmax=True)
        self.validation: list[Tensor] = []

    def on_train_epoch_end(self) -> None:
        if self.logger is not None:
            self.logger.save()  # before the checkpoint of the epoch, or a run killed between the two would lack its row

    def loss(self, wire: Tensor, targets: Tensor) -> Tensor:
        """Return the mean over a batch of items, each of shape (volume or slice, *axes)."""
        raw = self.network.raw(self.network.items(wire))
        wanted = targets.reshape(raw.shape[0], 1, *raw.shape[2:])
        match self.network.head:
            case VirtualPerfusion():
                return functional.l1_loss(raw, wanted)
            case OrganLabels():
                overlap: Tensor = self.overlap(raw, wanted)
                return overlap
            case _:
                assert_never(self.network.head)

    def training_step(self, batch: tuple[Tensor, Tensor], _index: int) -> Tensor:
        loss = self.loss(*batch)
        self.log("loss", loss, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _index: int) -> None:
        self.validation.append(self.loss(*batch).float())

    def on_validation_epoch_end(self) -> None:
        loss = torch.stack(self.validation).mean()
        self.validation.clear()
        if not torch.isfinite(loss):
            raise FitDiverged
        self.log(MERIT, -loss, prog_bar=True)

    def configure_optimizers(self) -> dict[str, object]:  # type: ignore[override]  # Lightning's union is not exported
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.defaults.learning_rate, weight_decay=self.defaults.weight_decay
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=self.defaults.learning_rate, total_steps=self.steps, pct_start=0.2
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def fit_volumes(
    spec: VolumeSpec, network: VolumeNetwork, *, training: VolumePart, validation: VolumePart, settings: FitSettings
) -> None:
    """Fit a network in place and keep the weights of the epoch that is best on the validation part.

    Args:
        spec: Its loss, optimizer and schedule.
        network: Freshly made; left in evaluation mode.
        training: At least one patient.
        validation: At least one patient.
        settings: Epochs, folder of checkpoints and log.

    Raises:
        ValueError: the spec declares an adversarial loss.
        FitDiverged: the answers became no numbers.
        KeyboardInterrupt: the user has interrupted it.
    """
    if spec.training.adversarial_weight:
        raise ValueError(f"{spec.name} declares an adversarial loss, which is not fitted yet")
    drawn = spec.training.slices_per_volume
    items = _Items(training, drawn=drawn)
    batches = DataLoader(items, batch_size=_batch_size(spec, drawn or items.length), shuffle=True)
    measured = _Items(validation, drawn=None)
    checked = DataLoader(measured, batch_size=_batch_size(spec, measured.length))
    network.train()
    last = torch.channels_last if network.dimensions == 2 else torch.channels_last_3d
    network.to(memory_format=last)
    module = _Fit(network, spec, steps=len(batches) * settings.epochs)
    fit_module(module, batches, checked, settings=settings, patience_epochs=settings.epochs)
    module.load_state_dict(torch.load(settings.folder / BEST_CHECKPOINT, weights_only=True)["state_dict"])
    network.to(memory_format=torch.contiguous_format)
    network.eval()


def _batch_size(spec: VolumeSpec, slices: int) -> int:
    """Return how many volumes make a batch of the declared size, which counts slices where the network takes slices."""
    return max(1, spec.training.batch_size // slices) if spec.network.dimensions == 2 else spec.training.batch_size


class _Items(Dataset[tuple[Tensor, Tensor]]):
    """One volume of a patient at a time, of it some slices that are drawn anew each time, or all."""

    def __init__(self, part: VolumePart, *, drawn: int | None) -> None:
        self._tensors = part.tensors.reshape(-1, *part.tensors.shape[2:])
        self._targets = part.targets.reshape(-1, *part.targets.shape[2:])
        self._drawn = drawn

    @property
    def length(self) -> int:
        """Slices of a volume."""
        return int(self._tensors.shape[1])

    def __len__(self) -> int:
        return len(self._tensors)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        tensor, target = torch.from_numpy(self._tensors[index]), torch.from_numpy(self._targets[index])
        if self._drawn is None:
            return tensor, target
        chosen = torch.randperm(self.length)[: self._drawn]
        return tensor[chosen], target[chosen]


def volume_answers(network: VolumeNetwork, tensors: NDArray[np.uint16], *, batch_size: int) -> NDArray[Any]:
    """Run a network in fp32 on whole studies.

    Args:
        network: Its answer has the shape of its input.
        tensors: Shape (patients, *tensor).
        batch_size: Patients at a time.

    Returns:
        The same shape.
    """
    network.eval()
    with torch.inference_mode():
        parts = [
            network(torch.from_numpy(tensors[start : start + batch_size]))[0].numpy()
            for start in range(0, len(tensors), batch_size)
        ]
    return np.concatenate(parts)


def made_network(spec: VolumeSpec, preset: Preset, *, seed: int) -> VolumeNetwork:
    """Make a network with random weights of a seed, which also draws order and slices."""
    lightning.seed_everything(seed, verbose=False)
    return VolumeNetwork(spec, preset)
