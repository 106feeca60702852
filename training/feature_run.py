"""A training run of models of features: fit, measure, and leave each graph with what scikit-learn itself answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from specs.classifier import ClassifierSpec, NearestNeighbors
from specs.network import Preset
from specs.stacking import StackedSpec
from specs.weights import DataSet
from training.errors import TooFewToFit
from training.feature_classifiers import (
    FittedClassifier,
    FittedRegression,
    FittedTrees,
    Probabilities,
    chosen,
    fit_classifier,
)
from training.feature_data import FeatureData, FeaturePart, FeatureRows
from training.feature_graphs import classifier_graph, stage_graph
from training.performance import performance
from training.summary import TrainingSummary
from training.tabular_run import GRAPH_FILE, patients_on_splits
from training.training_data import require_both_kinds

_ANSWERS_FILE = "parity.npz"


@dataclass(frozen=True, kw_only=True)
class FittedFindings:
    """What the fitted classifiers answer on the parity set; kept, because no safe format keeps the classifiers.

    Attributes:
        data_set: Name of the set.
        features: In the order of the recipe, shape (studies, features).
        probabilities: Shape (studies,).
        truth: Shape (studies,), of the studies that are no points of a split; those come after them.
    """

    data_set: str
    features: FeatureRows
    probabilities: Probabilities
    truth: NDArray[np.bool_]

    def write(self, folder: Path) -> None:
        """Write them into the folder of a training run."""
        np.savez_compressed(
            folder / _ANSWERS_FILE,
            data_set=np.array(self.data_set),
            features=self.features,
            probabilities=self.probabilities,
            truth=self.truth,
        )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read them from the folder of a training run.

        Raises:
            FileNotFoundError: the folder holds none.
        """
        with np.load(folder / _ANSWERS_FILE) as arrays:
            return cls(
                data_set=str(arrays["data_set"]),
                features=arrays["features"],
                probabilities=arrays["probabilities"],
                truth=arrays["truth"],
            )


