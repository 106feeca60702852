"""Soft voting on the client's side: the members are asked one after the other, and their answers combined here."""

from collections.abc import Mapping, Sequence
from typing import assert_never

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import special

from client.engine import Engine, EngineAbove, ServedModel, TensorValue
from client.errors import ContractError
from client.steps import run_steps
from evaluation.calibration import log_odds
from specs.classifier import ClassifierSpec
from specs.ensemble import LEAST_EVIDENCE, EnsembleSpec
from specs.model import NetworkSpec
from specs.stacking import StackedSpec
from specs.tabular import TabularSpec
from specs.volume import VolumeSpec
from specs.weights import SiteRecalibration


class ClientVoting(EngineAbove):
    """An engine whose ensembles vote here: members are asked, each once also where a map is wanted.

    A model of two stages is left to the engine below: its second stage is a fit, not a vote.
    """

    def infer(
        self, model: ServedModel, inputs: Mapping[str, TensorValue], outputs: Sequence[str]
    ) -> dict[str, TensorValue]:
        """Run one batch; of an ensemble, by its members alone.

        Raises:
            ContractError: the members are not those that the ensemble was measured with.
            ServerError: there is no answer.
        """
        spec = model.contract.spec
        match spec:
            case NetworkSpec() | ClassifierSpec() | StackedSpec() | VolumeSpec() | TabularSpec():
                return self._engine.infer(model, inputs, outputs)
            case EnsembleSpec():
                return _vote(self._engine, model, spec, inputs, outputs)
            case _:
                assert_never(spec)


def _vote(
    engine: Engine,
    model: ServedModel,
    spec: EnsembleSpec,
    inputs: Mapping[str, TensorValue],
    outputs: Sequence[str],
) -> dict[str, TensorValue]:
    members = {member.model: _member(engine, model, member.model) for member in spec.members}

    def run(name: str, given: Mapping[str, TensorValue], wanted: Sequence[str]) -> Mapping[str, TensorValue]:
        if name in members:
            return engine.infer(members[name], given, wanted)
        if name == spec.vote_graph.name:
            return _votes(spec, model.contract.weights.recalibration, given)
        return _map(spec, given)

    return run_steps(spec.steps, inputs, outputs, run)


def _member(engine: Engine, ensemble: ServedModel, name: str) -> ServedModel:
    """Return a member as the engine has it, which must be the version that the ensemble was measured with."""
    served = engine.served_model(name)
    measured = {step.model: step.model_sha256 for step in ensemble.contract.weights.steps}
    if served.contract.weights.model_sha256 != measured[name]:
        raise ContractError(model=ensemble.name, what=f"its member {name} is not the one it was measured with")
    return served


def _votes(
    spec: EnsembleSpec, recalibration: SiteRecalibration | None, votes: Mapping[str, TensorValue]
) -> dict[str, TensorValue]:
    each = np.concatenate([votes[tensor.name] for tensor in spec.vote_graph.inputs], axis=1).astype(np.float32)
    mean = each.mean(axis=1, keepdims=True)
    return {spec.head.answer.name: _recalibrated(mean, recalibration), spec.member_probabilities.name: each}


def _recalibrated(probability: NDArray[np.float32], by: SiteRecalibration | None) -> NDArray[np.float32]:
    """Do what the vote graph of a recalibrated ensemble does."""
    if by is None:
        return probability
    slope = 1.0 if by.slope is None else by.slope
    return np.asarray(special.expit(by.intercept + slope * log_odds(probability.astype(np.float64))), np.float32)


def _map(spec: EnsembleSpec, maps: Mapping[str, TensorValue]) -> dict[str, TensorValue]:
    shown = spec.head.activation_map
    if shown is None:
        return {}
    rows, columns = shown.shape
    studies = [
        np.mean([_scaled(evidence, rows=rows, columns=columns) for evidence in study], axis=0)
        for study in zip(*maps.values(), strict=True)
    ]
    return {shown.name: np.stack(studies).astype(np.float32)}


def _scaled(evidence: TensorValue, *, rows: int, columns: int) -> NDArray[np.float32]:
    positive = np.maximum(evidence.astype(np.float32), 0)
    resized = np.asarray(cv2.resize(positive, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    scaled: NDArray[np.float32] = resized / np.maximum(resized.max(), np.float32(LEAST_EVIDENCE))
    return scaled
