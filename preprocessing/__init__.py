"""DICOM study -> input tensor: eligibility, decoding, grayscale, geometry. The same code prepares for training."""

from preprocessing.eligibility import NotEligible
from preprocessing.identity import Identity
from preprocessing.radiograph import Placement, Prepared, prepare_radiograph

__all__ = ["Identity", "NotEligible", "Placement", "Prepared", "prepare"]

from typing import assert_never

from pydicom.dataset import FileDataset

from specs.recipe import FrontalChestRadiograph, Recipe


def prepare(ds: FileDataset, recipe: Recipe) -> Prepared | NotEligible:
    """Carry out a recipe on a data set.

    Returns:
        The input tensor, or the reasons why the data set is not one that the recipe accepts.

    Raises:
        InputError: the data set is broken.
    """
    match recipe:
        case FrontalChestRadiograph():
            return prepare_radiograph(ds, recipe)
        case _:
            assert_never(recipe)