@dataclass(frozen=True, kw_only=True)
class FeatureRun:
    """What every run of these models is made of.

    Attributes:
        data: What they are fitted on and measured on.
        parity: Studies that graph and fitted classifier both answer.
        preset: Only a name: these models have one size.
        seed: Of trees and folds.
    """

    data: FeatureData
    parity: FeaturePart
    preset: Preset
    seed: int

    def train_classifier(self, spec: ClassifierSpec, folder: Path) -> tuple[FittedClassifier, TrainingSummary]:
        """Fit a classifier on the training part, measure it on the validation part, and save all in a folder.

        Raises:
            TooFewToFit: the parts cannot be fitted or measured on.
        """
        for part in (self.data.training, self.data.validation):
            require_both_kinds(part.name, part.truth(spec.truth.phantom))
        _require_neighbors(spec, self.data.training.name, len(self.data.training.features))
        fitted = _fitted(spec, self.data.training, seed=self.seed)
        found = answered(spec, fitted, self.data.validation.features)
        summary = self._summary(spec, found, parameters=fitted.parameters)
        asked = np.concatenate([self.parity.features, _on_splits(spec, fitted, self.parity)])
        findings = FittedFindings(
            data_set=_parity_name(self.parity, asked),
            features=asked,
            probabilities=answered(spec, fitted, asked),
            truth=self.parity.truth(spec.truth.phantom),
        )
        _write(folder, classifier_graph(spec, fitted), findings, summary)
        return fitted, summary

    def train_stack(
        self, spec: StackedSpec, members: Mapping[str, ClassifierSpec], folders: Mapping[str, Path]
    ) -> TrainingSummary:
        """Fit the members, then the second stage on what they say of studies that they were not fitted on.

        Args:
            spec: The model.
            members: Its members' own specs, in order.
            folders: Where each run goes, by the name of the model.

        Raises:
            TooFewToFit: the parts cannot be fitted or measured on.
        """
        training = self.data.training
        for member in members.values():
            _require_neighbors(member, training.name, len(training.features) * (spec.folds - 1) // spec.folds)
        fitted = {name: self.train_classifier(member, folders[name])[0] for name, member in members.items()}
        truth = training.truth(spec.truth.phantom)
        votes = _held_out_votes(spec, members, training, seed=self.seed)
        own = chosen(training.features, spec.recipe.places(spec.features))
        stage = fit_classifier(spec.regression, np.column_stack([votes, own]), truth, seed=self.seed)
        if not isinstance(stage, FittedRegression):
            raise TypeError("the second stage is a regression")
        whole = _Stack(spec=spec, members=members, fitted=fitted, stage=stage)
        on_splits = [_on_splits(members[name], each, self.parity) for name, each in fitted.items()]
        asked = np.concatenate([self.parity.features, *on_splits])
        findings = FittedFindings(
            data_set=_parity_name(self.parity, asked),
            features=asked,
            probabilities=whole.probabilities(asked),
            truth=self.parity.truth(spec.truth.phantom),
        )
        parameters = sum(each.parameters for each in (*fitted.values(), stage))
        summary = self._summary(spec, whole.probabilities(self.data.validation.features), parameters=parameters)
        _write(folders[spec.name], stage_graph(spec, stage), findings, summary)
        return summary

    def _summary(self, spec: ClassifierSpec | StackedSpec, found: Probabilities, *, parameters: int) -> TrainingSummary:
        training, validation = self.data.training, self.data.validation
        truth = validation.truth(spec.truth.phantom)
        return TrainingSummary(
            model=spec.name,
            preset=self.preset,
            demonstration=True,
            parameters=parameters,
            data_set=DataSet(
                name=training.name,
                description=self.data.description,
                training_studies=len(training.features),
                validation_studies=len(validation.features),
                seed=training.seed,
            ),
            performance=performance(spec.head, truth.astype(np.float32), found, data_set=validation.name),
        )


def answered(spec: ClassifierSpec, fitted: FittedClassifier, features: FeatureRows) -> Probabilities:
    """Answer for whole rows of the recipe."""
    return fitted.probabilities(chosen(features, spec.recipe.places(spec.features)))


@dataclass(frozen=True, kw_only=True)
class _Stack:
    spec: StackedSpec
    members: Mapping[str, ClassifierSpec]
    fitted: Mapping[str, FittedClassifier]
    stage: FittedRegression

    def probabilities(self, features: FeatureRows) -> Probabilities:
        """Answer for whole rows of the recipe."""
        votes = [
            fitted.log_odds(chosen(features, self.spec.recipe.places(self.members[name].features)))
            for name, fitted in self.fitted.items()
        ]
        own = chosen(features, self.spec.recipe.places(self.spec.features))
        return self.stage.probabilities(np.column_stack([*votes, own]))


def _fitted(spec: ClassifierSpec, part: FeaturePart, *, seed: int) -> FittedClassifier:
    features = chosen(part.features, spec.recipe.places(spec.features))
    return fit_classifier(spec.classifier, features, part.truth(spec.truth.phantom), seed=seed)


def _require_neighbors(spec: ClassifierSpec, part: str, studies: int) -> None:
    """Require that a classifier of neighbors is fitted on as many studies as it asks.

    Raises:
        TooFewToFit: it is not.
    """
    if isinstance(spec.classifier, NearestNeighbors) and studies < spec.classifier.neighbors:
        raise TooFewToFit(part=part, found=f"{studies} studies to fit", needed=f"{spec.classifier.neighbors} studies")


def _held_out_votes(
    spec: StackedSpec, members: Mapping[str, ClassifierSpec], training: FeaturePart, *, seed: int
) -> NDArray[np.float64]:
    """Return the members' log-odds of each fold that they were not fitted on, shape (studies, members)."""
    folds = StratifiedKFold(n_splits=spec.folds, shuffle=True, random_state=seed)
    votes = np.zeros((len(training.features), len(members)))
    for fitted_on, held_out in folds.split(training.features, training.truth(spec.truth.phantom)):
        for place, member in enumerate(members.values()):
            features = chosen(training.features, member.recipe.places(member.features))
            truth = training.truth(member.truth.phantom)
            fitted = fit_classifier(member.classifier, features[fitted_on], truth[fitted_on], seed=seed)
            votes[held_out, place] = fitted.log_odds(features[held_out])
    return votes


def _on_splits(spec: ClassifierSpec, fitted: FittedClassifier, part: FeaturePart) -> FeatureRows:
    """Return studies of which one feature is put on each split of the trees and beside it; none without trees."""
    if not isinstance(fitted, FittedTrees):
        return part.features[:0]
    splits = fitted.split_points()
    places = np.array(spec.recipe.places(spec.features))
    splits[:, 0] = places[splits[:, 0].astype(np.intp)]
    return patients_on_splits(splits, part.features)


def _parity_name(part: FeaturePart, asked: FeatureRows) -> str:
    on_splits = len(asked) - len(part.features)
    return f"{part.name}, and {on_splits} of them with a feature at a split" if on_splits else part.name


def _write(folder: Path, content: bytes, findings: FittedFindings, summary: TrainingSummary) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAPH_FILE).write_bytes(content)
    findings.write(folder)
    summary.write(folder)
