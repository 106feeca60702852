"""A frontal chest radiograph as the input tensor of a chest model."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from preprocessing.area_average import divisor_of, fitted_shape, reduced
from preprocessing.color import displayed_if_gray
from preprocessing.decoders import OF_SEVERAL_RESOLUTIONS
from preprocessing.decoding import stored_pixels
from preprocessing.eligibility import NotEligible, chest_radiograph_reasons, picture_reasons
from preprocessing.gray_values import Displayed, gray_spread
from preprocessing.grayscale import displayed_pixels, largest_gray_step
from preprocessing.identity import Identity
from preprocessing.patient_age import patient_age_years
from preprocessing.picture import Picture, displayed_picture
from preprocessing.pixel_layout import PixelLayout
from preprocessing.prepared import Placement, Prepared
from preprocessing.stages import Stage, stage
from specs.recipe import FrontalChestRadiograph

LARGEST_GRAY_STEP = 0.5 / 255
"""Steepest display, in full scale a stored value, with which a lower resolution of JPEG 2000 is read; our choice.

The reversible transform raises each lower resolution by half a stored value (measured), which is then a quarter of a
gray level of 255; so 8 bits are always decoded whole, and windows of less than 510 values.
"""


def prepare_radiograph(ds: FileDataset, recipe: FrontalChestRadiograph) -> Prepared | NotEligible:
    """Turn a radiograph into the input tensor, or say why it is not eligible.

    Where the recipe says so, JPEG 2000 is decoded at a lower resolution. The tensor then is that of the whole image
    within `REDUCED_RESOLUTION_TOLERANCES`, and so are the gray values by which a flat image is refused.

    Raises:
        InputError: the image is of the accepted kind but broken.
    """
    identity = Identity.of(ds)
    reasons = chest_radiograph_reasons(ds, recipe)
    if reasons:
        return NotEligible(identity=identity, reasons=reasons)
    stored = stored_pixels(ds, least_shape=_least_shape(ds, recipe))
    is_gray = stored.ndim == 2
    displayed = displayed_pixels(stored, ds, no_window=recipe.no_window) if is_gray else displayed_if_gray(stored, ds)
    if displayed is None:
        return NotEligible(identity=identity, reasons=("the image has colors: it is no radiograph",))
    prepared = _prepared(displayed, identity, recipe, matrix=(ds.Rows, ds.Columns))
    if isinstance(prepared, NotEligible):
        return prepared
    return replace(prepared, patient_age_years=patient_age_years(ds))


def prepare_picture(picture: Picture, recipe: FrontalChestRadiograph) -> Prepared | NotEligible:
    """Turn a PNG or JPEG file into the input tensor, or say why it is not eligible. It has no UIDs.

    Raises:
        InputError: the file is damaged.
    """
    identity = Identity()
    reasons = picture_reasons(picture, recipe)
    if reasons:
        return NotEligible(identity=identity, reasons=reasons)
    with stage(Stage.DECODE):
        displayed = displayed_picture(picture)
    if displayed is None:
        return NotEligible(identity=identity, reasons=("the picture has colors: it is no radiograph",))
    return _prepared(displayed, identity, recipe, matrix=picture.matrix)


def _least_shape(ds: FileDataset, recipe: FrontalChestRadiograph) -> tuple[int, int] | None:
    """Return the least (rows, columns) to decode; None for the whole image.

    That is needed where averages of stored values are not shown as the average of what is shown: a range found in the
    pixels (averages have a smaller one), borders of padding, a narrow window.
    """
    syntax = getattr(ds.file_meta, "TransferSyntaxUID", None)
    if recipe.jpeg2000_oversampling is None or syntax not in OF_SEVERAL_RESOLUTIONS:
        return None
    matrix = PixelLayout.of(ds).matrix
    step = largest_gray_step(ds)
    if step is None or step > LARGEST_GRAY_STEP:
        return None
    rows, columns = fitted_shape(matrix, recipe)
    return recipe.jpeg2000_oversampling * rows, recipe.jpeg2000_oversampling * columns


def _prepared(
    displayed: Displayed, identity: Identity, recipe: FrontalChestRadiograph, *, matrix: tuple[int, int]
) -> Prepared | NotEligible:
    """Fit displayed pixels of a matrix (rows, columns), whole or at a lower resolution, which flatness is found in."""
    if displayed.count_of_gray_values() < recipe.fewest_gray_values:
        reason = f"the image is flat: it has fewer than {recipe.fewest_gray_values} gray values"
        return NotEligible(identity=identity, reasons=(reason,))
    content = reduced(displayed, recipe, matrix=matrix, divisor=divisor_of(matrix, displayed.matrix))
    if gray_spread(content) < recipe.smallest_gray_spread:
        return NotEligible(identity=identity, reasons=("the image is flat: nearly all pixels have one gray value",))
    pixels, placement = _centered(content, recipe)
    return Prepared(identity=identity, pixels=pixels, placement=placement)


def _centered(content: NDArray[np.uint8], recipe: FrontalChestRadiograph) -> tuple[NDArray[np.uint8], Placement]:
    pixels = np.zeros(recipe.pixels.shape, dtype=np.uint8)
    rows, columns = content.shape
    top, left = (pixels.shape[1] - rows) // 2, (pixels.shape[2] - columns) // 2
    pixels[0, top : top + rows, left : left + columns] = content
    return pixels, Placement(top=top, left=left, rows=rows, columns=columns)
