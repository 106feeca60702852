"""An urgent request goes before the ordinary ones that wait: at a model, and at what an ensemble runs."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
import tritonclient.grpc as tritongrpc

from client.call_settings import CallSettings
from client.triton import TritonEngine
from serving import EmbeddedTriton
from specs.deployment import Priority

FLOOD = 240
"""Ordinary requests sent at once."""


@pytest.fixture(scope="module")
def urgent(triton: EmbeddedTriton) -> Iterator[TritonEngine]:
    with TritonEngine(CallSettings(address=triton.grpc_address, priority=Priority.URGENT)) as engine:
        yield engine


@pytest.mark.parametrize("name", ["mitral_regurgitation", "aortic_stenosis"])
def test_an_urgent_request_is_answered_before_most_that_wait(
    name: str, urgent: TritonEngine, channel: tritongrpc.InferenceServerClient
) -> None:
    model = urgent.served_model(name)
    declared = model.contract.spec.recipe.input
    pixels = np.zeros((1, *declared.shape), dtype=np.uint8)
    tensor = tritongrpc.InferInput(declared.name, list(pixels.shape), "UINT8")
    tensor.set_data_from_numpy(pixels)
    answered, all_answered = [], threading.Semaphore(0)

    def note(result: tritongrpc.InferResult | None, error: Exception | None) -> None:
        answered.append(error)
        all_answered.release()

    for _ in range(FLOOD):
        channel.async_infer(name, [tensor], note, outputs=[tritongrpc.InferRequestedOutput("probability")])
    urgent.infer(model, {declared.name: pixels}, ["probability"])
    before_urgent = len(answered)
    for _ in range(FLOOD):
        assert all_answered.acquire(timeout=120)
    assert answered == [None] * FLOOD
    assert before_urgent < FLOOD / 2  # it was sent behind all of them
