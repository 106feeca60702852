"""A recalibration inside an ONNX graph: the log-odds of its answer, mapped before they become a probability."""

from collections.abc import Iterator, Sequence

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper
from scipy import special

from evaluation.calibration import SMALLEST_PROBABILITY
from evaluation.recalibration import Recalibration

_FARTHEST_LOG_ODDS = float(special.logit(1 - SMALLEST_PROBABILITY))
"""Log-odds are cut where the fit cut them, so that graph and fit are one function."""


def recalibrated_graph(content: bytes, fit: Recalibration, *, answer: str, evidence: str | None) -> bytes:
    """Put a recalibration between the log-odds of a graph and its probability.

    A graph that computes a probability without log-odds, such as the mean of votes, gets those of its probability.
    Only Clip, Mul, Add, Sub, Log and Sigmoid are added, which ONNX Runtime, OpenVINO and TensorRT all have.

    Args:
        content: An ONNX file.
        fit: What the log-odds are mapped by.
        answer: Output with the probability.
        evidence: Output with a map whose mean over all places is the log-odds of the answer, so that it stays so.

    Returns:
        A checked ONNX file with the same inputs and outputs.
    """
    model = onnx.load_from_string(content)
    graph = _Graph(model.graph)
    graph.recalibrate_answer(answer, fit)
    if evidence is not None:
        graph.map_linearly(evidence, fit)
    onnx.checker.check_model(model, full_check=True)
    changed: bytes = model.SerializeToString(deterministic=True)
    return changed


class _Graph:
    """A graph that gets further nodes; their tensors have names that no other has."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._taken = {name for node in graph.node for name in (*node.input, *node.output)}

    def recalibrate_answer(self, answer: str, fit: Recalibration) -> None:
        place, node = self._producer(answer)
        if node.op_type == "Sigmoid":
            nodes, mapped = self._mapped(node.input[0], fit)
            node.input[0] = mapped
            self._insert(place, nodes)
            return
        before = self._moved(answer)
        odds, log_odds = self._log_odds(before)
        nodes, mapped = self._mapped(log_odds, fit)
        self._insert(place + 1, [*odds, *nodes, helper.make_node("Sigmoid", [mapped], [answer])])

    def map_linearly(self, output: str, fit: Recalibration) -> None:
        place, _ = self._producer(output)
        nodes, _ = self._linear(self._moved(output), fit, result=output)
        self._insert(place + 1, nodes)

    def _mapped(self, log_odds: str, fit: Recalibration) -> tuple[list[NodeProto], str]:
        cut, bounds = self._new("log_odds"), [self._constant(sign * _FARTHEST_LOG_ODDS) for sign in (-1, 1)]
        nodes, mapped = self._linear(cut, fit, result=self._new("log_odds"))
        return [helper.make_node("Clip", [log_odds, *bounds], [cut]), *nodes], mapped

    def _linear(self, tensor: str, fit: Recalibration, *, result: str) -> tuple[list[NodeProto], str]:
        scaled, slope = self._new("scaled"), 1.0 if fit.slope is None else fit.slope.estimate
        return [
            helper.make_node("Mul", [tensor, self._constant(slope)], [scaled]),
            helper.make_node("Add", [scaled, self._constant(fit.intercept.estimate)], [result]),
        ], result

    def _log_odds(self, probability: str) -> tuple[list[NodeProto], str]:
        names = [self._new(name) for name in ("present", "absent", "log_present", "log_absent", "log_odds")]
        present, absent, log_present, log_absent, log_odds = names
        bounds = [self._constant(SMALLEST_PROBABILITY), self._constant(1 - SMALLEST_PROBABILITY)]
        return [
            helper.make_node("Clip", [probability, *bounds], [present]),
            helper.make_node("Sub", [self._constant(1.0), present], [absent]),
            helper.make_node("Log", [present], [log_present]),
            helper.make_node("Log", [absent], [log_absent]),
            helper.make_node("Sub", [log_present, log_absent], [log_odds]),
        ], log_odds

    def _producer(self, output: str) -> tuple[int, NodeProto]:
        return next((place, node) for place, node in enumerate(self._graph.node) if output in node.output)

    def _moved(self, output: str) -> str:
        """Give a tensor another name wherever it stands but among the outputs of the graph."""
        name = self._new(f"{output}_before")
        for node in self._graph.node:
            for tensors in (node.input, node.output):
                tensors[:] = [name if tensor == output else tensor for tensor in tensors]
        return name

    def _insert(self, place: int, nodes: Sequence[NodeProto]) -> None:
        for node in reversed(nodes):
            self._graph.node.insert(place, node)

    def _constant(self, value: float) -> str:
        name = self._new("constant")
        self._graph.initializer.append(_scalar(name, value))
        return name

    def _new(self, name: str) -> str:
        found = next(free for free in _numbered(f"recalibration_{name}") if free not in self._taken)
        self._taken.add(found)
        return found


def _numbered(name: str) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"{name}_{number}"


def _scalar(name: str, value: float) -> TensorProto:
    tensor: TensorProto = numpy_helper.from_array(np.array(value, dtype=np.float32), name)
    return tensor
