"""Study or record -> input tensor: eligibility, decoding, grayscale, units. The same code prepares for training."""

from typing import assert_never

from pydicom.dataset import FileDataset

from preprocessing.clinical_features import PreparedRecord, prepare_record
from preprocessing.clinical_record import ClinicalRecord, Given
from preprocessing.eligibility import NotEligible
from preprocessing.identity import Identity
from preprocessing.picture import Picture
from preprocessing.radiograph import Placement, Prepared, prepare_picture, prepare_radiograph
from specs.recipe import FrontalChestRadiograph, ImageRecipe

__all__ = [
    "ClinicalRecord",
    "Given",
    "Identity",
    "NotEligible",
    "Picture",
    "Placement",
    "Prepared",
    "PreparedRecord",
    "prepare",
    "prepare_record",
]


def prepare(study: FileDataset | Picture, recipe: ImageRecipe) -> Prepared | NotEligible:
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
