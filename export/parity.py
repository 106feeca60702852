"""The parity gate: a variant against its fp32 PyTorch original, in clinical units."""

from dataclasses import dataclass

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from evaluation.discrimination import area_under_roc
from evaluation.operating_points import is_positive
from evaluation.tolerated import tolerated_figures
from export.errors import ParityFailed
from specs.deployment import Engine, Precision
from specs.model import ModelSpec, NetworkSpec
from specs.variant_tolerances import variant_tolerances
from specs.weights import FindingParity, FindingPerformance, Parity, Performance, QuantityParity

Answers = NDArray[np.float64]
"""One for each study, shape (studies,): a probability, or a quantity in its unit."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The same studies answered by the fp32 network and by a variant of it, with their truth; each (studies,).

    `engine` is that of the variant.
    """

    original: Answers
    variant: Answers
    truth: NDArray[np.float32]
    data_set: str
    engine: Engine = Engine.ONNXRUNTIME

    def __post_init__(self) -> None:
        if not self.original.shape == self.variant.shape == self.truth.shape:
            raise ValueError("original, variant and truth differ in length")


def engine_answers(content: bytes, spec: NetworkSpec, pixels: NDArray[np.uint8]) -> Answers:
    """Run an ONNX file in ONNX Runtime on the CPU.

    Raises:
        ParityFailed: an answer is no number.
    """
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    step = spec.deployment.largest_batch
    answer, (pixels_name,) = spec.head.answer.name, [tensor.name for tensor in spec.inputs]
    parts = [session.run([answer], {pixels_name: pixels[i : i + step]})[0] for i in range(0, len(pixels), step)]
    answers: Answers = np.concatenate(parts)[:, 0].astype(np.float64)
    require_numbers(answers, spec)
    return answers


def require_numbers(answers: Answers, spec: ModelSpec) -> None:
    """Refuse a variant of which an answer is no number.

    Raises:
        ParityFailed: it is so.
    """
    broken = float(np.mean(~np.isfinite(answers)))
    if broken > 0:
        raise ParityFailed(
            model=spec.name, figure="the share of answers that are no numbers", measured=broken, tolerated=0.0
        )


def parity_figures(compared: Compared, performance: Performance) -> Parity:
    """Compare two sets of answers to the same studies.

    Args:
        compared: The answers.
        performance: Of the weights; for a finding it holds the operating point.

    Returns:
        For a finding the largest shift, the share and distance of flipped calls and the change of the AUC, all unit
        1; for a quantity the largest shift and the change of the mean absolute error in its unit.
    """
    if isinstance(performance, FindingPerformance):
        return _finding_parity(compared, threshold=performance.operating_point.threshold)
    errors = [mean_absolute_error(answers, compared.truth) for answers in (compared.original, compared.variant)]
    return QuantityParity(
        engine=compared.engine,
        data_set=compared.data_set,
        studies=compared.truth.size,
        value_shift=float(np.max(np.abs(compared.original - compared.variant))),
        mean_absolute_error_change=abs(errors[1] - errors[0]),
    )


def mean_absolute_error(answers: Answers, truth: NDArray[np.float32]) -> float:
    """Return how far answers are from the truth on average, in their unit; both of shape (studies,)."""
    return float(np.abs(answers - truth).mean())


def flipped_calls(compared: Compared, *, threshold: float) -> NDArray[np.bool_]:
    """Tell which studies the variant calls otherwise than the original does, shape (studies,).

    Args:
        compared: Probabilities.
        threshold: Operating point, unit 1.
    """
    pairs = zip(compared.original, compared.variant, strict=True)
    return np.array([is_positive(a, threshold) != is_positive(b, threshold) for a, b in pairs], dtype=np.bool_)


def _finding_parity(compared: Compared, *, threshold: float) -> FindingParity:
    original, variant, truth = compared.original, compared.variant, compared.truth > 0
    flipped = flipped_calls(compared, threshold=threshold)
    distance = np.abs(original - threshold)[flipped]
    change = area_under_roc(truth, variant).estimate - area_under_roc(truth, original).estimate
    return FindingParity(
        engine=compared.engine,
        data_set=compared.data_set,
        studies=truth.size,
        probability_shift=float(np.max(np.abs(original - variant))),
        flipped_share=float(flipped.mean()),
        flip_distance=float(distance.max(initial=0.0)),
        auc_change=abs(change),
    )


def require_parity(figures: Parity, spec: ModelSpec, *, precision: Precision = Precision.FP32) -> None:
    """Refuse a variant that is farther from its original than is tolerated of its precision.

    Raises:
        ParityFailed: names the first figure that is out of bounds.
        TypeError: figures of another kind of head than the spec's tolerances.
    """
    for figure in tolerated_figures(figures, variant_tolerances(spec, precision)):
        if not figure.measured <= figure.tolerated:  # so that a figure that is not a number fails
            raise ParityFailed(
                model=spec.name, figure=figure.name, measured=figure.measured, tolerated=figure.tolerated
            )
