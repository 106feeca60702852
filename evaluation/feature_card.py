"""What the contract of a model of features says, part by part, as rows for its card."""

from collections.abc import Iterator
from typing import assert_never

from evaluation.markdown import code
from specs.classifier import ClassifierSpec, FeatureClassifier, GradientBoosting, LogisticRegressor, NearestNeighbors
from specs.stacking import StackedSpec

Row = tuple[str, ...]
"""Cells of text."""


def feature_classifier_rows(spec: ClassifierSpec) -> Iterator[Row]:
    """Yield classifier and features."""
    yield "classifier", _described(spec.classifier)
    yield "features", _named(spec.features)


def stack_rows(spec: StackedSpec) -> Iterator[Row]:
    """Yield both stages."""
    yield "first stage", f"{len(spec.members)} classifiers"
    yield "second stage", f"{_described(spec.regression)} of their log-odds and of {_named(spec.features)}"
    yield "fitted on", f"what members say of folds that they were not fitted on, {spec.folds} folds"


def _named(features: tuple[str, ...]) -> str:
    return ", ".join(code(feature) for feature in features)


def _described(classifier: FeatureClassifier) -> str:
    match classifier:
        case GradientBoosting():
            return (
                f"gradient boosting: {classifier.trees} trees, at most {classifier.deepest} splits deep, learning rate "
                f"{classifier.learning_rate:g}, each of {classifier.row_share:.0%} of the studies"
            )
        case NearestNeighbors():
            return (
                f"the {classifier.neighbors} nearest neighbors, each with one vote, on standardized features; for "
                f"log-odds {classifier.extra_votes:g} votes are added to either side"
            )
        case LogisticRegressor():
            terms = "" if classifier.degree == 1 else ", their squares and products"
            penalty = f"inverse penalty {classifier.inverse_penalty:g}"
            return f"logistic regression on standardized features{terms}, {penalty}"
        case _:
            assert_never(classifier)
