"""Classifiers of features as ONNX graphs that give what scikit-learn gives, to the sixth decimal place.

All but the trees is computed in float64 inside: float32 would lose the sixth place, and a neighbor as near as another.
skl2onnx rounds the thresholds of trees so that no float32 value changes sides.
"""

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import Any, assert_never

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.preprocessing import PolynomialFeatures

from specs.classifier import ClassifierSpec
from specs.entry import ONNX_IR_VERSION, ONNX_ML_OPSET, ONNX_OPSET
from specs.stacking import StackedSpec
from specs.tensors import Tensor
from training.feature_classifiers import FittedClassifier, FittedNeighbors, FittedRegression, FittedTrees

_Part = tuple[list[onnx.NodeProto], list[onnx.TensorProto]]
"""Nodes in order, and constants."""


def classifier_graph(spec: ClassifierSpec, fitted: FittedClassifier) -> bytes:
    """Return the graph of one classifier, from the recipe's tensor to probability and log-odds."""
    places = spec.recipe.places(spec.features)
    nodes, constants = _gathered(spec.recipe.input, places, target="chosen")
    own_nodes, own_constants = _classified(fitted, features=len(places))
    nodes += [
        *own_nodes,
        helper.make_node("Cast", ["exact_probability"], [spec.head.probability.name], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["exact_log_odds"], [spec.log_odds.name], to=TensorProto.FLOAT),
    ]
    return _graph(spec.name, nodes, [*constants, *own_constants], spec.inputs, spec.outputs)


def stage_graph(spec: StackedSpec, fitted: FittedRegression) -> bytes:
    """Return the graph of the second stage, from what members say and features to the probability."""
    graph = spec.stage_graph
    nodes, constants = _gathered(spec.recipe.input, spec.recipe.places(spec.features), target="own")
    votes, log_odds = [member.vote.name for member in spec.members], [each.name for each in spec.member_log_odds]
    own_nodes, own_constants = _regression(fitted)
    nodes += [
        helper.make_node("Concat", votes, [spec.member_probabilities.name], axis=1),
        helper.make_node("Concat", [*log_odds, "own"], ["chosen"], axis=1),
        *own_nodes,
        helper.make_node("Cast", ["exact_probability"], [spec.head.probability.name], to=TensorProto.FLOAT),
    ]
    return _graph(graph.name, nodes, [*constants, *own_constants], graph.inputs, graph.outputs)


def _classified(fitted: FittedClassifier, *, features: int) -> _Part:
    """Return what leads from the chosen features to `exact_probability` and `exact_log_odds`, both float64."""
    match fitted:
        case FittedTrees():
            return _trees(fitted, features=features)
        case FittedNeighbors():
            return _neighbors(fitted)
        case FittedRegression():
            return _regression(fitted)
        case _:
            assert_never(fitted)


def _gathered(source: Tensor, places: Sequence[int], *, target: str) -> _Part:
    node = helper.make_node("Gather", [source.name, f"{target}_places"], [target], axis=1)
    return [node], [numpy_helper.from_array(np.array(places, np.int64), f"{target}_places")]


def _trees(fitted: FittedTrees, *, features: int) -> _Part:
    model = to_onnx(
        fitted.model,
        initial_types=[("chosen", FloatTensorType([None, features]))],
        options={id(fitted.model): {"zipmap": False, "raw_scores": True}},
        target_opset={"": ONNX_OPSET, "ai.onnx.ml": ONNX_ML_OPSET},
    )
    _, scores = (output.name for output in model.graph.output)  # of either class, and one is the other's negative
    nodes = [
        *model.graph.node,
        helper.make_node("Gather", [scores, "of_finding"], ["score"], axis=1),
        helper.make_node("Cast", ["score"], ["exact_log_odds"], to=TensorProto.DOUBLE),
        helper.make_node("Sigmoid", ["exact_log_odds"], ["exact_probability"]),
    ]
    return nodes, [*model.graph.initializer, numpy_helper.from_array(np.array([1], np.int64), "of_finding")]


def _standardized(scaler: Any) -> _Part:
    nodes = [
        helper.make_node("Cast", ["chosen"], ["exact"], to=TensorProto.DOUBLE),
        helper.make_node("Sub", ["exact", "mean"], ["centered"]),
        helper.make_node("Div", ["centered", "deviation"], ["standardized"]),
    ]
    return nodes, [_constant(scaler.mean_, "mean"), _constant(scaler.scale_, "deviation")]


