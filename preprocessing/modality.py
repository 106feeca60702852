"""Which recipes an input is for, by its modality and its radiopharmaceutical."""

from collections.abc import Sequence

from pydicom.dataset import FileDataset

from preprocessing.attributes import word
from preprocessing.picture import Picture
from preprocessing.tracer import is_of_tracer
from specs.recipe import FrontalChestRadiograph, ImageRecipe, StudyRecipe


def meant_recipes(study: Sequence[FileDataset | Picture], recipes: Sequence[ImageRecipe]) -> tuple[ImageRecipe, ...]:
    """Return the recipes that an input is for; all where it is for none, so that each says why not.

    Of those of its modality, where the study says which radiopharmaceutical was given and some take it, these alone:
    that a study of the brain is none of the heart needs no row.
    """
    of_modality = [recipe for recipe in recipes if is_of_modality(study, recipe)]
    images = [file for file in study if not isinstance(file, Picture)]
    of_tracer = [
        recipe for recipe in of_modality if isinstance(recipe, StudyRecipe) and is_of_tracer(images, recipe.tracer)
    ]
    return tuple(of_tracer or of_modality or recipes)


def is_of_modality(study: Sequence[FileDataset | Picture], recipe: ImageRecipe) -> bool:
    """Tell whether a file is of a modality that a recipe takes; pictures are of radiographs.

    A model of another modality is not asked: that a radiograph is no PET study needs no row.
    """
    accepted = recipe.modalities if isinstance(recipe, FrontalChestRadiograph) else (recipe.series.modality,)
    return any(
        isinstance(recipe, FrontalChestRadiograph) if isinstance(file, Picture) else word(file, "Modality") in accepted
        for file in study
    )
