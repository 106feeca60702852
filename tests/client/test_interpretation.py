"""What an answer means, and which answers are withheld."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.engine import ServedModel, TensorValue
from client.errors import ContractError, OutputError
from client.interpretation import interpret, wanted_outputs
from evaluation.predictive_values import predictive_values
from specs.contract import Contract, Spec
from specs.head import MeasuredQuantity
from specs.weights import FindingPerformance, OperatingPoint
from tests.specs.quantity import CONCAT_POOLED_AGE, MAPPED_AGE
from tests.specs.records import contract, performance

AGE = MAPPED_AGE.head
assert isinstance(AGE, MeasuredQuantity)


def outputs(probability: float) -> dict[str, TensorValue]:
    return {"probability": np.array([[probability]], dtype=np.float32)}


def years(value: float) -> dict[str, TensorValue]:
    return {"value": np.array([[value]], dtype=np.float32)}


def operating_point(model: ServedModel) -> OperatingPoint:
    found = model.contract.weights.performance
    assert isinstance(found, FindingPerformance)
    return found.operating_point


def served(made: Contract) -> ServedModel:
    return ServedModel(contract=made, contract_sha256=made.sha256())


@pytest.fixture(params=[MAPPED_AGE, CONCAT_POOLED_AGE], ids=lambda spec: spec.name)
def quantity(request: pytest.FixtureRequest) -> ServedModel:
    """A model that measures, with a map and without."""
    declared: Spec = request.param
    return served(contract(declared))


@given(probability=st.floats(min_value=0, max_value=1, width=32))
def test_a_call_is_positive_exactly_from_its_threshold_up(model: ServedModel, probability: float) -> None:
    answer = interpret(model, outputs(probability))
    assert answer.value == probability
    threshold = operating_point(model).threshold
    assert answer.operating_point == threshold
    assert (answer.call == "positive") == (probability >= threshold)


def test_predictive_values_come_from_the_served_weights_counts(model: ServedModel) -> None:
    counts = operating_point(model).counts
    answer = interpret(model, outputs(0.5))
    assert answer.positive_predictive_value is not None
    assert answer.negative_predictive_value is not None
    called_positive = counts.true_positive + counts.false_positive
    called_negative = counts.true_negative + counts.false_negative
    assert answer.positive_predictive_value.estimate == counts.true_positive / called_positive
    assert answer.negative_predictive_value.estimate == counts.true_negative / called_negative


def test_predictive_values_at_a_prevalence_are_there_where_they_are_asked_for(model: ServedModel) -> None:
    counts = operating_point(model).counts
    assert interpret(model, outputs(0.5)).at_prevalence is None
    assert interpret(model, outputs(0.5), prevalence=0.02).at_prevalence == predictive_values(counts, prevalence=0.02)
    assert interpret(served(contract(MAPPED_AGE)), years(50), prevalence=0.02).at_prevalence is None


@pytest.mark.parametrize("missing", [("true_positive", "false_negative"), ("true_negative", "false_positive")])
def test_counts_of_one_kind_have_no_predictive_values_at_another_prevalence(
    model: ServedModel, missing: tuple[str, str]
) -> None:
    found = model.contract.weights.performance
    assert isinstance(found, FindingPerformance)
    counts = found.operating_point.counts.model_copy(update=dict.fromkeys(missing, 0))
    point = found.operating_point.model_copy(update={"counts": counts})
    weights = model.contract.weights.model_copy(
        update={"performance": found.model_copy(update={"operating_point": point})}
    )
    one_sided = served(model.contract.model_copy(update={"weights": weights}))
    assert interpret(one_sided, outputs(0.5)).call is not None
    with pytest.raises(ContractError, match="counts of studies with the finding and of studies without"):
        interpret(one_sided, outputs(0.5), prevalence=0.02)


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


def test_a_finding_without_an_operating_point_is_no_contract_to_rely_on(model: ServedModel) -> None:
    weights = model.contract.weights.model_copy(update={"performance": performance(MAPPED_AGE)})
    with pytest.raises(ContractError, match="no operating point"):
        interpret(served(model.contract.model_copy(update={"weights": weights})), outputs(0.5))


@given(value=st.floats(min_value=AGE.lowest, max_value=AGE.highest, width=32))
def test_a_quantity_is_its_value_in_its_unit_without_a_call(value: float) -> None:
    for spec in (MAPPED_AGE, CONCAT_POOLED_AGE):
        answer = interpret(served(contract(spec)), years(value))
        assert (answer.value, answer.unit) == (value, "years")
        assert (answer.call, answer.operating_point) == (None, None)
        assert (answer.positive_predictive_value, answer.negative_predictive_value) == (None, None)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, AGE.lowest - 0.01, AGE.highest + 0.01])
def test_a_quantity_out_of_range_is_never_shown(quantity: ServedModel, value: float) -> None:
    with pytest.raises(OutputError, match="withheld"):
        interpret(quantity, years(value))


def test_the_message_about_a_quantity_names_its_unit_and_range(quantity: ServedModel) -> None:
    with pytest.raises(OutputError, match="value is 121 years; accepted: 0 to 120"):
        interpret(quantity, years(121))


def test_a_probability_is_no_answer_of_a_quantity(quantity: ServedModel) -> None:
    with pytest.raises(OutputError, match="value is missing"):
        interpret(quantity, outputs(0.5))


def test_the_map_of_a_quantity_is_how_far_each_place_pulls_either_way() -> None:
    places = np.random.default_rng(0).normal(50, 20, (1, 10, 10)).astype(np.float32)
    answer = interpret(served(contract(MAPPED_AGE)), {**years(float(places.mean())), "cam": places})
    assert answer.heat_map is not None
    np.testing.assert_allclose(answer.heat_map, np.abs(places[0].astype(np.float64) - places.mean()), atol=1e-4)
    assert answer.heat_map.min() >= 0


def test_a_map_of_a_quantity_that_is_no_number_is_never_shown() -> None:
    places = np.full((1, 10, 10), 50, dtype=np.float32)
    places[0, 3, 4] = math.nan
    with pytest.raises(OutputError, match="cam is not a finite number"):
        interpret(served(contract(MAPPED_AGE)), {**years(50), "cam": places})


def test_a_map_of_a_quantity_is_asked_for_only_where_it_is_wanted_and_there_is_one() -> None:
    mapped, pooled = served(contract(MAPPED_AGE)), served(contract(CONCAT_POOLED_AGE))
    assert wanted_outputs(mapped, heat_map=True) == ("value", "cam")
    assert wanted_outputs(mapped, heat_map=False) == wanted_outputs(pooled, heat_map=False) == ("value",)
    assert wanted_outputs(pooled, heat_map=True) == ("value",)
    for model in (mapped, pooled):
        assert interpret(model, years(50)).heat_map is None
