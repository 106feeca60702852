"""The card of an outcome model says what it takes, what it answers and what it is worth."""

import numpy as np

from evaluation.model_card import model_card
from evaluation.outcome_report import outcome_report
from evaluation.quantity_report import ReportedModel
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME as SPEC
from tests.specs.records import contract

MADE = contract(SPEC)


def test_the_card_names_every_variable_with_what_is_accepted() -> None:
    card = model_card(MADE).replace("\\", "")
    for variable in SPEC.recipe.variables:
        assert f"| {variable.title} | " in card
    for measurement in SPEC.recipe.measurements:
        assert measurement.title in card
    assert "3 to 25 g/dL, given in g/dL or g/L" in card
    assert "from 18.4, 40, 100, 200 pg/mL" in card


def test_the_card_names_outcomes_cut_offs_tensors_and_parity() -> None:
    card = model_card(MADE).replace("\\", "")
    for text in ("high risk above 15 %", "high risk above 11 %", "probabilities by random forest", "100 trees"):
        assert text in card
    assert "Parity with scikit-learn" in card
    assert "PyTorch" not in card
    for tensor in (*SPEC.inputs, *SPEC.outputs):
        assert f"`{tensor.name}`" in card
    assert "98/198 = 0.495" in card


def test_the_card_has_a_column_of_held_out_patients() -> None:
    truth = np.array([0, 1, 2] * 4)
    probabilities = np.random.default_rng(1).dirichlet([1, 1, 1], size=12)
    model = ReportedModel(model=SPEC.name, version=1, contract_sha256=MADE.sha256())
    answers = {"regression": probabilities, "forest": probabilities}
    report = outcome_report(truth, answers, SPEC.head, model, data_set="twelve")
    card = model_card(MADE, [report])
    assert "held out: twelve" in card
    auc = report.performance.classifiers[1].outcomes[1].discrimination.auc
    assert f"{auc:.3f}" in card
