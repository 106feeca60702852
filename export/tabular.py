"""From the training run of a tabular model to its repository entry, through the parity gate."""

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from export.entry import write_entry
from export.finished_run import finished_run
from export.parity import require_parity
from export.run import EntryVersion
from export.weights_record import TABULAR_PACKAGES, provenance, weights_record
from specs.deployment import Engine
from specs.network import Preset
from specs.tabular import TabularSpec
from specs.weights import OutcomeParity, WeightsRecord
from training.summary import TrainingSummary
from training.tabular_run import GRAPH_FILE, FittedAnswers


def export_tabular(spec: TabularSpec, preset: Preset, *, weights: Path, target: EntryVersion) -> WeightsRecord:
    """Compare the graph with what scikit-learn answered and write it as one version of its entry.

    Args:
        spec: The model.
        preset: The name that the training run was given.
        weights: Folder that the training run left.
        target: Where it goes.

    Raises:
        NotTrained: the folder holds no training run of that preset.
        ParityFailed: the graph is too far from the fitted classifiers; nothing is written.
    """
    (content, answers), summary = finished_run(spec, preset, lambda: _left(weights))
    figures = outcome_parity(answers, content, spec)
    require_parity(figures, spec)
    made = provenance(parameters=summary.parameters, packages=TABULAR_PACKAGES)
    record = weights_record(summary, content, version=target.resolved(spec.name), figures=figures, made=made)
    write_entry(target.repository, spec, record, content)
    return record


def _left(folder: Path) -> tuple[tuple[bytes, FittedAnswers], TrainingSummary]:
    """Read graph and answers of a training run, and its summary.

    Raises:
        FileNotFoundError: a file is missing.
    """
    summary = TrainingSummary.read(folder)
    return ((folder / GRAPH_FILE).read_bytes(), FittedAnswers.read(folder)), summary


def outcome_parity(answers: FittedAnswers, content: bytes, spec: TabularSpec) -> OutcomeParity:
    """Run the graph on the patients whom the fitted classifiers answered for, and compare."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    outputs = {tensor.name: _run(session, answers.features, tensor.name, spec) for tensor in spec.outputs}
    fitted = {
        classifier.probabilities.name: answers.probabilities[classifier.name] for classifier in spec.head.classifiers
    }
    return OutcomeParity(
        engine=Engine.ONNXRUNTIME,
        data_set=answers.data_set,
        patients=len(answers.features),
        split_points=answers.split_points,
        probability_shift=max(float(np.abs(outputs[name] - fitted[name]).max()) for name in outputs),
        sum_error=max(float(np.abs(values.sum(axis=1) - 1).max()) for values in outputs.values()),
    )


def _run(
    session: onnxruntime.InferenceSession, features: NDArray[np.float32], output: str, spec: TabularSpec
) -> NDArray[np.float64]:
    step = spec.deployment.largest_batch
    parts = [
        session.run([output], {spec.recipe.input.name: features[start : start + step]})[0]
        for start in range(0, len(features), step)
    ]
    probabilities: NDArray[np.float64] = np.concatenate(parts).astype(np.float64)
    return probabilities
