"""The weights record of what is exported: what training found, what the gate measured, and what made the file."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version as package_version

from specs.entry import ONNX_IR_VERSION, ONNX_OPSET
from specs.weights import Parity, Provenance, WeightsRecord
from training.summary import TrainingSummary

NETWORK_PACKAGES = ("torch", "timm", "lightning", "onnx", "onnxruntime", "numpy", "opencv-python-headless", "pydicom")
"""Packages whose versions go into the record of a network."""
VOLUME_PACKAGES = (*NETWORK_PACKAGES, "monai")
"""The same of a network that answers with a volume."""
TABULAR_PACKAGES = ("scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy")
"""The same of models of scikit-learn."""


def weights_record(
    summary: TrainingSummary, content: bytes, *, version: int, figures: Parity, made: Provenance
) -> WeightsRecord:
    """Say what is known of an ONNX file.

    Args:
        summary: What training found.
        content: The file.
        version: Of its entry.
        figures: How far it is from what was trained.
        made: What made it.
    """
    return WeightsRecord(
        model=summary.model,
        version=version,
        preset=summary.preset,
        demonstration=summary.demonstration,
        model_sha256=hashlib.sha256(content).hexdigest(),
        data_set=summary.data_set,
        performance=summary.performance,
        parity=(figures,),
        provenance=made,
    )


def provenance(
    *, parameters: int, weights_sha256: str | None = None, packages: Sequence[str] = NETWORK_PACKAGES
) -> Provenance:
    """Say what makes an ONNX file here and now, and of imported weights the digest of their file."""
    return Provenance(
        created=datetime.now(UTC).replace(microsecond=0),
        onnx_opset=ONNX_OPSET,
        onnx_ir_version=ONNX_IR_VERSION,
        parameters=parameters,
        packages={package: package_version(package) for package in packages},
        weights_sha256=weights_sha256,
    )
