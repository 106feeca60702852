"""A complete weights record for any spec."""

from datetime import UTC, datetime

from specs.contract import Contract
from specs.deployment import Engine
from specs.head import LargestYouden
from specs.model import ModelSpec
from specs.network import Preset
from specs.weights import (
    Calibration,
    ConfusionCounts,
    DataSet,
    Discrimination,
    OperatingPoint,
    ParityFigures,
    Provenance,
    WeightsRecord,
)


def weights_record(spec: ModelSpec, *, version: int = 1, threshold: float = 0.4) -> WeightsRecord:
    """Build a record that could belong to the spec."""
    return WeightsRecord(
        model=spec.name,
        version=version,
        preset=Preset.DEMONSTRATION,
        demonstration=True,
        model_sha256="0123456789abcdef" * 4,
        data_set=DataSet(name="phantoms", description="phantöms", training_studies=8, validation_studies=4, seed=1),
        operating_point=OperatingPoint(
            threshold=threshold,
            policy=LargestYouden(),
            data_set="validation",
            counts=ConfusionCounts(true_positive=88, false_positive=295, true_negative=664, false_negative=18),
        ),
        discrimination=Discrimination(data_set="validation", auc=0.83, auc_lower=0.78, auc_upper=0.88),
        calibration=Calibration(data_set="validation", intercept=-0.1, slope=1.2, brier_score=0.17),
        parity=(
            ParityFigures(
                engine=Engine.ONNXRUNTIME,
                data_set="parity",
                studies=500,
                probability_shift=1e-7,
                flipped_share=0.0,
                flip_distance=0.0,
                auc_change=0.0,
            ),
        ),
        provenance=Provenance(
            created=datetime(2026, 11, 20, tzinfo=UTC),
            onnx_opset=18,
            onnx_ir_version=10,
            parameters=1_481_489,
            packages={"torch": "2.15.0"},
        ),
    )


def contract(spec: ModelSpec, *, version: int = 1, threshold: float = 0.4) -> Contract:
    """Build the contract of a spec and a record that could belong to it."""
    return Contract(spec=spec, weights=weights_record(spec, version=version, threshold=threshold))
