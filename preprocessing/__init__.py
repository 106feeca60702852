"""Study or record -> input tensor: eligibility, decoding, grayscale, units. The same code prepares for training."""

from collections.abc import Sequence
from typing import assert_never, overload

from pydicom.dataset import FileDataset

from preprocessing.clinical_features import PreparedRecord, prepare_record
from preprocessing.clinical_record import ClinicalRecord, Given
from preprocessing.eligibility import NotEligible
from preprocessing.fdg_projections import prepare_fdg
from preprocessing.identity import Identity
from preprocessing.measurement import Measurement
from preprocessing.mibg_study import prepare_mibg
from preprocessing.perfusion_study import prepare_perfusion
from preprocessing.picture import Picture
from preprocessing.prepared import Placement, Prepared, PreparedFeatures, PreparedStudy
from preprocessing.prepared_volumes import PreparedMibg, PreparedPerfusion, PreparedVolumes
from preprocessing.radiograph import prepare_picture, prepare_radiograph
from preprocessing.striatal_study import prepare_striatal_features, prepare_striatal_image
from specs.fdg_projections import FdgProjections
from specs.mibg_volumes import MibgVolumes
from specs.perfusion_slices import PerfusionSlices
from specs.recipe import AnswerRecipe, FrontalChestRadiograph, ImageRecipe, PixelRecipe, StudyRecipe, VolumeRecipe
from specs.striatal_recipes import StriatalFeatures, StriatalImage
from specs.told import NOTHING_TOLD, Told

__all__ = [
    "ClinicalRecord",
    "Given",
    "Identity",
    "Measurement",
    "NotEligible",
    "Picture",
    "Placement",
    "Prepared",
    "PreparedFeatures",
    "PreparedMibg",
    "PreparedPerfusion",
    "PreparedRecord",
    "PreparedStudy",
    "PreparedVolumes",
    "Study",
    "prepare",
    "prepare_record",
]


Study = FileDataset | Picture
"""One file of an input: a DICOM data set, or a picture of a research set."""


@overload
def prepare(study: Study | tuple[Study, ...], recipe: PixelRecipe) -> Prepared | NotEligible: ...


@overload
def prepare(study: Study | tuple[Study, ...], recipe: StriatalFeatures) -> PreparedFeatures | NotEligible: ...


@overload
def prepare(
    study: Study | tuple[Study, ...], recipe: VolumeRecipe, told: Told = NOTHING_TOLD
) -> PreparedVolumes | NotEligible: ...


@overload
def prepare(study: Study | tuple[Study, ...], recipe: AnswerRecipe) -> Prepared | PreparedFeatures | NotEligible: ...


@overload
def prepare(
    study: Study | tuple[Study, ...], recipe: ImageRecipe, told: Told = NOTHING_TOLD
) -> PreparedStudy | NotEligible: ...


def prepare(
    study: Study | tuple[Study, ...], recipe: ImageRecipe, told: Told = NOTHING_TOLD
) -> PreparedStudy | NotEligible:
    """Carry out a recipe on a data set, on a picture of a research set, or on the data sets of one study.

    A recipe of one image takes the first: a study of several files holds volumes, which it refuses.

    Args:
        study: What is prepared.
        recipe: How.
        told: What a person says of series, for a recipe of both states; it overrides headers and images.

    Returns:
        The input tensor, or the reasons why the recipe does not accept the input.

    Raises:
        InputError: the input is broken.
    """
    files = study if isinstance(study, tuple) else (study,)
    match recipe:
        case FrontalChestRadiograph():
            image = files[0]
            return prepare_picture(image, recipe) if isinstance(image, Picture) else prepare_radiograph(image, recipe)
        case FdgProjections() | StriatalFeatures() | StriatalImage() | PerfusionSlices() | MibgVolumes():
            images = [file for file in files if not isinstance(file, Picture)]
            if not images:
                reason = f"it is no DICOM file: no slice of a series of modality {recipe.series.modality}"
                return NotEligible(identity=Identity(), reasons=(reason,))
            return _prepare_slices(images, recipe, told)
        case _:
            assert_never(recipe)


def _prepare_slices(study: Sequence[FileDataset], recipe: StudyRecipe, told: Told) -> PreparedStudy | NotEligible:
    match recipe:
        case FdgProjections():
            return prepare_fdg(study, recipe)
        case StriatalFeatures():
            return prepare_striatal_features(study, recipe)
        case StriatalImage():
            return prepare_striatal_image(study, recipe)
        case PerfusionSlices():
            return prepare_perfusion(study, recipe, told)
        case MibgVolumes():
            return prepare_mibg(study, recipe)
        case _:
            assert_never(recipe)
