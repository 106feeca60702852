"""Two classifiers of outcomes: what is exported answers like what was fitted, and shows what the source shows."""

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from phantoms import HeartFailureOutcome, Part
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME as SPEC
from tests.training.fitted_outcomes import fitted, patients
from training.errors import OutcomeMissing
from training.outcome_classifiers import FOREST, REGRESSION, OutcomeClassifiers, classifier_graph, fit_classifiers
from training.patient_data import PatientPart
from training.tabular_run import patients_on_splits

AGREEMENT = 1e-6
RATIOS = np.arange(1.1, 3.3, 0.05, dtype=np.float32)
LATE_HM_RATIO, NYHA_CLASS = SPEC.recipe.names.index("late_hm_ratio"), SPEC.recipe.names.index("nyha_class")

Features = NDArray[np.float32]


def answers(content: bytes, features: Features) -> dict[str, NDArray[np.float64]]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    found = session.run([REGRESSION, FOREST], {SPEC.recipe.input.name: features})
    return dict(zip((REGRESSION, FOREST), (values.astype(np.float64) for values in found), strict=True))


@pytest.fixture(scope="module")
def graph() -> bytes:
    return classifier_graph(fitted())


def test_the_graph_answers_like_scikit_learn_on_patients_it_has_not_seen(graph: bytes) -> None:
    features = patients(Part.TEST).features
    expected = fitted().probabilities(features)
    for name, found in answers(graph, features).items():
        np.testing.assert_allclose(found, expected[name], rtol=0, atol=AGREEMENT)
        np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=0, atol=1e-5)


def test_the_graph_answers_like_scikit_learn_on_every_split_and_beside_it(graph: bytes) -> None:
    splits = fitted().split_points()
    rows = patients_on_splits(splits, patients(Part.PARITY).features)
    assert len(rows) == 3 * len(splits) > 1000
    expected = fitted().probabilities(rows)
    for name, found in answers(graph, rows).items():
        np.testing.assert_allclose(found, expected[name], rtol=0, atol=AGREEMENT)
    moved = expected[FOREST][: len(splits)] != expected[FOREST][2 * len(splits) :]
    assert moved.any(), "no split was crossed, so nothing was compared at one"


def test_the_same_seed_gives_the_same_bytes(graph: bytes) -> None:
    again = fit_classifiers(SPEC, patients(Part.TRAINING), seed=0)
    assert classifier_graph(again) == graph


def test_rows_of_a_batch_do_not_touch_each_other(graph: bytes) -> None:
    features = patients(Part.TEST).features[:40]
    together = answers(graph, features)
    for place in (0, 17, 39):
        alone = answers(graph, features[place : place + 1])
        for name, found in alone.items():
            np.testing.assert_allclose(found[0], together[name][place], rtol=0, atol=AGREEMENT)


def test_an_outcome_that_nobody_had_cannot_be_learned() -> None:
    part = patients(Part.TRAINING)
    lacking = part.truth != HeartFailureOutcome.ARRHYTHMIC_EVENT
    with pytest.raises(OutcomeMissing, match="fewer than two patients had arrhythmic_event"):
        fit_classifiers(SPEC, PatientPart(name="x", features=part.features[lacking], truth=part.truth[lacking]), seed=0)


def mean_curve(classifiers: OutcomeClassifiers, name: str, outcome: HeartFailureOutcome) -> NDArray[np.float64]:
    """Return the mean probability of held-out patients of class III as their H/M ratio is changed."""
    features = patients(Part.TEST).features
    third = features[features[:, NYHA_CLASS] == 3]
    curve = []
    for ratio in RATIOS:
        third[:, LATE_HM_RATIO] = ratio
        curve.append(classifiers.probabilities(third)[name][:, outcome].mean())
    return np.array(curve)


def require_bell(curve: NDArray[np.float64], *, rise: float) -> None:
    """Require a peak at a ratio of 1.5 to 2.0 that exceeds both ends by a factor."""
    assert 1.5 <= RATIOS[curve.argmax()] <= 2.0
    assert curve.max() > rise * max(curve[0], curve[-1])


def test_the_regression_has_the_bell_of_arrhythmic_events_in_class_three() -> None:
    require_bell(mean_curve(fitted(), REGRESSION, HeartFailureOutcome.ARRHYTHMIC_EVENT), rise=1.2)


def test_the_forest_has_it_on_a_tenfold_cohort() -> None:
    """Its leaves hold many patients, which flattens both ends."""
    require_bell(mean_curve(fitted(5260), FOREST, HeartFailureOutcome.ARRHYTHMIC_EVENT), rise=1.1)


@pytest.mark.parametrize("name", [REGRESSION, FOREST])
def test_heart_failure_death_falls_as_the_ratio_rises(name: str) -> None:
    curve = mean_curve(fitted(), name, HeartFailureOutcome.HEART_FAILURE_DEATH)
    assert np.diff(curve).max() < 0.02  # a forest has steps
    assert curve[0] > 2 * curve[-1]
