"""Folds of phantoms leave out each of them once, and data too few to be fitted or measured on are refused."""

from pathlib import Path

import numpy as np
import pytest

from phantoms import Part, pet_cohort
from specs.head import FindingProbability
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import NetworkSpec
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from tests.specs.quantity import MAPPED_AGE
from tests.training.tiny import silent_progress
from training.errors import TooFewToFit
from training.prepared_part import ChosenPixels, PreparedPart
from training.training_data import TrainingData, leaving_out_each, phantom_folds

COUNT = 26


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepared phantoms, kept between the tests."""
    return tmp_path_factory.mktemp("folded")


@pytest.mark.parametrize("folds", [2, 3, 5])
def test_each_phantom_is_left_out_once_and_folds_are_alike(spec: NetworkSpec, cache: Path, folds: int) -> None:
    turns = phantom_folds(spec, phantoms=COUNT, folds=folds, cache=cache, progress=silent_progress)
    assert len(turns) == folds
    whole = {pixels.tobytes() for turn in turns for pixels in turn.validation.pixels[:]}
    assert len(whole) == COUNT
    for turn in turns:
        fitted = {pixels.tobytes() for pixels in turn.training.pixels[:]}
        measured = {pixels.tobytes() for pixels in turn.validation.pixels[:]}
        assert fitted | measured == whole
        assert not fitted & measured
        assert turn.training.measurements.shape == (len(fitted), len(spec.training.phantom_measurements))
        assert turn.demonstration
    sizes = [turn.validation.truth.size for turn in turns]
    assert max(sizes) - min(sizes) <= 1
    means = [float(turn.validation.truth.mean()) for turn in turns]
    truth = np.concatenate([turn.validation.truth for turn in turns])
    if isinstance(spec.head, FindingProbability):
        positives = [float(turn.validation.truth.sum()) for turn in turns]
        assert max(positives) - min(positives) <= 1
    else:
        assert max(means) - min(means) < np.ptp(truth) / min(sizes)


@pytest.mark.slow
def test_folds_of_volumes_have_as_many_with_the_finding(cache: Path) -> None:
    turns = phantom_folds(SARCOIDOSIS_LYMPHOMA, phantoms=COUNT, folds=5, cache=cache, progress=silent_progress)
    positives = [int(turn.validation.truth.sum()) for turn in turns]
    assert sum(positives) == sum(phantom.truth.sarcoidosis for phantom in pet_cohort(Part.TRAINING, count=COUNT))
    assert max(positives) - min(positives) <= 1
    assert all("whole-body FDG PET" in turn.description for turn in turns)


def test_a_turn_says_which_fold_it_leaves_out() -> None:
    turns = leaving_out_each(
        [np.array([0, 3]), np.array([1, 2])], studies([0, 1, 0, 1]), description="drawn", patients_sha256="0" * 64
    )
    assert [turn.description for turn in turns] == ["drawn; without fold 1 of 2", "drawn; without fold 2 of 2"]
    assert {turn.name for turn in turns} == {"some studies"}
    assert {turn.seen_patients_sha256 for turn in turns} == {"0" * 64}
    assert turns[0].validation.name == "some studies, fold 1 of 2"
    assert turns[0].training.truth.tolist() == [1, 0]
    assert not turns[0].demonstration


def studies(truth: list[float]) -> PreparedPart:
    return PreparedPart(
        name="some studies",
        seed=0,
        pixels=ChosenPixels.all_of(np.zeros((len(truth), 1, 2, 2), dtype=np.uint8)),
        truth=np.array(truth, dtype=np.float32),
        measurements=np.empty((len(truth), 0), dtype=np.float32),
    )


def data(training: list[float], validation: list[float]) -> TrainingData:
    return TrainingData(
        name="some studies",
        description="drawn",
        demonstration=False,
        seed=0,
        training=studies(training),
        validation=studies(validation),
    )


ENOUGH = [0.0, 1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("spec", "few", "said"),
    [
        (MITRAL_REGURGITATION, [0, 0, 0, 1], "it has 1 with the finding and 3 without"),
        (MITRAL_REGURGITATION, [1, 1, 1, 0], "it has 3 with the finding and 1 without"),
        (MITRAL_REGURGITATION, [], "it has 0 with the finding and 0 without"),
        (MAPPED_AGE, [60, 61], "studies: 2, different values among them: 2"),
        (MAPPED_AGE, [60, 60, 60], "studies: 3, different values among them: 1"),
        (MAPPED_AGE, [], "studies: 0, different values among them: 0"),
    ],
)
def test_too_few_studies_in_either_part_are_refused(spec: NetworkSpec, few: list[float], said: str) -> None:
    data(ENOUGH, ENOUGH).require_enough(spec.head)
    for unusable in (data(few, ENOUGH), data(ENOUGH, few)):
        with pytest.raises(TooFewToFit, match=said):
            unusable.require_enough(spec.head)
