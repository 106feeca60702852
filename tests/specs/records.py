"""A complete weights record for any spec."""

import hashlib
from datetime import UTC, datetime
from typing import assert_never

from specs.contract import Contract, Spec
from specs.deployment import Engine
from specs.ensemble import CompoundSpec
from specs.head import FindingProbability, LargestYouden, MeasuredQuantity
from specs.model import ModelSpec
from specs.network import Preset
from specs.outcome import OutcomeProbabilities
from specs.perfusion_scores import NormalLimits
from specs.volume_figures import OrganDice, OrganParity, OrganPerformance, PerfusionParity, PerfusionPerformance
from specs.volume_head import OrganLabels, VirtualPerfusion
from specs.weights import (
    Calibration,
    ClassifierFigures,
    ConfusionCounts,
    DataSet,
    Discrimination,
    FindingParity,
    FindingPerformance,
    OperatingPoint,
    OutcomeFigures,
    OutcomeParity,
    OutcomePerformance,
    Parity,
    Performance,
    Provenance,
    QuantityParity,
    QuantityPerformance,
    RiskGroup,
    StepWeights,
    WeightsRecord,
    steps_sha256,
)


def weights_record(spec: Spec, *, version: int = 1, threshold: float = 0.4) -> WeightsRecord:
    """Build a record that could belong to the spec."""
    steps = step_weights(spec, version=version)
    return WeightsRecord(
        model=spec.name,
        version=version,
        preset=Preset.DEMONSTRATION,
        demonstration=True,
        model_sha256=steps_sha256(steps) if steps else "0123456789abcdef" * 4,
        steps=steps,
        data_set=DataSet(name="phantoms", description="phantöms", training_studies=8, validation_studies=4, seed=1),
        performance=performance(spec, threshold=threshold),
        parity=(parity(spec),),
        provenance=Provenance(
            created=datetime(2026, 11, 20, tzinfo=UTC),
            onnx_opset=18,
            onnx_ir_version=10,
            parameters=1_481_489,
            packages={"torch": "2.15.0"},
        ),
    )


def step_weights(spec: ModelSpec, *, version: int = 1) -> tuple[StepWeights, ...]:
    """Build the files of an ensemble's steps, each with a digest of its own; none for a network."""
    models = dict.fromkeys(step.model for step in spec.steps) if isinstance(spec, CompoundSpec) else {}
    return tuple(
        StepWeights(model=model, version=version, model_sha256=hashlib.sha256(model.encode()).hexdigest())
        for model in models
    )


def performance(spec: ModelSpec, *, threshold: float = 0.4) -> Performance:
    """Build figures of the kind that the spec's head has; those of a finding are the published ones of stenosis."""
    match spec.head:
        case FindingProbability():
            counts = ConfusionCounts(true_positive=88, false_positive=295, true_negative=664, false_negative=18)
            return FindingPerformance(
                operating_point=OperatingPoint(
                    threshold=threshold, policy=LargestYouden(), data_set="validation", counts=counts
                ),
                discrimination=Discrimination(data_set="validation", auc=0.83, auc_lower=0.78, auc_upper=0.88),
                calibration=Calibration(data_set="validation", intercept=-0.1, slope=1.2, brier_score=0.17),
            )
        case MeasuredQuantity():
            return QuantityPerformance(
                data_set="validation",
                studies=1065,
                mean_absolute_error=4.5,
                bias=-0.2,
                error_deviation=5.7,
                pearson_r=0.9,
            )
        case OutcomeProbabilities():
            return outcome_performance(spec.head)
        case VirtualPerfusion():
            limits = NormalLimits(mean_percent=(80.0,) * 17, deviation_percent=(6.0,) * 17, patients=70)
            return PerfusionPerformance(
                data_set="validation",
                patients=75,
                segment_error_percent=3.5,
                spect_segment_error_percent=7.25,
                stress_limits=limits,
                rest_limits=limits,
                spect_stress_limits=limits,
                spect_rest_limits=limits,
            )
        case OrganLabels():
            dice = tuple(OrganDice(organ=organ.name, dice=0.9) for organ in spec.head.organs)
            return OrganPerformance(data_set="validation", patients=75, dice=dice)
        case _:
            assert_never(spec.head)


def outcome_performance(head: OutcomeProbabilities) -> OutcomePerformance:
    """Build figures for each outcome; the groups of those with a cut-off are the published ones."""
    figures = [
        OutcomeFigures(
            outcome=outcome.name,
            events=104,
            discrimination=Discrimination(data_set="validation", auc=0.9, auc_lower=0.87, auc_upper=0.93),
            calibration=Calibration(data_set="validation", intercept=0.0, slope=1.0, brier_score=0.1),
            low_risk=RiskGroup(patients=328, events=6) if outcome.high_risk_above else None,
            high_risk=RiskGroup(patients=198, events=98) if outcome.high_risk_above else None,
        )
        for outcome in head.outcomes
    ]
    return OutcomePerformance(
        data_set="validation",
        patients=526,
        classifiers=tuple(
            ClassifierFigures(classifier=classifier.name, outcomes=tuple(figures)) for classifier in head.classifiers
        ),
    )


def parity(spec: ModelSpec) -> Parity:
    """Build parity figures within every tolerance."""
    match spec.head:
        case FindingProbability():
            return FindingParity(
                engine=Engine.ONNXRUNTIME,
                data_set="parity",
                studies=500,
                probability_shift=1e-7,
                flipped_share=0.0,
                flip_distance=0.0,
                auc_change=0.0,
            )
        case MeasuredQuantity():
            return QuantityParity(
                engine=Engine.ONNXRUNTIME,
                data_set="parity",
                studies=500,
                value_shift=1e-7,
                mean_absolute_error_change=0.0,
            )
        case OutcomeProbabilities():
            return OutcomeParity(
                engine=Engine.ONNXRUNTIME,
                data_set="parity",
                patients=500,
                split_points=60,
                probability_shift=1e-7,
                sum_error=1e-7,
            )
        case VirtualPerfusion():
            return PerfusionParity(engine=Engine.ONNXRUNTIME, data_set="parity", studies=60, segment_shift_percent=1e-5)
        case OrganLabels():
            return OrganParity(
                engine=Engine.ONNXRUNTIME, data_set="parity", studies=60, dice_loss=1e-6, heart_counts_shift=1e-6
            )
        case _:
            assert_never(spec.head)


def contract(spec: Spec, *, version: int = 1, threshold: float = 0.4) -> Contract:
    """Build the contract of a spec and a record that could belong to it."""
    return Contract(spec=spec, weights=weights_record(spec, version=version, threshold=threshold))
