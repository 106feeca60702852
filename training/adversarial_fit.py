"""Fitting a perfusion network against a discriminator that is to tell its images from those of PET."""

from typing import Any

import torch
from monai.losses.adversarial_loss import PatchAdversarialLoss
from monai.networks.nets.patchgan_discriminator import PatchDiscriminator
from torch import Tensor

from specs.volume import VolumeSpec
from training.volume_fit import VolumeBatch, VolumeFit
from training.volume_network import VolumeNetwork


class AdversarialFit(VolumeFit):
    """The plain error, and beside it what a discriminator of patches finds unlike PET, by least squares.

    The discriminator learns at the constant rate at which the network's own schedule peaks. Its size is our choice.

    Source:
        Isola P et al., CVPR 2017 (patches, beside a mean absolute error); Mao X et al., ICCV 2017 (least squares), as
        MONAI has both. That the published network was fitted so is not known: our choice.
    """

    def __init__(self, network: VolumeNetwork, spec: VolumeSpec, *, steps: int) -> None:
        super().__init__(network, spec, steps=steps)
        self.automatic_optimization = False
        self.discriminator = PatchDiscriminator(
            spatial_dims=network.dimensions, num_layers_d=3, channels=16, in_channels=network.item[0]
        )
        self.judgement = PatchAdversarialLoss(criterion="least_squares")

    def training_step(self, batch: VolumeBatch, _index: int) -> None:
        """Take a step of the network, then one of the discriminator."""
        wire, targets, places = batch
        optimizers: Any = self.optimizers()  # Lightning's union: two were configured
        own, of_discriminator = optimizers
        raw, wanted = self.compared(wire, targets)
        unlike = self.judgement(self.discriminator(raw)[-1], target_is_real=True, for_discriminator=False)
        loss = self.error(raw, wanted, places) + self.defaults.adversarial_weight * unlike
        self._step(own, loss)
        schedule: Any = self.lr_schedulers()
        schedule.step()
        told = [
            self.judgement(self.discriminator(each)[-1], target_is_real=real, for_discriminator=True)
            for each, real in ((raw.detach(), False), (wanted, True))
        ]
        self._step(of_discriminator, torch.stack(told).mean())
        self.log("loss", loss, on_epoch=True, prog_bar=True)

    def configure_optimizers(self) -> Any:  # Lightning's union is not exported
        """Make an optimizer each; the schedule is the network's."""
        optimizer, schedule = self.optimizer_and_schedule()
        judge = torch.optim.AdamW(self.discriminator.parameters(), lr=self.defaults.learning_rate)
        return [optimizer, judge], [{"scheduler": schedule, "interval": "step"}]

    def _step(self, optimizer: Any, loss: Tensor) -> None:
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()
