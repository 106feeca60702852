"""The parity gate: a variant against its fp32 PyTorch original, in clinical units."""

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from evaluation.discrimination import Scores, Truth, area_under_roc
from evaluation.operating_points import is_positive
from export.errors import ParityFailed
from specs.deployment import Engine
from specs.model import ModelSpec
from specs.weights import ParityFigures


def engine_probabilities(content: bytes, spec: ModelSpec, pixels: NDArray[np.uint8]) -> Scores:
    """Run an ONNX file in ONNX Runtime on the CPU; shape (studies,), unit 1.

    Raises:
        ParityFailed: an answer is no number.
    """
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    step = spec.deployment.largest_batch
    answer, (pixels_name,) = spec.head.probability.name, [tensor.name for tensor in spec.inputs]
    parts = [session.run([answer], {pixels_name: pixels[i : i + step]})[0] for i in range(0, len(pixels), step)]
    probabilities: Scores = np.concatenate(parts)[:, 0].astype(np.float64)
    broken = float(np.mean(~np.isfinite(probabilities)))
    if broken > 0:
        raise ParityFailed(
            model=spec.name, figure="the share of answers that are no numbers", measured=broken, tolerated=0.0
        )
    return probabilities


def parity_figures(
    original: Scores, variant: Scores, *, truth: Truth, threshold: float, data_set: str
) -> ParityFigures:
    """Compare two sets of probabilities of the same studies.

    Args:
        original: From the fp32 network, shape (studies,).
        variant: From the variant, the same shape and order.
        truth: The same shape.
        threshold: Operating point of the weights.
        data_set: Name of the studies, for the record.

    Returns:
        The largest shift, the share and distance of flipped calls, the change of the AUC; all unit 1.

    Raises:
        ValueError: the sets differ in length.
    """
    flipped = np.array(
        [is_positive(a, threshold) != is_positive(b, threshold) for a, b in zip(original, variant, strict=True)]
    )
    distance = np.abs(original - threshold)[flipped]
    change = area_under_roc(truth, variant).estimate - area_under_roc(truth, original).estimate
    return ParityFigures(
        engine=Engine.ONNXRUNTIME,
        data_set=data_set,
        studies=truth.size,
        probability_shift=float(np.max(np.abs(original - variant))),
        flipped_share=float(flipped.mean()),
        flip_distance=float(distance.max(initial=0.0)),
        auc_change=abs(change),
    )


def require_parity(figures: ParityFigures, spec: ModelSpec) -> None:
    """Refuse a variant that is farther from its original than the spec tolerates.

    Raises:
        ParityFailed: names the first figure that is out of bounds.
    """
    tolerances = spec.tolerances
    for name, measured, tolerated in (
        ("the largest shift of a probability", figures.probability_shift, tolerances.probability_shift),
        ("the share of flipped calls", figures.flipped_share, tolerances.flipped_share),
        ("the change of the AUC", figures.auc_change, tolerances.auc_change),
    ):
        if not measured <= tolerated:  # so that a figure that is not a number fails
            raise ParityFailed(model=spec.name, figure=name, measured=measured, tolerated=tolerated)
