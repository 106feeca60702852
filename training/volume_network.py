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

    What it takes at a time is an item: a slice, a volume, or the two volumes of a study as channels. Values of an item
    are 0 to 1 of the wire's full scale times `input_scale`.

    A perfusion network adds to its input, and what falls below 0 is 0. An organ network works on fewer voxels, where
    the preset says so, and its scores are enlarged linearly to those of the wire before each voxel is given the label
    with the largest one.

    Source:
        Ronneberger O et al., MICCAI 2015 (U-Net), as MONAI has it; patches as channels: Shi W et al., CVPR 2016. The
        published networks are not known: our choice.
    """

    def __init__(self, spec: VolumeSpec, preset: Preset) -> None:
        super().__init__()
        declared, sizing = spec.network, spec.network.presets[preset]
        self.head = spec.head
        self.dimensions = declared.dimensions
        self.patch = declared.patch
        self.shape = spec.recipe.input.shape
        self.item = self.shape if declared.joint else (1, *self.shape[4 - declared.dimensions :])
        self.reduction = sizing.reduction
        self.input_scale = _input_scale(spec.recipe)
        of_patch = declared.patch**declared.dimensions
        self.unet = BasicUNet(
            spatial_dims=declared.dimensions,
            in_channels=self.item[0] * of_patch,
            out_channels=_channels(spec, volumes=self.item[0]) * of_patch,
            features=declared.narrowed(preset),
            norm=_norm(spec),
            upsample="deconv",
        )

    def items(self, wire: Tensor) -> Tensor:
        """Part wire values, shape (batch, volume, slice, row, column), into items, shape (item, channel, *axes)."""
        return wire.to(torch.float32).reshape(-1, *self.item) * (self.input_scale / _WIRE_MAXIMUM)

    def raw(self, items: Tensor) -> Tensor:
        """Return what the network says of items: a share of healthy uptake, or a score for each label.

        Shape (item, volume or label, *axes).
        """
        match self.head:
            case VirtualPerfusion():
                corrected: Tensor = functional.relu(items + self._parted(self.unet(self._gathered(items))))
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

    def _gathered(self, items: Tensor) -> Tensor:
        """Make channels of the voxels of each patch, shape (item, volume x patch voxels, *fewer)."""
        if self.patch == 1:
            return items
        side, (volumes, slices, rows, columns) = self.patch, self.item
        patches = items.reshape(-1, volumes, slices // side, side, rows // side, side, columns // side, side)
        shape = (-1, volumes * side**3, slices // side, rows // side, columns // side)
        return patches.permute(0, 1, 3, 5, 7, 2, 4, 6).reshape(shape)

    def _parted(self, channels: Tensor) -> Tensor:
        """Make voxels of the channels again: what `_gathered` undoes."""
        if self.patch == 1:
            return channels
        side, (volumes, slices, rows, columns) = self.patch, self.item
        patches = channels.reshape(-1, volumes, side, side, side, slices // side, rows // side, columns // side)
        return patches.permute(0, 1, 5, 2, 6, 3, 7, 4).reshape(-1, *self.item)

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


def _channels(spec: VolumeSpec, *, volumes: int) -> int:
    """Return what an item is answered with in a voxel."""
    match spec.head:
        case VirtualPerfusion():
            return volumes
        case OrganLabels():
            return 1 + len(spec.head.organs)
        case _:
            assert_never(spec.head)


def _norm(spec: VolumeSpec) -> str | tuple[str, dict[str, bool]]:
    """Return MONAI's name of the normalization: by instance where few items make a batch and their levels vary."""
    match spec.head:
        case VirtualPerfusion():
            return "batch"  # levels of uptake are the answer
        case OrganLabels():
            return "instance", {"affine": True}
        case _:
            assert_never(spec.head)
