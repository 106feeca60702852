"""DICOM study -> input tensor: eligibility, decoding, grayscale, geometry. The same code prepares for training."""

from typing import assert_never

from pydicom.dataset import FileDataset

from preprocessing.eligibility import NotEligible
from preprocessing.identity import Identity
from preprocessing.picture import Picture
from preprocessing.radiograph import Placement, Prepared, prepare_picture, prepare_radiograph
from specs.recipe import FrontalChestRadiograph, Recipe

__all__ = ["Identity", "NotEligible", "Picture", "Placement", "Prepared", "prepare"]


def prepare(study: FileDataset | Picture, recipe: Recipe) -> Prepared | NotEligible:
    """Carry out a recipe on a data set, or on a picture of a research set.

    Returns:
        The input tensor, or the reasons why the recipe does not accept the input.

    Raises:
        InputError: the input is broken.
    """
    match recipe:
        case FrontalChestRadiograph():
            if isinstance(study, Picture):
                return prepare_picture(study, recipe)
            return prepare_radiograph(study, recipe)
        case _:
            assert_never(recipe)
