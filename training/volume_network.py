"""The graph of a model that answers with a volume: from wire values to its answer."""

from typing import assert_never

import torch
from monai.networks.nets.basic_unet import BasicUNet
from torch import Tensor, nn
from torch.nn import functional

from specs.mibg_volumes import MibgVolumes
from specs.network import Preset
from specs.perfusion_slices import PerfusionSlices
from specs.recipe import VolumeRecipe
from specs.volume import VolumeSpec
from specs.volume_head import OrganLabels, VirtualPerfusion

_WIRE_MAXIMUM = 65_535.0


class VolumeNetwork(nn.Module):
    """A U-Net with everything around it that the wire leaves out.

    The two volumes of a study go through the same network one by one, a network of slices takes each slice by itself:
    what it takes at a time is an item. Values of an item are 0 to 1 of the wire's full scale times `input_scale`.

    A perfusion network adds to its input, and what falls below 0 is 0. An organ network works on fewer voxels, where
    the preset says so, and its scores are enlarged linearly to those of the wire before each voxel is given the label
    with the largest one.

    Source:
        Ronneberger O et al., MICCAI 2015 (U-Net), as MONAI has it. The published networks are not known: our choice.
    """

    def __init__(self, spec: VolumeSpec, preset: Preset) -> None:
        super().__init__()
        declared, sizing = spec.network, spec.network.presets[preset]
        self.head = spec.head
        self.dimensions = declared.dimensions
        self.shape = spec.recipe.input.shape
        self.reduction = sizing.reduction
        self.input_scale = _input_scale(spec.recipe)
        self.unet = BasicUNet(
            spatial_dims=declared.dimensions,
            in_channels=1,
            out_channels=_channels(spec),
            features=declared.narrowed(preset),
            norm="batch" if declared.dimensions == 2 else ("instance", {"affine": True}),  # few volumes make a batch
            upsample="deconv",
        )

    def items(self, wire: Tensor) -> Tensor:
        """Part wire values, shape (batch, volume, slice, row, column), into items, shape (item, 1, *axes)."""
        shape = self.shape[1:] if self.dimensions == 3 else self.shape[2:]
        return wire.to(torch.float32).reshape(-1, 1, *shape) * (self.input_scale / _WIRE_MAXIMUM)

    def raw(self, items: Tensor) -> Tensor:
        """Return what the network says of items: a share of healthy uptake, or a score for each label.

        Shape (item, 1 or label, *axes).
        """
        match self.head:
            case VirtualPerfusion():
                corrected: Tensor = functional.relu(items + self.unet(items))
                return corrected
            case OrganLabels():
                return self._enlarged(self.unet(self._reduced(items)))
            case _:
                assert_never(self.head)

    def forward(self, wire: Tensor) -> tuple[Tensor]:
        """Return the answer to wire values, both of shape (batch, volume, slice, row, column)."""
        raw = self.raw(self.items(wire))
        match self.head:
            case VirtualPerfusion():
                return (raw.reshape(-1, *self.shape),)
            case OrganLabels():
                return (raw.argmax(dim=1).to(torch.uint8).reshape(-1, *self.shape),)
            case _:
                assert_never(self.head)

    def _reduced(self, items: Tensor) -> Tensor:
        if self.reduction == 1:
            return items
        pool = functional.avg_pool3d if self.dimensions == 3 else functional.avg_pool2d
        return pool(items, self.reduction)

    def _enlarged(self, scores: Tensor) -> Tensor:
        if self.reduction == 1:
            return scores
        mode = "trilinear" if self.dimensions == 3 else "bilinear"
        return functional.interpolate(scores, scale_factor=float(self.reduction), mode=mode, align_corners=False)


def _input_scale(recipe: VolumeRecipe) -> float:
    """Return what the largest value of the wire stands for."""
    match recipe:
        case PerfusionSlices():
            return recipe.largest_share
        case MibgVolumes():
            return 1.0
        case _:
            assert_never(recipe)


def _channels(spec: VolumeSpec) -> int:
    match spec.head:
        case VirtualPerfusion():
            return 1
        case OrganLabels():
            return 1 + len(spec.head.organs)
        case _:
            assert_never(spec.head)
