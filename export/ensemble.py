"""From the training runs of its members to an ensemble: their entries, the graphs that combine them, its own entry."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime

from export.compiled_package import GatedPackage
from export.entry import write_combining_entry, write_entry
from export.errors import MembersDiffer
from export.finished_run import whole_run_expected
from export.onnx_file import onnx_bytes
from export.parity import Answers, Compared, parity_figures, require_parity
from export.run import EntryVersion, GatedNetwork, Workplace, gated_network
from export.voting import MapMean, Vote
from export.weights_record import provenance
from specs import member_specs
from specs.ensemble import CombiningGraph, EnsembleSpec
from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import Parity, Performance, StepWeights, WeightsRecord, steps_sha256
from training.performance import performance
from training.validation_answers import ValidationAnswers


@dataclass(frozen=True, kw_only=True)
class _GatedEnsemble:
    """Everything that will be written, measured."""

    spec: EnsembleSpec
    members: tuple[GatedNetwork, ...]
    graphs: tuple[tuple[CombiningGraph, bytes], ...]
    performance: Performance
    figures: Parity


def export_ensemble(
    spec: EnsembleSpec, preset: Preset, *, weights: Mapping[str, Path], target: EntryVersion, workplace: Workplace
) -> WeightsRecord:
    """Export the members, the graphs that combine them and the ensemble, each as one version of its entry.

    The operating point is chosen on the validation part that all members share, by the spec's policy.

    Args:
        spec: The ensemble.
        preset: Which size of the members' networks.
        weights: For each member the folder that its training run left.
        target: Where they go; without a number each gets the next of its own entry.
        workplace: Cache and progress.

    Raises:
        NotTrained: a folder holds no training run of that preset.
        MembersDiffer: the members were not validated on the same studies.
        PackageNotCompiled: AOTInductor cannot compile a network here.
        ParityFailed: an ONNX file or a package is too far from its network. Whatever is raised, nothing is written.
    """
    gated = _gated(spec, preset, weights=weights, workplace=workplace)
    number = target.resolved(spec.name)
    steps = [_written_member(member, target) for member in gated.members]
    for graph, content in gated.graphs:
        write_combining_entry(target.repository, graph, content, version=number, largest_batch=spec.largest_batch)
        steps.append(StepWeights(model=graph.name, version=number, model_sha256=hashlib.sha256(content).hexdigest()))
    record = _record(gated, steps, version=number)
    write_entry(target.repository, spec, record, None)
    return record


def _gated(spec: EnsembleSpec, preset: Preset, *, weights: Mapping[str, Path], workplace: Workplace) -> _GatedEnsemble:
    answers = [_validation_answers(member, preset, weights[member.name]) for member in member_specs(spec)]
    members = tuple(
        gated_network(member, preset, weights=weights[member.name], workplace=workplace)
        for member in member_specs(spec)
    )
    same_data = all(member.summary.data_set == members[0].summary.data_set for member in members)
    if not same_data or not all(np.array_equal(other.truth, answers[0].truth) for other in answers):
        raise MembersDiffer(ensemble=spec.name)
    vote = onnx_bytes(Vote().eval(), inputs=spec.vote_graph.inputs, outputs=spec.vote_graph.outputs)
    found = performance(
        spec.head,
        answers[0].truth,
        np.mean([member.answers for member in answers], axis=0),
        data_set=answers[0].data_set,
    )
    figures = parity_figures(_compared([member.compared for member in members], vote, spec), found)
    require_parity(figures, spec)
    packages = [member.package for member in members if member.package is not None]
    if packages:
        require_parity_of_packages(spec, packages, vote, found)
    return _GatedEnsemble(spec=spec, members=members, graphs=_graphs(spec, vote), performance=found, figures=figures)


def require_parity_of_packages(
    spec: EnsembleSpec, packages: Sequence[GatedPackage], vote: bytes, found: Performance
) -> None:
    """Refuse packages whose vote is too far from that of the networks.

    Args:
        spec: The ensemble.
        packages: Of all its members, in their order.
        vote: The graph that takes the mean of their answers.
        found: The performance of the ensemble.

    Raises:
        ParityFailed: it is so.
    """
    compared = _compared([package.compared for package in packages], vote, spec)
    require_parity(parity_figures(compared, found), spec, precision=packages[0].manifest.precision)


def _validation_answers(member: NetworkSpec, preset: Preset, folder: Path) -> ValidationAnswers:
    with whole_run_expected(member, preset):
        return ValidationAnswers.read(folder)


def _graphs(spec: EnsembleSpec, vote: bytes) -> tuple[tuple[CombiningGraph, bytes], ...]:
    graph, shown = spec.map_graph, spec.head.activation_map
    if graph is None or shown is None:
        return ((spec.vote_graph, vote),)
    rows, columns = shown.shape
    maps = onnx_bytes(MapMean((rows, columns)).eval(), inputs=graph.inputs, outputs=graph.outputs)
    return ((spec.vote_graph, vote), (graph, maps))


def _compared(members: Sequence[Compared], vote: bytes, spec: EnsembleSpec) -> Compared:
    """Compare the mean of what the networks answer with the vote graph on what is made of them answers."""
    return replace(
        members[0],
        original=np.mean([member.original for member in members], axis=0),
        variant=voted([member.variant for member in members], vote, spec),
    )


def voted(answers: Sequence[Answers], vote: bytes, spec: EnsembleSpec) -> Answers:
    """Run a vote graph on what each member answers, in their order; shape (studies,)."""
    session = onnxruntime.InferenceSession(vote, providers=["CPUExecutionProvider"])
    votes = {
        tensor.name: probabilities[:, np.newaxis].astype(np.float32)
        for tensor, probabilities in zip(spec.vote_graph.inputs, answers, strict=True)
    }
    (voted,) = session.run([spec.head.answer.name], votes)
    result: Answers = np.asarray(voted)[:, 0].astype(np.float64)
    return result


def _written_member(member: GatedNetwork, target: EntryVersion) -> StepWeights:
    record = member.write(target)
    return StepWeights(model=record.model, version=record.version, model_sha256=record.model_sha256)


def _record(gated: _GatedEnsemble, steps: Sequence[StepWeights], *, version: int) -> WeightsRecord:
    first = gated.members[0].summary
    return WeightsRecord(
        model=gated.spec.name,
        version=version,
        preset=first.preset,
        demonstration=first.demonstration,
        model_sha256=steps_sha256(steps),
        steps=tuple(steps),
        data_set=first.data_set,
        performance=gated.performance,
        parity=(gated.figures,),
        provenance=provenance(parameters=sum(member.summary.parameters for member in gated.members)),
    )
