"""Which recipes an input is for, by its modality alone."""

from collections.abc import Sequence

from pydicom.dataset import FileDataset

from preprocessing.attributes import word
from preprocessing.picture import Picture
from specs.recipe import FrontalChestRadiograph, ImageRecipe


def is_of_modality(study: Sequence[FileDataset | Picture], recipe: ImageRecipe) -> bool:
    """Tell whether a file is of a modality that a recipe takes; pictures are of radiographs.

    A model of another modality is not asked: that a radiograph is no PET study needs no row.
    """
    accepted = recipe.modalities if isinstance(recipe, FrontalChestRadiograph) else (recipe.series.modality,)
    return any(
        isinstance(recipe, FrontalChestRadiograph) if isinstance(file, Picture) else word(file, "Modality") in accepted
        for file in study
    )
