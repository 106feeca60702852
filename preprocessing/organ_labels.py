"""Masks on the grid of an image as labels on that of a tensor, which an organ model answers with, and back."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from preprocessing.centered_grid import centered, uncentered
from preprocessing.organ_masks import OrganMask, OrganMasks
from preprocessing.volume import Volume
from specs.mibg_volumes import MibgVolumes
from specs.volume_head import LabeledOrgan, OrganLabels

_INSIDE = 0.5 - 1e-4
"""A half, less what interpolation rounds: a voxel between two others is treated alike from either side."""


def organ_masks(labels: NDArray[np.uint8], volume: Volume, *, recipe: MibgVolumes, head: OrganLabels) -> OrganMasks:
    """Bring the labels of one time to the voxels of its volume.

    A voxel belongs to an organ where linear interpolation between the labeled voxels gives it at least a half. Of each
    organ so many of its largest connected parts are kept as the head declares: a far-off voxel that looks like heart is
    none.

    Args:
        labels: Axes (slice, row, column) of the tensor.
        volume: That the tensor was made of.
        recipe: By which it was made.
        head: What the labels mean.

    Raises:
        ValueError: the labels are not of the shape of the tensor.
    """
    masks = {organ.name: _mask(labels, organ, volume, recipe) for organ in head.organs}
    return OrganMasks(heart=masks["heart"], lungs=masks["lungs"], liver=masks["liver"])


def organ_labels(masks: OrganMasks, volume: Volume, *, recipe: MibgVolumes, head: OrganLabels) -> NDArray[np.uint8]:
    """Bring masks of one volume to the voxels of its tensor, by the same rule.

    Args:
        masks: On the grid of the volume.
        volume: That the tensor is made of.
        recipe: By which it is made.
        head: What the labels mean.

    Returns:
        Axes (slice, row, column) of the tensor; 0 where no organ is.
    """
    labels = np.zeros(recipe.grid.shape, np.uint8)
    for organ in head.organs:
        shares = centered(replace(volume, values=masks.of(organ.name).astype(np.float32)), recipe.grid)
        labels[shares >= _INSIDE] = organ.label
    return labels


def _mask(labels: NDArray[np.uint8], organ: LabeledOrgan, volume: Volume, recipe: MibgVolumes) -> OrganMask:
    shares = uncentered((labels == organ.label).astype(np.float32), recipe.grid, volume)
    return _largest_parts(shares >= _INSIDE, organ.most_parts)


def _largest_parts(mask: OrganMask, count: int) -> OrganMask:
    """Keep the largest parts that hang together by the faces of voxels."""
    parts, found = ndimage.label(mask)
    if found <= count:
        return mask
    sizes = np.bincount(parts.ravel())[1:]
    kept: OrganMask = np.isin(parts, 1 + np.argsort(-sizes, kind="stable")[:count])
    return kept
