"""Classifiers of features: fitted with scikit-learn, asked with scikit-learn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from specs.classifier import FeatureClassifier, GradientBoosting, LogisticRegressor, NearestNeighbors

ChosenFeatures = NDArray[np.float32] | NDArray[np.float64]
"""Shape (studies, features): those that the classifier takes, in its order."""

LogOdds = NDArray[np.float64]
"""Of the finding, shape (studies,)."""

Probabilities = NDArray[np.float64]
"""Of the finding, shape (studies,)."""


@dataclass(frozen=True, kw_only=True)
class FittedTrees:
    """Gradient-boosted trees."""

    model: Any

    @property
    def parameters(self) -> int:
        """Number of nodes."""
        return sum(int(tree.tree_.node_count) for tree in self.model.estimators_[:, 0])

    def probabilities(self, features: ChosenFeatures) -> Probabilities:
        """Answer with scikit-learn."""
        return _of_finding(self.model, features)

    def log_odds(self, features: ChosenFeatures) -> LogOdds:
        """Answer with scikit-learn."""
        found: LogOdds = np.asarray(self.model.decision_function(features), np.float64)
        return found

    def split_points(self) -> NDArray[np.float64]:
        """Return each different split as (place of the feature, threshold), shape (splits, 2)."""
        trees = [tree.tree_ for tree in self.model.estimators_[:, 0]]
        pairs = np.concatenate([np.stack([tree.feature, tree.threshold], axis=1)[tree.feature >= 0] for tree in trees])
        unique: NDArray[np.float64] = np.unique(pairs, axis=0)
        return unique


@dataclass(frozen=True, kw_only=True)
class FittedNeighbors:
    """Nearest neighbors among standardized studies; `studies` has shape (studies, features), `labels` (studies,)."""

    scaler: Any
    model: Any
    studies: NDArray[np.float64]
    labels: NDArray[np.bool_]
    extra_votes: float

    @property
    def parameters(self) -> int:
        """Number of values that are kept."""
        return int(self.studies.size + self.labels.size)

    def probabilities(self, features: ChosenFeatures) -> Probabilities:
        """Answer with scikit-learn."""
        return _of_finding(self.model, self.scaler.transform(features.astype(np.float64)))

    def log_odds(self, features: ChosenFeatures) -> LogOdds:
        """Answer from what scikit-learn says, with the extra votes."""
        count = self.model.n_neighbors
        share = self.probabilities(features)
        log_odds: LogOdds = np.log((share * count + self.extra_votes) / ((1 - share) * count + self.extra_votes))
        return log_odds


@dataclass(frozen=True, kw_only=True)
class FittedRegression:
    """A logistic regression of standardized features and, of a second degree, of their squares and products."""

    scaler: Any
    terms: Any
    model: Any

    @property
    def parameters(self) -> int:
        """Number of coefficients."""
        return int(self.model.coef_.size + self.model.intercept_.size)

    def probabilities(self, features: ChosenFeatures) -> Probabilities:
        """Answer with scikit-learn."""
        return _of_finding(self.model, self._terms(features))

    def log_odds(self, features: ChosenFeatures) -> LogOdds:
        """Answer with scikit-learn."""
        found: LogOdds = self.model.decision_function(self._terms(features))
        return found

    def _terms(self, features: ChosenFeatures) -> NDArray[np.float64]:
        found: NDArray[np.float64] = self.terms.transform(self.scaler.transform(features.astype(np.float64)))
        return found


FittedClassifier = FittedTrees | FittedNeighbors | FittedRegression
"""The closed union of what `fit_classifier` returns."""


def fit_classifier(
    declared: FeatureClassifier, features: ChosenFeatures, truth: NDArray[np.bool_], *, seed: int
) -> FittedClassifier:
    """Fit a classifier.

    Args:
        declared: Which one, with its settings.
        features: Shape (studies, features).
        truth: Shape (studies,); with and without the finding.
        seed: Of the trees' samples.
    """
    match declared:
        case GradientBoosting():
            trees = GradientBoostingClassifier(
                n_estimators=declared.trees,
                max_depth=declared.deepest,
                learning_rate=declared.learning_rate,
                subsample=declared.row_share,
                random_state=seed,
            )
            return FittedTrees(model=trees.fit(features, truth))
        case NearestNeighbors():
            scaler = StandardScaler().fit(features.astype(np.float64))
            studies = scaler.transform(features.astype(np.float64))
            # a tree takes differences before it squares them, as the graph does; brute force expands the square
            neighbors = KNeighborsClassifier(n_neighbors=declared.neighbors, weights="uniform", algorithm="kd_tree")
            return FittedNeighbors(
                scaler=scaler,
                model=neighbors.fit(studies, truth),
                studies=studies,
                labels=truth,
                extra_votes=declared.extra_votes,
            )
        case LogisticRegressor():
            scaler = StandardScaler().fit(features.astype(np.float64))
            terms = PolynomialFeatures(declared.degree, include_bias=False)
            regression = LogisticRegression(C=declared.inverse_penalty, max_iter=1000, tol=1e-8)
            regression.fit(terms.fit_transform(scaler.transform(features.astype(np.float64))), truth)
            return FittedRegression(scaler=scaler, terms=terms, model=regression)
        case _:
            assert_never(declared)


def _of_finding(model: Any, features: NDArray[Any]) -> Probabilities:
    probabilities: Probabilities = np.asarray(model.predict_proba(features), np.float64)[:, 1]
    return probabilities


def chosen(features: NDArray[np.float32], places: Sequence[int]) -> NDArray[np.float32]:
    """Take the features at some places of the recipe's tensor."""
    return features[:, list(places)]
