"""A training run of a tabular model: fit, measure, and leave the graph with what scikit-learn itself answers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evaluation.outcome_figures import outcome_performance
from phantoms import Part
from specs.network import Preset
from specs.tabular import TabularSpec
from specs.weights import DataSet
from training.outcome_classifiers import OutcomeClassifiers, classifier_graph, fit_classifiers, require_outcomes
from training.patient_data import PatientData, PatientPart, synthetic_part
from training.summary import TrainingSummary

GRAPH_FILE = "model.onnx"
_ANSWERS_FILE = "parity.npz"
_PARITY_PATIENTS = 500


@dataclass(frozen=True, kw_only=True)
class FittedAnswers:
    """What the fitted classifiers answer on the parity set; kept, because no safe format keeps the classifiers.

    Attributes:
        data_set: Name of the set.
        split_points: How many of its patients were put on a split of a tree or beside it; the last of them.
        features: Shape (patients, variables).
        probabilities: For each output of the graph, shape (patients, outcomes).
    """

    data_set: str
    split_points: int
    features: NDArray[np.float32]
    probabilities: dict[str, NDArray[np.float64]]

    def write(self, folder: Path) -> None:
        """Write them into the folder of a training run."""
        np.savez_compressed(
            folder / _ANSWERS_FILE,
            data_set=np.array(self.data_set),
            split_points=np.array(self.split_points),
            features=self.features,
            **{f"of_{name}": values for name, values in self.probabilities.items()},  # type: ignore[arg-type]  # NumPy 2.4
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
                split_points=int(arrays["split_points"]),
                features=arrays["features"],
                probabilities={
                    name.removeprefix("of_"): arrays[name] for name in arrays.files if name.startswith("of_")
                },
            )


def train_tabular(spec: TabularSpec, preset: Preset, data: PatientData, *, seed: int, folder: Path) -> TrainingSummary:
    """Fit both classifiers, measure them on the validation part, and save graph, answers and summary.

    Args:
        spec: The model.
        preset: Only a name: a tabular model has one size.
        data: What it is fitted on.
        seed: Of the forest.
        folder: Where the results go.

    Raises:
        OutcomeMissing: an outcome happened to fewer than two of a part.
    """
    require_outcomes(spec, data.validation)
    classifiers = fit_classifiers(spec, data.training, seed=seed)
    summary = TrainingSummary(
        model=spec.name,
        preset=preset,
        demonstration=data.demonstration,
        parameters=classifiers.parameters,
        data_set=DataSet(
            name=data.name,
            description=data.description,
            training_studies=data.training.truth.size,
            validation_studies=data.validation.truth.size,
            seed=data.seed,
        ),
        performance=outcome_performance(
            spec.head,
            data.validation.truth,
            classifiers.probabilities(data.validation.features),
            data_set=data.validation.name,
        ),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAPH_FILE).write_bytes(classifier_graph(classifiers))
    fitted_answers(classifiers, synthetic_part(spec, Part.PARITY, count=_PARITY_PATIENTS)).write(folder)
    summary.write(folder)
    return summary


def fitted_answers(classifiers: OutcomeClassifiers, part: PatientPart) -> FittedAnswers:
    """Answer for patients, and for patients of whom one variable is put on each split of the trees and beside it.

    A split compares in float64 what the graph compares in float32: the value of the split in float32 and its two
    neighbors are where the two could differ.
    """
    on_splits = patients_on_splits(classifiers.split_points(), part.features)
    features = np.concatenate([part.features, on_splits])
    return FittedAnswers(
        data_set=part.name,
        split_points=len(on_splits),
        features=features,
        probabilities=dict(classifiers.probabilities(features)),
    )


def patients_on_splits(splits: NDArray[np.float64], patients: NDArray[np.float32]) -> NDArray[np.float32]:
    """Put one variable of a patient on a split in float32, and on the next float32 below and above.

    Args:
        splits: Pairs (variable, threshold), shape (splits, 2).
        patients: Taken in turn, shape (patients, variables).

    Returns:
        Shape (3 x splits, variables).
    """
    variables, thresholds = splits[:, 0].astype(np.intp), splits[:, 1].astype(np.float32)
    moved = []
    for values in (
        thresholds,
        np.nextafter(thresholds, np.float32(-np.inf)),
        np.nextafter(thresholds, np.float32(np.inf)),
    ):
        rows = patients[np.arange(len(splits)) % len(patients)].copy()
        rows[np.arange(len(splits)), variables] = values
        moved.append(rows)
    return np.concatenate(moved)
