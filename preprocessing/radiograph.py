"""A frontal chest radiograph as the input tensor of a chest model."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from preprocessing.decoding import stored_pixels
from preprocessing.eligibility import NotEligible, chest_radiograph_reasons, picture_reasons
from preprocessing.grayscale import displayed_pixels
from preprocessing.identity import Identity
from preprocessing.picture import Picture, displayed_picture
from specs.recipe import FrontalChestRadiograph

_UINT16_PER_UINT8 = 257  # 65535 / 255


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where the image lies in the prepared tensor, in pixels of the tensor."""

    top: int
    left: int
    rows: int
    columns: int


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """An input tensor and where it came from.

    `pixels` has axes (channel, row, column), shape and type of the recipe's tensor, 0 (black) to 255 (white).
    """

    identity: Identity
    pixels: NDArray[np.uint8]
    placement: Placement


def prepare_radiograph(ds: FileDataset, recipe: FrontalChestRadiograph) -> Prepared | NotEligible:
    """Turn a radiograph into the input tensor, or say why it is not eligible.

    Raises:
        InputError: the image is of the accepted kind but broken.
    """
    identity = Identity.of(ds)
    reasons = chest_radiograph_reasons(ds, recipe)
    if reasons:
        return NotEligible(identity=identity, reasons=reasons)
    displayed = displayed_pixels(stored_pixels(ds), ds, no_window=recipe.no_window)
    return _prepared(displayed, identity, recipe)


def prepare_picture(picture: Picture, recipe: FrontalChestRadiograph) -> Prepared | NotEligible:
    """Turn a PNG or JPEG file into the input tensor, or say why it is not eligible. It has no UIDs.

    Raises:
        InputError: the file is damaged.
    """
    identity = Identity()
    reasons = picture_reasons(picture, recipe)
    if reasons:
        return NotEligible(identity=identity, reasons=reasons)
    displayed = displayed_picture(picture)
    if displayed is None:
        return NotEligible(identity=identity, reasons=("the picture has colors: it is no radiograph",))
    return _prepared(displayed, identity, recipe)


def _prepared(
    displayed: NDArray[np.uint16], identity: Identity, recipe: FrontalChestRadiograph
) -> Prepared | NotEligible:
    content = reduced(displayed, recipe)
    low, high = np.percentile(content, (1, 99)) / 255.0
    if high - low < recipe.smallest_gray_spread:
        return NotEligible(identity=identity, reasons=("the image is flat: nearly all pixels have one gray value",))
    pixels, placement = _centered(content, recipe)
    return Prepared(identity=identity, pixels=pixels, placement=placement)


def reduced(displayed: NDArray[np.uint16], recipe: FrontalChestRadiograph) -> NDArray[np.uint8]:
    """Fit an image into the input tensor with its aspect ratio: area average, linear where a side must grow.

    Args:
        displayed: Gray values, axes (row, column), 0 to 65535.
        recipe: Says how large the tensor is.

    Returns:
        Gray values, axes (row, column), one side as long as the tensor's, 0 to 255, rounded to the nearest.
    """
    _, rows, columns = recipe.pixels.shape
    scale = min(rows / displayed.shape[0], columns / displayed.shape[1])
    size = (max(1, round(displayed.shape[1] * scale)), max(1, round(displayed.shape[0] * scale)))
    if scale < 1:
        # rows first: the average is separable, and this order is twice as fast as both at once (2500 x 3000 pixels)
        shorter = cv2.resize(displayed, (displayed.shape[1], size[1]), interpolation=cv2.INTER_AREA)
        resized = np.asarray(cv2.resize(shorter, size, interpolation=cv2.INTER_AREA), dtype=np.uint32)
    else:
        resized = np.asarray(cv2.resize(displayed, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint32)
    return ((resized + _UINT16_PER_UINT8 // 2) // _UINT16_PER_UINT8).astype(np.uint8)


def _centered(content: NDArray[np.uint8], recipe: FrontalChestRadiograph) -> tuple[NDArray[np.uint8], Placement]:
    pixels = np.zeros(recipe.pixels.shape, dtype=np.uint8)
    rows, columns = content.shape
    top, left = (pixels.shape[1] - rows) // 2, (pixels.shape[2] - columns) // 2
    pixels[0, top : top + rows, left : left + columns] = content
    return pixels, Placement(top=top, left=left, rows=rows, columns=columns)
