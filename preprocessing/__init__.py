"""Study or record -> input tensor: eligibility, decoding, grayscale, units. The same code prepares for training."""

from typing import assert_never

from pydicom.dataset import FileDataset

from preprocessing.clinical_features import PreparedRecord, prepare_record
from preprocessing.clinical_record import ClinicalRecord, Given
from preprocessing.eligibility import NotEligible
from preprocessing.fdg_projections import prepare_fdg
from preprocessing.identity import Identity
from preprocessing.picture import Picture
from preprocessing.prepared import Placement, Prepared
from preprocessing.radiograph import prepare_picture, prepare_radiograph
from specs.fdg_projections import FdgProjections
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
    "Study",
    "prepare",
    "prepare_record",
]


Study = FileDataset | Picture
"""One file of an input: a DICOM data set, or a picture of a research set."""


def prepare(study: Study | tuple[Study, ...], recipe: ImageRecipe) -> Prepared | NotEligible:
    """Carry out a recipe on a data set, on a picture of a research set, or on the data sets of one study.

    A recipe of one image takes the first: a study of several files holds volumes, which it refuses.

    Returns:
        The input tensor, or the reasons why the recipe does not accept the input.

    Raises:
        InputError: the input is broken.
    """
    match recipe:
        case FrontalChestRadiograph():
            image = study[0] if isinstance(study, tuple) else study
            if isinstance(image, Picture):
                return prepare_picture(image, recipe)
            return prepare_radiograph(image, recipe)
        case FdgProjections():
            files = study if isinstance(study, tuple) else (study,)
            images = [file for file in files if not isinstance(file, Picture)]
            if not images:
                return NotEligible(identity=Identity(), reasons=("it is no DICOM file: no slice of a PET series",))
            return prepare_fdg(images, recipe)
        case _:
            assert_never(recipe)
