"""The gRPC boundary: codes, retries, deadlines, a server that goes away."""

import gc
import sys
import time
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from tritonclient.utils import InferenceServerException

from client.call_settings import CallSettings
from client.engine import ServedModel
from client.errors import DeadlineExceeded, ModelNotFound, RequestRejected, ServerError, ServerUnavailable
from client.triton import TritonEngine, translated
from serving import EmbeddedTriton, TritonSettings
from specs import SPECS
from tests.conftest import CLONE

SETTINGS = CallSettings(address="127.0.0.1:1")

EXPECTED: dict[grpc.StatusCode, type[ServerError]] = {
    grpc.StatusCode.ABORTED: ServerUnavailable,
    grpc.StatusCode.ALREADY_EXISTS: RequestRejected,
    grpc.StatusCode.CANCELLED: ServerUnavailable,
    grpc.StatusCode.DATA_LOSS: RequestRejected,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.FAILED_PRECONDITION: RequestRejected,
    grpc.StatusCode.INTERNAL: RequestRejected,
    grpc.StatusCode.INVALID_ARGUMENT: RequestRejected,
    grpc.StatusCode.NOT_FOUND: ModelNotFound,
    grpc.StatusCode.OUT_OF_RANGE: RequestRejected,
    grpc.StatusCode.PERMISSION_DENIED: RequestRejected,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ServerUnavailable,
    grpc.StatusCode.UNAUTHENTICATED: RequestRejected,
    grpc.StatusCode.UNAVAILABLE: ServerUnavailable,
    grpc.StatusCode.UNIMPLEMENTED: RequestRejected,
    grpc.StatusCode.UNKNOWN: RequestRejected,
}


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
def test_every_status_code_becomes_an_error_of_the_family(code: grpc.StatusCode) -> None:
    error = translated(InferenceServerException("message", status=str(code)), model="a_model", settings=SETTINGS)
    assert type(error) is EXPECTED[code]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Request for unknown model: 'a_model' is not found", ModelNotFound),
        ("Request for unknown model: 'a_model' version 9 is not found", ModelNotFound),
        ("Request for unknown model: 'a_model' has no available versions", ModelNotFound),
        ("Request for unknown model: 'a_model' version 1 is not at ready state", ServerUnavailable),
    ],
)
def test_a_model_that_is_being_loaded_is_not_an_unknown_one(text: str, expected: type[ServerError]) -> None:
    error = translated(
        InferenceServerException(text, status="StatusCode.UNAVAILABLE"), model="a_model", settings=SETTINGS
    )
    assert type(error) is expected


def test_a_proxy_of_the_environment_is_not_asked(triton: EmbeddedTriton, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with TritonEngine(CallSettings(address=triton.grpc_address, patience_s=0.5)) as engine:
        assert set(SPECS) < set(engine.model_names())


def test_only_passing_failures_are_retryable() -> None:
    retryable = {code for code, error in EXPECTED.items() if error.retryable}
    assert retryable == {
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNAVAILABLE,
    }


def test_a_message_of_the_server_is_never_repeated() -> None:
    error = translated(
        InferenceServerException("Doe^Jane", status="StatusCode.INTERNAL"), model="a_model", settings=SETTINGS
    )
    assert "Doe" not in str(error)


def test_nobody_at_the_address_is_asked_again_and_then_named() -> None:
    started_s = time.monotonic()
    with (
        TritonEngine(CallSettings(address="127.0.0.1:1", patience_s=0.5)) as engine,
        pytest.raises(ServerUnavailable, match=r"127\.0\.0\.1:1 is not available"),
    ):
        engine.model_names()
    assert time.monotonic() - started_s < 30


def test_a_deadline_that_passes_is_named(triton: EmbeddedTriton, model: ServedModel) -> None:
    pixels = np.zeros((16, *model.contract.spec.recipe.input.shape), dtype=np.uint8)
    call = CallSettings(address=triton.grpc_address, deadline_s=1e-4, patience_s=0)
    with TritonEngine(call) as engine, pytest.raises(DeadlineExceeded, match=r"0\.0001 s"):
        engine.infer(model, {"pixels": pixels}, ["probability"])


def test_a_version_that_is_not_served_is_not_found(remote: TritonEngine, model: ServedModel) -> None:
    weights = model.contract.weights.model_copy(update={"version": 999})
    contract = model.contract.model_copy(update={"weights": weights})
    unserved = ServedModel(contract=contract, contract_sha256=contract.sha256())
    pixels = np.zeros((1, *contract.spec.recipe.input.shape), dtype=np.uint8)
    with pytest.raises(ModelNotFound):
        remote.infer(unserved, {"pixels": pixels}, ["probability"])


def test_a_server_that_has_stopped_is_unavailable_and_the_failure_retryable(tmp_path: Path, model: ServedModel) -> None:
    settings = TritonSettings(
        repository=CLONE / "model_repository", run_folder=tmp_path, environment=CLONE / ".venv-server"
    )
    pixels = np.zeros((1, *model.contract.spec.recipe.input.shape), dtype=np.uint8)
    with EmbeddedTriton(settings) as server, TritonEngine(_little_patience(server)) as engine:
        served = engine.served_model(model.name)
        engine.infer(served, {"pixels": pixels}, ["probability"])
        server.stop()
        with pytest.raises(ServerUnavailable) as caught:
            engine.infer(served, {"pixels": pixels}, ["probability"])
    assert caught.value.retryable


def _little_patience(server: EmbeddedTriton) -> CallSettings:
    return CallSettings(address=server.grpc_address, patience_s=0.5)


def test_a_client_that_is_interrupted_while_it_is_made_goes_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_arguments: object, **_options: object) -> grpc.Channel:
        raise KeyboardInterrupt

    complaints: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    monkeypatch.setattr(grpc, "insecure_channel", interrupted)
    with pytest.raises(KeyboardInterrupt):
        TritonEngine(SETTINGS)
    gc.collect()
    assert not complaints
