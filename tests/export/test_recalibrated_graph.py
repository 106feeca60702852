"""A recalibration inside a graph is the recalibration of its answers, and changes neither order nor evidence."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluation.calibration import log_odds
from evaluation.recalibration import Recalibration
from export.recalibrated_graph import recalibrated_graph
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.entry import ONNX_FILE
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from tests.export.fits import fit
from tests.training.tiny import random_pixels

ROUNDING = 1e-5
"""Of a few float32 operations on log-odds; a probability near 1 has few digits of them."""

ADDED = {"Clip", "Mul", "Add", "Sub", "Log", "Sigmoid"}

Answers = NDArray[np.float32]


FITS = pytest.mark.parametrize("made", [fit(0.7, 1.6), fit(-1.2, None), fit(0.0, 0.4)])


@pytest.fixture(scope="module")
def network(committed_repository: Path) -> bytes:
    return (committed_repository / "mitral_regurgitation" / "1" / ONNX_FILE).read_bytes()


@pytest.fixture(scope="module")
def vote(committed_repository: Path) -> bytes:
    return (committed_repository / "aortic_stenosis_vote" / "1" / ONNX_FILE).read_bytes()


def run(content: bytes, inputs: dict[str, NDArray[np.generic]]) -> dict[str, Answers]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return {name: np.asarray(value) for name, value in zip(names, session.run(None, inputs), strict=True)}


def votes(each: NDArray[np.float32]) -> dict[str, NDArray[np.generic]]:
    """Name the votes of members, shape (studies, members)."""
    names = [tensor.name for tensor in AORTIC_STENOSIS.vote_graph.inputs]
    return {name: each[:, [place]] for place, name in enumerate(names)}


def tensors(content: bytes) -> list[str]:
    graph = onnx.load_from_string(content).graph
    return [value.SerializeToString().hex() for value in (*graph.input, *graph.output)]


@FITS
def test_a_network_answers_as_the_fit_says_and_its_map_still_means_its_log_odds(
    network: bytes, made: Recalibration
) -> None:
    changed = recalibrated_graph(network, made, answer="probability", evidence="cam")
    pixels = random_pixels(MITRAL_REGURGITATION, studies=8).numpy()
    before, after = (run(content, {"pixels": pixels}) for content in (network, changed))
    np.testing.assert_allclose(
        after["probability"], made.applied(before["probability"].astype(np.float64)), atol=ROUNDING
    )
    assert np.ptp(before["probability"]) > 0.1
    farthest = float(log_odds(np.array(1.0)))
    means = np.clip(after["cam"].astype(np.float64).mean(axis=(1, 2)), -farthest, farthest)
    np.testing.assert_allclose(means, log_odds(after["probability"].astype(np.float64))[:, 0], atol=1e-3)
    assert np.array_equal(np.argsort(before["probability"][:, 0]), np.argsort(after["probability"][:, 0]))


@settings(max_examples=25)
@given(
    probabilities=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=8),
    intercept=st.floats(-4, 4),
    slope=st.none() | st.floats(0.1, 4),
)
def test_a_vote_is_recalibrated_behind_the_mean_and_keeps_each_member(
    vote: bytes, probabilities: list[float], intercept: float, slope: float | None
) -> None:
    one = np.array(probabilities, dtype=np.float32)
    each = np.stack([one, one[::-1], one], axis=1)
    made = fit(intercept, slope)
    changed = run(recalibrated_graph(vote, made, answer="probability", evidence=None), votes(each))
    assert np.array_equal(changed["member_probabilities"], each)
    mean = run(vote, votes(each))["probability"].astype(np.float64)
    # within 1e-3 of log-odds at the cut, where float32 has few digits of one less a probability
    np.testing.assert_allclose(changed["probability"], made.applied(mean), atol=1e-4)


@FITS
def test_only_portable_operators_are_added_and_the_tensors_stay(
    network: bytes, vote: bytes, made: Recalibration
) -> None:
    for content, evidence in ((network, "cam"), (vote, None)):
        changed = recalibrated_graph(content, made, answer="probability", evidence=evidence)
        kinds = [[node.op_type for node in onnx.load_from_string(each).graph.node] for each in (content, changed)]
        for kind in set(kinds[1]):
            assert kinds[1].count(kind) == kinds[0].count(kind) or kind in ADDED
        assert tensors(changed) == tensors(content)
        assert changed == recalibrated_graph(content, made, answer="probability", evidence=evidence)


def test_a_recalibrated_vote_can_be_changed_once_more(vote: bytes) -> None:
    first, second = fit(0.5, 1.5), fit(-0.2, 0.8)
    once = recalibrated_graph(vote, first, answer="probability", evidence=None)
    twice = recalibrated_graph(once, second, answer="probability", evidence=None)
    each = np.array([[0.2, 0.3, 0.7], [0.9, 0.8, 0.6]], dtype=np.float32)
    expected = second.applied(first.applied(each.astype(np.float64).mean(axis=1)))
    np.testing.assert_allclose(run(twice, votes(each))["probability"][:, 0], expected, atol=ROUNDING)
