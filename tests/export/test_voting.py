"""The graphs that combine members do what the spec says of them, in the engine."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from export.onnx_file import onnx_bytes
from export.voting import MapMean, Vote
from specs.aortic_stenosis import AORTIC_STENOSIS

SHAPE = (24, 24)
ROUNDING = 1e-6
"""Of a few float32 operations on numbers up to 1."""


def session(content: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def vote() -> onnxruntime.InferenceSession:
    graph = AORTIC_STENOSIS.vote_graph
    return session(onnx_bytes(Vote().eval(), inputs=graph.inputs, outputs=graph.outputs))


@pytest.fixture(scope="module")
def combine() -> onnxruntime.InferenceSession:
    graph = AORTIC_STENOSIS.map_graph
    assert graph is not None
    return session(onnx_bytes(MapMean(SHAPE).eval(), inputs=graph.inputs, outputs=graph.outputs))


@settings(max_examples=50)
@given(votes=arrays(np.float32, st.tuples(st.integers(1, 9), st.just(3)), elements=st.floats(0, 1, width=32)))
def test_the_vote_is_the_mean_and_keeps_each_member_in_its_order(
    vote: onnxruntime.InferenceSession, votes: NDArray[np.float32]
) -> None:
    names = [tensor.name for tensor in AORTIC_STENOSIS.vote_graph.inputs]
    probability, members = vote.run(None, {name: votes[:, [place]] for place, name in enumerate(names)})
    assert np.array_equal(np.asarray(members), votes)
    np.testing.assert_allclose(np.asarray(probability)[:, 0], votes.astype(np.float64).mean(axis=1), atol=ROUNDING)


def maps(seed: int, *, studies: int) -> dict[str, NDArray[np.float32]]:
    rng, graph = np.random.default_rng(seed), AORTIC_STENOSIS.map_graph
    assert graph is not None
    return {tensor.name: rng.normal(size=(studies, *tensor.shape)).astype(np.float32) for tensor in graph.inputs}


def combined(combine: onnxruntime.InferenceSession, given_maps: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    (result,) = combine.run(None, given_maps)
    return np.asarray(result)


@pytest.mark.parametrize("studies", [1, 4])
def test_a_combined_map_is_a_share_of_the_largest(combine: onnxruntime.InferenceSession, studies: int) -> None:
    result = combined(combine, maps(1, studies=studies))
    assert result.shape == (studies, *SHAPE)
    assert 0 <= result.min() < result.max() <= 1


def test_each_member_has_the_same_say_whatever_the_scale_of_its_map(combine: onnxruntime.InferenceSession) -> None:
    plain = maps(2, studies=3)
    loud = {name: value * (10.0**place) for place, (name, value) in enumerate(plain.items())}
    np.testing.assert_allclose(combined(combine, loud), combined(combine, plain), atol=ROUNDING)


def test_a_member_without_positive_evidence_adds_nothing(combine: onnxruntime.InferenceSession) -> None:
    given_maps = maps(3, studies=2)
    first = next(iter(given_maps))
    silent = combined(combine, {**given_maps, first: -np.abs(given_maps[first])})
    assert np.isfinite(silent).all()
    assert silent.max() <= 2 / 3 + ROUNDING
    nothing = combined(combine, {name: -np.abs(value) for name, value in given_maps.items()})
    assert not nothing.any()


def test_evidence_stays_in_its_place(combine: onnxruntime.InferenceSession) -> None:
    given_maps = maps(4, studies=1)
    for value in given_maps.values():
        value[:] = 0
        value[:, : value.shape[1] // 2, value.shape[2] // 2 :] = 1
    result = combined(combine, given_maps)[0]
    assert result[:9, 15:].min() == pytest.approx(1)
    assert result[15:].max() == 0
    assert result[:, :9].max() == 0
