"""The thumbnail regression fitted on training phantoms and asked about the studies that a model was measured on."""

from typing import assert_never

import numpy as np

from phantoms import Part
from specs.contract import ImageSpec
from specs.head import FindingProbability, MeasuredQuantity
from training.phantom_data import prepared_phantoms
from tricorder.evaluation_report import ThumbnailAnswers, Values
from tricorder.evaluation_run import ScoredStudies
from tricorder.places import PHANTOM_CACHE
from tricorder.terminal import progress_bar


def thumbnail_answers(spec: ImageSpec, scored: ScoredStudies, *, training_studies: int) -> ThumbnailAnswers:
    """Fit on phantoms of the training part, and answer for every scored study. Needs the extra `report`.

    Args:
        spec: The model that the regression stands in for.
        scored: Phantoms with their input tensors.
        training_studies: How many phantoms to fit on; those that were prepared for training are read back.
    """
    from evaluation.thumbnail import thumbnails

    with progress_bar() as bar:
        part = prepared_phantoms(Part.TRAINING, spec, count=training_studies, cache=PHANTOM_CACHE, progress=bar)
    seen, asked = (
        thumbnails(pixels)
        for pixels in (part.pixels[:], [study.pixels for study in scored.studies if study.pixels is not None])
    )
    return ThumbnailAnswers(
        values=_fitted(spec, seen, part.truth.astype(np.float64), asked), training_studies=training_studies
    )


def _fitted(spec: ImageSpec, seen: Values, truth: Values, asked: Values) -> Values:
    from evaluation.thumbnail import thumbnail_probabilities, thumbnail_values

    match spec.head:
        case FindingProbability():
            return thumbnail_probabilities(seen, truth > 0, asked)
        case MeasuredQuantity():
            return thumbnail_values(seen, truth, asked)
        case _:
            assert_never(spec.head)
