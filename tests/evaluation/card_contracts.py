"""Contracts whose figures all differ, so that each can be found in a card, and reports under them."""

import numpy as np

from evaluation.evaluation_records import Report
from evaluation.finding_report import finding_report
from evaluation.organ_report import organ_report
from evaluation.outcome_report import outcome_report
from evaluation.perfusion_report import perfusion_report
from evaluation.quantity_report import ReportedModel, quantity_report
from specs.contract import Contract, Spec
from specs.head import FindingProbability, FindingTolerances, MeasuredQuantity, QuantityTolerances
from specs.model import NetworkSpec
from specs.volume_head import OrganLabels, VirtualPerfusion
from specs.weights import (
    ConfusionCounts,
    DataSet,
    FindingParity,
    FindingPerformance,
    OutcomeParity,
    QuantityParity,
    QuantityPerformance,
    SiteRecalibration,
)
from tests.evaluation.organ_patients import measured_patients as measured_organs
from tests.evaluation.perfusion import measured_patients as measured_perfusion
from tests.specs.records import weights_record

THRESHOLD = 0.39255234599113464
TRUTH = np.array([True] * 12 + [False] * 19)
PROBABILITIES = np.concatenate([np.linspace(0.31, 0.95, 12), np.linspace(0.05, 0.67, 19)])


def distinct_contract(spec: Spec) -> Contract:
    """Build a contract that could belong to the model, no figure of it twice."""
    record = weights_record(spec, version=7, threshold=THRESHOLD)
    found, figures = record.performance, record.parity[0]
    tolerances = spec.tolerances
    match found, figures:
        case FindingPerformance(), FindingParity():
            counts = ConfusionCounts(true_positive=763, false_positive=1251, true_negative=995, false_negative=117)
            point = found.operating_point.model_copy(update={"counts": counts})
            found = found.model_copy(update={"operating_point": point})
            figures = figures.model_copy(
                update={"probability_shift": 2.1e-06, "flipped_share": 0.0039, "flip_distance": 3.3e-07}
            )
            tolerances = FindingTolerances(probability_shift=0.00017, flipped_share=0.0041, auc_change=0.00029)
        case QuantityPerformance(), QuantityParity():
            found = found.model_copy(update={"mean_absolute_error": 4.32, "bias": -0.41, "error_deviation": 5.56})
            figures = figures.model_copy(update={"value_shift": 1.9e-05, "mean_absolute_error_change": 3.4e-07})
            tolerances = QuantityTolerances(value_shift=0.0123, mean_absolute_error_change=0.00147)
    data_set = DataSet(
        name="set one", description="made up", training_studies=8123, validation_studies=2017, seed=202201
    )
    packages = {"torch": "2.15.0", "onnx": "1.23.2"}  # canonical JSON sorts them
    provenance = record.provenance.model_copy(update={"packages": packages})
    counted = "patients" if isinstance(figures, OutcomeParity) else "studies"
    parity = (figures.model_copy(update={counted: 509, "data_set": "set two"}),)
    return Contract(
        spec=spec.model_copy(update={"tolerances": tolerances}),
        weights=record.model_copy(
            update={"performance": found, "parity": parity, "data_set": data_set, "provenance": provenance}
        ),
    )


def imported_contract(spec: NetworkSpec) -> Contract:
    """Build a contract whose weights somebody else trained: of what they were fitted on little is known."""
    made = distinct_contract(spec)
    weights = made.weights
    data_set = weights.data_set.model_copy(update={"training_studies": None, "seed": None})
    provenance = weights.provenance.model_copy(update={"weights_sha256": "fedcba9876543210" * 4})
    return Contract(spec=made.spec, weights=weights.model_copy(update={"data_set": data_set, "provenance": provenance}))


def recalibrated_contract(spec: NetworkSpec, *, slope: float | None) -> Contract:
    """Build a contract whose probabilities were fitted to another site; the slope is None where it was not fitted."""
    made = distinct_contract(spec)
    weights = made.weights
    site = SiteRecalibration(
        of_version=6, of_model_sha256="e" * 64, intercept=-0.25, slope=slope, data_set=weights.data_set
    )
    return Contract(spec=made.spec, weights=weights.model_copy(update={"recalibration": site}))


def report(made: Contract, data_set: str) -> Report:
    """Report made-up answers under a contract."""
    if isinstance(made.spec.head, FindingProbability):
        return finding_report(TRUTH, PROBABILITIES, made, data_set=data_set)
    model = ReportedModel(model=made.spec.name, version=7, contract_sha256=made.sha256())
    if isinstance(made.spec.head, MeasuredQuantity):
        return quantity_report(40.0 + 9 * TRUTH, 60 * PROBABILITIES, model, data_set=data_set, unit=made.spec.head.unit)
    if isinstance(made.spec.head, VirtualPerfusion):
        return perfusion_report(measured_perfusion(), model, data_set=data_set, left_out={})
    if isinstance(made.spec.head, OrganLabels):
        return organ_report(measured_organs(), model, data_set=data_set, left_out={})
    happened = np.arange(TRUTH.size) % len(made.spec.head.outcomes)
    shares = np.stack([PROBABILITIES / 2, PROBABILITIES / 2, 1 - PROBABILITIES], axis=1)
    answers = {classifier.name: shares for classifier in made.spec.head.classifiers}
    return outcome_report(happened, answers, made.spec.head, model, data_set=data_set)
