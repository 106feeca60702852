"""Contributions of variables: exact, against shap's own explainers and closed forms."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from evaluation.shapley import MOST_VARIABLES, combinations, shapley_values

Rows = NDArray[np.float32]


@pytest.fixture(scope="module")
def tree_explainer() -> Any:
    """Return the explainer of trees of shap; importing shap 0.51 warns of what matplotlib 3.11 will leave out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from shap import TreeExplainer
    return TreeExplainer


def rows(count: int, variables: int, *, seed: int) -> Rows:
    return np.random.default_rng(seed).normal(size=(count, variables)).astype(np.float32)


def test_a_linear_answer_has_the_closed_form() -> None:
    background, row = rows(9, 6, seed=1), rows(1, 6, seed=2)[0]
    coefficients = np.random.default_rng(3).normal(size=(6, 2))
    found = shapley_values(lambda given: given @ coefficients, row, background)
    expected = coefficients * (row - background.mean(axis=0))[:, np.newaxis]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_forest_has_what_the_tree_explainer_finds(tree_explainer: Any) -> None:
    features = rows(200, 5, seed=4)
    truth = (features[:, 0] * features[:, 1] + features[:, 2] > 0).astype(int) + (features[:, 3] > 1)
    forest = RandomForestClassifier(n_estimators=10, max_depth=5, random_state=0).fit(features, truth)
    background, row = features[:12], features[100]
    explainer = tree_explainer(forest, data=background, feature_perturbation="interventional")
    expected = explainer.shap_values(row[np.newaxis], check_additivity=False)[0]
    found = shapley_values(forest.predict_proba, row, background)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@given(seed=st.integers(0, 1000))
def test_contributions_add_up_and_a_variable_without_effect_has_none(seed: int) -> None:
    background, row = rows(4, 5, seed=seed), rows(1, 5, seed=seed + 1)[0]

    def answer(given: Rows) -> NDArray[np.float64]:
        answers: NDArray[np.float64] = np.sin(given[:, :1] * given[:, 1:2]) + np.exp(given[:, 2:3] - given[:, 3:4])
        return answers

    found = shapley_values(answer, row, background)
    np.testing.assert_allclose(
        found.sum(axis=0), answer(row[np.newaxis])[0] - answer(background).mean(axis=0), atol=1e-5
    )
    assert found[4] == pytest.approx(0.0, abs=1e-6)


def test_two_variables_that_do_the_same_share_alike() -> None:
    found = shapley_values(
        lambda given: np.maximum(given[:, :1], given[:, 1:2]).astype(np.float64),
        np.array([1.0, 1.0, 5.0], dtype=np.float32),
        np.zeros((3, 3), dtype=np.float32),
    )
    assert found[:, 0].tolist() == pytest.approx([0.5, 0.5, 0.0])


def test_every_combination_stands_once_at_the_place_of_its_bits() -> None:
    members = combinations(4)
    assert len({tuple(row) for row in members.tolist()}) == 16
    assert members[5].tolist() == [True, False, True, False]


def test_too_many_variables_are_refused() -> None:
    row = np.zeros(MOST_VARIABLES + 1, dtype=np.float32)
    with pytest.raises(ValueError, match="too many combinations"):
        shapley_values(lambda given: given.astype(np.float64), row, row[np.newaxis])
