"""What an answer means, and which answers are withheld."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.engine import ServedModel, TensorValue
from client.errors import OutputError
from client.interpretation import interpret, wanted_outputs


def outputs(probability: float) -> dict[str, TensorValue]:
    return {"probability": np.array([[probability]], dtype=np.float32)}


@given(probability=st.floats(min_value=0, max_value=1, width=32))
def test_a_call_is_positive_exactly_from_its_threshold_up(model: ServedModel, probability: float) -> None:
    answer = interpret(model, outputs(probability))
    assert answer.value == probability
    assert answer.operating_point == model.contract.weights.operating_point.threshold
    assert (answer.call == "positive") == (probability >= answer.operating_point)


def test_predictive_values_come_from_the_served_weights_counts(model: ServedModel) -> None:
    counts = model.contract.weights.operating_point.counts
    answer = interpret(model, outputs(0.5))
    assert answer.positive_predictive_value is not None
    assert answer.negative_predictive_value is not None
    called_positive = counts.true_positive + counts.false_positive
    called_negative = counts.true_negative + counts.false_negative
    assert answer.positive_predictive_value.estimate == counts.true_positive / called_positive
    assert answer.negative_predictive_value.estimate == counts.true_negative / called_negative


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.001, 1.001])
def test_a_probability_out_of_range_is_never_shown(model: ServedModel, value: float) -> None:
    with pytest.raises(OutputError, match="withheld"):
        interpret(model, outputs(value))


@pytest.mark.parametrize(
    "value",
    [np.zeros((2, 1), dtype=np.float32), np.zeros((1,), dtype=np.float32), np.zeros((1, 1), dtype=np.float64)],
)
def test_an_answer_of_another_shape_or_type_is_never_shown(model: ServedModel, value: TensorValue) -> None:
    with pytest.raises(OutputError, match="of shape"):
        interpret(model, {"probability": value})


def test_a_missing_answer_is_never_shown(model: ServedModel) -> None:
    with pytest.raises(OutputError, match="missing"):
        interpret(model, {})


def test_a_map_is_asked_for_only_where_it_is_wanted(model: ServedModel) -> None:
    assert wanted_outputs(model, heat_map=False) == ("probability",)
    assert wanted_outputs(model, heat_map=True) == ("probability", "cam")
    assert interpret(model, outputs(0.5)).heat_map is None