def _neighbors(fitted: FittedNeighbors) -> _Part:
    nodes, constants = _standardized(fitted.scaler)
    nodes += [
        helper.make_node("Unsqueeze", ["standardized", "study_axis"], ["asked"]),
        helper.make_node("Sub", ["asked", "studies"], ["apart"]),
        helper.make_node("Mul", ["apart", "apart"], ["squares"]),
        helper.make_node("ReduceSum", ["squares", "feature_axis"], ["distances"], keepdims=0),
        helper.make_node("TopK", ["distances", "neighbors"], ["nearest_distances", "nearest"], axis=1, largest=0),
        helper.make_node("Gather", ["labels", "nearest"], ["votes"]),
        helper.make_node("ReduceMean", ["votes", "study_axis"], ["exact_probability"], keepdims=1),
        helper.make_node("ReduceSum", ["votes", "study_axis"], ["for"], keepdims=1),
        helper.make_node("Sub", ["count", "for"], ["against"]),
        helper.make_node("Add", ["for", "extra_votes"], ["more_for"]),
        helper.make_node("Add", ["against", "extra_votes"], ["more_against"]),
        helper.make_node("Div", ["more_for", "more_against"], ["odds"]),
        helper.make_node("Log", ["odds"], ["exact_log_odds"]),
    ]
    constants += [
        _constant(fitted.studies, "studies"),
        _constant(fitted.labels, "labels"),
        _constant(fitted.model.n_neighbors, "count"),
        _constant(fitted.extra_votes, "extra_votes"),
        numpy_helper.from_array(np.array([fitted.model.n_neighbors], np.int64), "neighbors"),
        numpy_helper.from_array(np.array([1], np.int64), "study_axis"),
        numpy_helper.from_array(np.array([2], np.int64), "feature_axis"),
    ]
    return nodes, constants


def _regression(fitted: FittedRegression) -> _Part:
    nodes, constants = _standardized(fitted.scaler)
    product_nodes, product_constants = _products(fitted.terms)
    nodes += [
        *product_nodes,
        helper.make_node("Gemm", ["terms", "coefficients", "intercept"], ["exact_log_odds"]),
        helper.make_node("Sigmoid", ["exact_log_odds"], ["exact_probability"]),
    ]
    constants += [
        *product_constants,
        _constant(fitted.model.coef_.T, "coefficients"),
        _constant(fitted.model.intercept_, "intercept"),
    ]
    return nodes, constants


def _products(terms: PolynomialFeatures) -> _Part:
    """Return what leads from `standardized` to `terms`: itself and, of a second degree, its squares and products."""
    if terms.degree == 1:
        return [helper.make_node("Identity", ["standardized"], ["terms"])], []
    pairs = combinations_with_replacement(range(terms.n_features_in_), 2)  # scikit-learn's order
    first, second = np.array(list(pairs), np.int64).T
    nodes = [
        helper.make_node("Gather", ["standardized", "first_factors"], ["firsts"], axis=1),
        helper.make_node("Gather", ["standardized", "second_factors"], ["seconds"], axis=1),
        helper.make_node("Mul", ["firsts", "seconds"], ["products"]),
        helper.make_node("Concat", ["standardized", "products"], ["terms"], axis=1),
    ]
    return nodes, [numpy_helper.from_array(first, "first_factors"), numpy_helper.from_array(second, "second_factors")]


def _constant(values: Any, name: str) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, dtype=np.float64, order="C"), name)


def _graph(
    name: str,
    nodes: Sequence[onnx.NodeProto],
    constants: Sequence[onnx.TensorProto],
    inputs: Sequence[Tensor],
    outputs: Sequence[Tensor],
) -> bytes:
    graph = helper.make_graph(nodes, name, list(map(_value, inputs)), list(map(_value, outputs)), constants)
    opsets = [helper.make_opsetid("", ONNX_OPSET), helper.make_opsetid("ai.onnx.ml", ONNX_ML_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=ONNX_IR_VERSION)
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _value(tensor: Tensor) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, [None, *tensor.shape])
