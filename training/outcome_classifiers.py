"""The two classifiers of an outcome model: fitted with scikit-learn, turned into one ONNX graph."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from specs.entry import ONNX_IR_VERSION, ONNX_ML_OPSET, ONNX_OPSET
from specs.tabular import TabularSpec
from specs.tensors import Tensor
from training.errors import OutcomeMissing
from training.patient_data import PatientPart

Features = NDArray[np.float32]
"""Shape (patients, variables), in the order, units and coding of the recipe's tensor."""

REGRESSION, FOREST = "regression", "forest"
"""What the head calls them."""


@dataclass(frozen=True, kw_only=True)
class OutcomeClassifiers:
    """A fitted random forest and a fitted multinomial logistic regression on standardized variables."""

    spec: TabularSpec
    forest: Any
    scaler: Any
    regression: Any

    @property
    def parameters(self) -> int:
        """Number of coefficients and of tree nodes."""
        nodes = sum(int(tree.tree_.node_count) for tree in self.forest.estimators_)
        return nodes + int(self.regression.coef_.size + self.regression.intercept_.size)

    def probabilities(self, features: Features) -> Mapping[str, NDArray[np.float64]]:
        """Answer with scikit-learn, for each classifier shape (patients, outcomes)."""
        standardized = self.scaler.transform(features.astype(np.float64))
        return {
            REGRESSION: np.asarray(self.regression.predict_proba(standardized), dtype=np.float64),
            FOREST: np.asarray(self.forest.predict_proba(features), dtype=np.float64),
        }

    def split_points(self) -> NDArray[np.float64]:
        """Return each different split of the trees as (variable, threshold), shape (splits, 2)."""
        trees = [tree.tree_ for tree in self.forest.estimators_]
        pairs = np.concatenate([np.stack([tree.feature, tree.threshold], axis=1)[tree.feature >= 0] for tree in trees])
        unique: NDArray[np.float64] = np.unique(pairs, axis=0)
        return unique


def fit_classifiers(spec: TabularSpec, part: PatientPart, *, seed: int) -> OutcomeClassifiers:
    """Fit both on the same patients.

    Raises:
        OutcomeMissing: an outcome happened to fewer than two.
    """
    require_outcomes(spec, part)
    defaults = spec.training
    forest = RandomForestClassifier(
        n_estimators=defaults.forest.trees,
        max_depth=defaults.forest.deepest,
        min_samples_leaf=defaults.forest.fewest_in_leaf,
        random_state=seed,
    ).fit(part.features, part.truth)
    scaler = StandardScaler().fit(part.features.astype(np.float64))
    regression = LogisticRegression(C=defaults.regression.inverse_penalty, max_iter=1000, tol=1e-8)
    regression.fit(scaler.transform(part.features.astype(np.float64)), part.truth)
    return OutcomeClassifiers(spec=spec, forest=forest, scaler=scaler, regression=regression)


def require_outcomes(spec: TabularSpec, part: PatientPart) -> None:
    """Require what fitting and measuring need.

    Raises:
        OutcomeMissing: an outcome happened to fewer than two.
    """
    counts = np.bincount(part.truth, minlength=len(spec.head.outcomes))
    missing = tuple(outcome.name for outcome, count in zip(spec.head.outcomes, counts, strict=True) if count < 2)
    if missing:
        raise OutcomeMissing(part=part.name, outcomes=missing)


def classifier_graph(classifiers: OutcomeClassifiers) -> bytes:
    """Return one ONNX graph with an output for each classifier.

    The regression is computed in float64 inside, for its float32 would lose the sixth decimal place of a probability;
    skl2onnx rounds the thresholds of the trees so that no float32 value changes sides.

    Returns:
        A checked ONNX file; the trees are of the domain ai.onnx.ml, which ONNX Runtime alone runs.
    """
    spec = classifiers.spec
    outputs = {classifier.name: classifier.probabilities for classifier in spec.head.classifiers}
    model = to_onnx(
        classifiers.forest,
        initial_types=[(spec.recipe.input.name, FloatTensorType([None, *spec.recipe.input.shape]))],
        options={id(classifiers.forest): {"zipmap": False}},
        target_opset={"": ONNX_OPSET, "ai.onnx.ml": ONNX_ML_OPSET},
    )
    trees = model.graph.node[0]
    trees.output[1] = outputs[FOREST].name
    nodes, constants = _regression_nodes(classifiers, source=spec.recipe.input, target=outputs[REGRESSION])
    graph = helper.make_graph(
        [trees, *nodes],
        spec.name,
        [_value(spec.recipe.input)],
        [_value(tensor) for tensor in spec.head.outputs],
        constants,
    )
    opsets = [helper.make_opsetid("", ONNX_OPSET), helper.make_opsetid("ai.onnx.ml", ONNX_ML_OPSET)]
    whole = helper.make_model(graph, opset_imports=opsets, ir_version=ONNX_IR_VERSION)
    onnx.checker.check_model(whole, full_check=True)
    content: bytes = whole.SerializeToString(deterministic=True)
    return content


def _regression_nodes(
    classifiers: OutcomeClassifiers, *, source: Tensor, target: Tensor
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    arrays = {
        "mean": classifiers.scaler.mean_,
        "deviation": classifiers.scaler.scale_,
        "coefficients": classifiers.regression.coef_.T,
        "intercepts": classifiers.regression.intercept_,
    }
    nodes = [
        helper.make_node("Cast", [source.name], ["exact"], to=TensorProto.DOUBLE),
        helper.make_node("Sub", ["exact", "mean"], ["centered"]),
        helper.make_node("Div", ["centered", "deviation"], ["standardized"]),
        helper.make_node("Gemm", ["standardized", "coefficients", "intercepts"], ["log_odds"]),
        helper.make_node("Softmax", ["log_odds"], ["shares"], axis=1),
        helper.make_node("Cast", ["shares"], [target.name], to=TensorProto.FLOAT),
    ]
    return nodes, [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in arrays.items()]


def _value(tensor: Tensor) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, [None, *tensor.shape])
