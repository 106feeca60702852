"""From the training runs of models of features to their repository entries, through the parity gate."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from export.entry import write_combining_entry, write_entry
from export.finished_run import finished_run
from export.parity import Answers, Compared, parity_figures, require_parity
from export.run import EntryVersion
from export.weights_record import TABULAR_PACKAGES, provenance, weights_record
from specs import stacked_classifiers
from specs.classifier import ClassifierSpec
from specs.contract import FeatureSpec
from specs.network import Preset
from specs.stacking import StackedSpec
from specs.weights import Parity, StepWeights, WeightsRecord, steps_sha256
from training.feature_data import FeatureRows
from training.feature_run import FittedFindings
from training.summary import TrainingSummary
from training.tabular_run import GRAPH_FILE

_ASKED_AT_A_TIME = 256


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What a training run left."""

    summary: TrainingSummary
    content: bytes
    findings: FittedFindings

    @classmethod
    def read(cls, spec: FeatureSpec, preset: Preset, folder: Path) -> "_Run":
        """Read it.

        Raises:
            NotTrained: the folder holds no run of this model and preset.
        """

        def left() -> tuple[tuple[bytes, FittedFindings], TrainingSummary]:
            summary = TrainingSummary.read(folder)
            return ((folder / GRAPH_FILE).read_bytes(), FittedFindings.read(folder)), summary

        (content, findings), summary = finished_run(spec, preset, left)
        return cls(summary=summary, content=content, findings=findings)


@dataclass(frozen=True, kw_only=True)
class _Gated:
    """A graph that has passed the gate, not written yet."""

    run: _Run
    figures: Parity


def export_classifier(spec: ClassifierSpec, preset: Preset, *, weights: Path, target: EntryVersion) -> WeightsRecord:
    """Compare the graph with what scikit-learn answered and write it as one version of its entry.

    Args:
        spec: The model.
        preset: The name that the training run was given.
        weights: Folder that the training run left.
        target: Where it goes.

    Raises:
        NotTrained: the folder holds no training run of that preset.
        ParityFailed: the graph is too far from the fitted classifier; nothing is written.
    """
    return _write(spec, _gated_classifier(spec, preset, weights), target)


def export_stack(
    spec: StackedSpec, preset: Preset, *, weights: Mapping[str, Path], target: EntryVersion
) -> WeightsRecord:
    """Compare the graphs of both stages, one after the other, and write the members, the second stage and the ensemble.

    Args:
        spec: The model.
        preset: The name that the training runs were given.
        weights: Folder that each run left, by the name of the model.
        target: Where they go; without a number each gets the next of its own entry.

    Raises:
        NotTrained: a folder holds no training run of that preset.
        ParityFailed: a graph is too far from what was fitted. Whatever is raised, nothing is written.
    """
    members = stacked_classifiers(spec)
    gated = {name: _gated_classifier(member, preset, weights[name]) for name, member in members.items()}
    whole = _Run.read(spec, preset, weights[spec.name])
    contents = {name: each.run.content for name, each in gated.items()}
    figures = _figures(spec, whole, _stack_answers(spec, contents, whole))
    number = target.resolved(spec.name)
    records = [_write(members[name], each, target) for name, each in gated.items()]
    steps = [_step(record.model, record.version, gated[record.model].run.content) for record in records]
    stage = spec.stage_graph
    write_combining_entry(target.repository, stage, whole.content, version=number, largest_batch=spec.largest_batch)
    steps.append(_step(stage.name, number, whole.content))
    record = _record(_Gated(run=whole, figures=figures), version=number, steps=tuple(steps))
    write_entry(target.repository, spec, record, None)
    return record


def _gated_classifier(spec: ClassifierSpec, preset: Preset, folder: Path) -> _Gated:
    run = _Run.read(spec, preset, folder)
    answers = _asked(run.content, {spec.recipe.input.name: run.findings.features}, spec.head.answer.name)
    return _Gated(run=run, figures=_figures(spec, run, answers))


def _stack_answers(spec: StackedSpec, members: Mapping[str, bytes], whole: _Run) -> Answers:
    features = whole.findings.features
    given = {spec.recipe.input.name: features}
    for member in spec.members:
        for own, named in ((member.probability, member.vote), (member.log_odds, member.named_log_odds)):
            if own is not None and named is not None:
                found = _asked(members[member.model], {spec.recipe.input.name: features}, own.name)
                given[named.name] = found[:, np.newaxis].astype(np.float32)
    return _asked(whole.content, given, spec.head.answer.name)


def _asked(content: bytes, inputs: Mapping[str, FeatureRows], output: str) -> Answers:
    """Run a graph; shape (studies,)."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    total = len(next(iter(inputs.values())))
    parts = [
        session.run([output], {name: rows[start : start + _ASKED_AT_A_TIME] for name, rows in inputs.items()})[0]
        for start in range(0, total, _ASKED_AT_A_TIME)
    ]
    answers: Answers = np.concatenate(parts)[:, 0].astype(np.float64)
    return answers


def _figures(spec: FeatureSpec, run: _Run, answers: Answers) -> Parity:
    """Measure how far the graph is off: a probability on all rows, calls and AUC on the studies as they are.

    Raises:
        ParityFailed: it is too far off.
    """
    findings = run.findings
    as_they_are = slice(len(findings.truth))
    compared = Compared(
        original=findings.probabilities[as_they_are],
        variant=answers[as_they_are],
        truth=findings.truth.astype(np.float32),
        data_set=findings.data_set,
    )
    shift = float(np.abs(findings.probabilities - answers).max())
    figures = parity_figures(compared, run.summary.performance).model_copy(update={"probability_shift": shift})
    require_parity(figures, spec)
    return figures


def _write(spec: ClassifierSpec, gated: _Gated, target: EntryVersion) -> WeightsRecord:
    record = _record(gated, version=target.resolved(spec.name), steps=())
    write_entry(target.repository, spec, record, gated.run.content)
    return record


def _step(model: str, version: int, content: bytes) -> StepWeights:
    return StepWeights(model=model, version=version, model_sha256=hashlib.sha256(content).hexdigest())


def _record(gated: _Gated, *, version: int, steps: tuple[StepWeights, ...]) -> WeightsRecord:
    summary, content = gated.run.summary, gated.run.content
    made = provenance(parameters=summary.parameters, packages=TABULAR_PACKAGES)
    record = weights_record(summary, content, version=version, figures=gated.figures, made=made)
    return record.model_copy(update={"steps": steps, "model_sha256": steps_sha256(steps)}) if steps else record
