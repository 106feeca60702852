"""Input tensors of any model, prepared from phantoms as the client prepares a user's studies."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.progress import Progress

from benchmarks.errors import NotOfTheJob
from client.engine import Engine, ServedModel, TensorValue
from client.interpretation import wanted_outputs
from client.sources import Source
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
        for tensor in _tensors(recipe, count, Path(folder)):
            tensors.append(tensor)
            progress.advance(task)
    return tensors


Answered = Callable[[int], Mapping[str, TensorValue]]
"""Answers the request of a number with output tensors by name."""


def asked_in_turn(engine: Engine, model: ServedModel, tensors: Sequence[TensorValue]) -> Answered:
    """Return what asks a model about one of the tensors by a number, for whatever comes without a heat map."""
    outputs, name = wanted_outputs(model, heat_map=False), model.contract.spec.recipe.input.name
    return lambda number: engine.infer(model, {name: tensors[number % len(tensors)]}, outputs)


def prepared_tensor(source: Source, recipe: ImageRecipe) -> TensorValue:
    """Prepare one input, in this process; the tensor has a batch axis of 1.

    Raises:
        TricorderError: the input is broken.
        NotOfTheJob: it is not eligible.
    """
    found = prepare_files(source.files, [recipe])
    if found.error is not None:
        raise found.error
    return np.asarray(_eligible(found.prepared[0]).tensor)[np.newaxis]


def cohort_of(recipe: ImageRecipe, *, count: int) -> ImageCohort | VolumeCohort:
    """Return the held-out phantoms that a recipe is for."""
    if isinstance(recipe, AnswerRecipe):
        return image_cohort(Part.TEST, recipe, count=count)
    return volume_cohort(Part.TEST, recipe, count=count)


def _tensors(recipe: Recipe, count: int, folder: Path) -> Iterator[TensorValue]:
    if isinstance(recipe, ClinicalVariables):
        for row in read_table(write_patients(folder / "patients.csv", patient_cohort(Part.TEST, count=count))):
            if isinstance(row.record, TricorderError):
                raise row.record
            yield np.asarray(_eligible(prepare_row(row.record, recipe)).tensor)[np.newaxis]
        return
    for phantom in cohort_of(recipe, count=count):
        first, *others = write_phantom(phantom, folder / f"phantom_{phantom.index}")
        yield prepared_tensor(Source(path=first, name=first.name, others=tuple(others)), recipe)


def _eligible(outcome: Outcome | PreparedRecord | None) -> PreparedStudy | PreparedRecord:
    if isinstance(outcome, TricorderError):
        raise outcome
    if outcome is None or isinstance(outcome, NotEligible):
        raise NotOfTheJob(reason="it is of another modality" if outcome is None else outcome.reason)
    return outcome
