"""Input tensors of any model, prepared from phantoms as the client prepares a user's studies."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.progress import Progress

from client.engine import TensorValue
from phantoms import (
    ImageCohort,
    Part,
    VolumeCohort,
    image_cohort,
    patient_cohort,
    volume_cohort,
    write_patients,
    write_phantom,
)
from preprocessing import NotEligible, PreparedRecord, PreparedStudy
from preprocessing.clinical_table import prepare_row, read_table
from preprocessing.prepared_input import Outcome, prepare_files
from specs.clinical_variables import ClinicalVariables
from specs.errors import TricorderError
from specs.recipe import AnswerRecipe, ImageRecipe, Recipe


def prepared_tensors(recipe: Recipe, *, count: int, progress: Progress) -> list[TensorValue]:
    """Prepare the first held-out phantoms for a recipe.

    Args:
        recipe: Of the model.
        count: How many studies or patients.
        progress: Where a bar is shown.

    Returns:
        One tensor a study, with a batch axis of 1.
    """
    task = progress.add_task("preparing inputs", total=count)
    tensors = []
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
        for prepared in _prepared(recipe, count, Path(folder)):
            tensors.append(np.asarray(prepared.tensor)[np.newaxis])
            progress.advance(task)
    return tensors


def cohort_of(recipe: ImageRecipe, *, count: int) -> ImageCohort | VolumeCohort:
    """Return the held-out phantoms that a recipe is for."""
    if isinstance(recipe, AnswerRecipe):
        return image_cohort(Part.TEST, recipe, count=count)
    return volume_cohort(Part.TEST, recipe, count=count)


def _prepared(recipe: Recipe, count: int, folder: Path) -> Iterator[PreparedStudy | PreparedRecord]:
    if isinstance(recipe, ClinicalVariables):
        for row in read_table(write_patients(folder / "patients.csv", patient_cohort(Part.TEST, count=count))):
            if isinstance(row.record, TricorderError):
                raise row.record
            yield _eligible(prepare_row(row.record, recipe))
        return
    for phantom in cohort_of(recipe, count=count):
        found = prepare_files(write_phantom(phantom, folder / "phantom"), [recipe])
        if found.error is not None:
            raise found.error
        yield _eligible(found.prepared[0])


def _eligible(outcome: Outcome | PreparedRecord | None) -> PreparedStudy | PreparedRecord:
    if isinstance(outcome, TricorderError):
        raise outcome
    if outcome is None or isinstance(outcome, NotEligible):
        raise ValueError("a phantom is not eligible for its own model")
    return outcome
