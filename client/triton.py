"""The boundary to Triton: gRPC, KServe v2. Only this file knows tritonclient's exceptions."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

import grpc
import tritonclient.grpc as tritongrpc
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from client.contracts import newest_model
from client.engine import ServedModel, TensorValue
from client.errors import (
    ContractError,
    DeadlineExceeded,
    ModelNotFound,
    OutputError,
    RequestRejected,
    ServerError,
    ServerUnavailable,
    TricorderError,
)

_Answer = TypeVar("_Answer")

UNAVAILABLE_CODES = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.CANCELLED,
    }
)
"""Codes after which the same request may succeed: the server is away, stopping, or too busy."""

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 2.0


@dataclass(frozen=True, kw_only=True)
class CallSettings:
    """Where the server is, and how long and how often to ask.

    `deadline_s` bounds each attempt; an attempt that fails for a passing reason is repeated after a random,
    exponentially growing pause, `attempts` times in all.
    """

    address: str = "127.0.0.1:8001"
    deadline_s: float = 30.0
    attempts: int = 4


class TritonEngine:
    """Models behind a Triton server's gRPC endpoint; safe to use from several threads."""

    def __init__(self, settings: CallSettings) -> None:
        self._settings = settings
        self._client = tritongrpc.InferenceServerClient(url=settings.address)
        self._models: dict[str, ServedModel] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def model_names(self) -> tuple[str, ...]:
        """Return the names of the models that are ready, in alphabetical order."""
        index = self._ask("", lambda deadline_s: self._client.get_model_repository_index(client_timeout=deadline_s))
        return tuple(sorted({model.name for model in index.models if model.state == "READY"}))

    def served_model(self, name: str) -> ServedModel:
        """Return the newest ready version of a model; read from the server once.

        Raises:
            ModelNotFound: the server does not serve it.
            ContractError: its contract is missing, unknown or not its own.
        """
        if name not in self._models:
            served = self.model_names()
            if name not in served:
                raise ModelNotFound(model=name, served=served)
            metadata = self._ask(name, lambda s: self._client.get_model_metadata(name, client_timeout=s))
            reply = self._ask(name, lambda s: self._client.get_model_config(name, client_timeout=s))
            self._models[name] = newest_model(reply.config, tuple(int(version) for version in metadata.versions))
        return self._models[name]

    def infer(
        self, model: ServedModel, inputs: Mapping[str, TensorValue], outputs: Sequence[str]
    ) -> dict[str, TensorValue]:
        """Run one batch on the server and return only the outputs asked for.

        Raises:
            ServerError: there is no answer after all attempts.
            ContractError: another version, model or request answered.
            OutputError: an output is missing.
        """
        request_id = uuid.uuid4().hex
        sent = [_input(name, value) for name, value in inputs.items()]
        asked = [tritongrpc.InferRequestedOutput(name) for name in outputs]
        result = self._ask(
            model.name,
            lambda deadline_s: self._client.infer(
                model.name,
                sent,
                model_version=str(model.version),
                outputs=asked,
                request_id=request_id,
                client_timeout=deadline_s,
            ),
        )
        reply = result.get_response()
        answered = (reply.model_name, reply.model_version, reply.id)
        if answered != (model.name, str(model.version), request_id):
            raise ContractError(model=model.name, what="another model, version or request answered")
        return {name: _output(result, name) for name in outputs}

    def _ask(self, model: str, call: Callable[[float], _Answer]) -> _Answer:
        def attempt() -> _Answer:
            try:
                return call(self._settings.deadline_s)
            except InferenceServerException as error:
                raise translated(error, model=model, settings=self._settings) from None

        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, TricorderError) and error.retryable),
            stop=stop_after_attempt(self._settings.attempts),
            wait=wait_random_exponential(multiplier=_FIRST_PAUSE_S, max=_LONGEST_PAUSE_S),
            reraise=True,
        )
        return retrying(attempt)


def translated(error: InferenceServerException, *, model: str, settings: CallSettings) -> ServerError:
    """Turn tritonclient's one exception into the family's, by gRPC status code."""
    code = _status_code(error)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return DeadlineExceeded(deadline_s=settings.deadline_s)
    # Triton answers UNAVAILABLE to a request for a model or version that it does not have
    if code is grpc.StatusCode.NOT_FOUND or "unknown model" in str(error.message()):
        return ModelNotFound(model=model)
    if code in UNAVAILABLE_CODES:
        return ServerUnavailable(address=settings.address, code=code.name)
    return RequestRejected(model=model, code=code.name)


def _status_code(error: InferenceServerException) -> grpc.StatusCode:
    """Find the code in tritonclient's text, "StatusCode.NAME"; UNKNOWN for the client library's own errors."""
    name = str(error.status() or "").removeprefix("StatusCode.")
    return grpc.StatusCode.__members__.get(name, grpc.StatusCode.UNKNOWN)


def _input(name: str, value: TensorValue) -> tritongrpc.InferInput:
    tensor = tritongrpc.InferInput(name, list(value.shape), np_to_triton_dtype(value.dtype))
    tensor.set_data_from_numpy(value)
    return tensor


def _output(result: tritongrpc.InferResult, name: str) -> TensorValue:
    value: TensorValue | None = result.as_numpy(name)
    if value is None:
        raise OutputError(tensor=name, what="missing", accepted="every output that was asked for")
    return value
