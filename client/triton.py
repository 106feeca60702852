"""The boundary to Triton: gRPC, KServe v2. Only this file knows tritonclient's exceptions."""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

import grpc
import tritonclient.grpc as tritongrpc
from tenacity import (
    Retrying,
    retry_if_exception,
    sleep_using_event,
    stop_after_delay,
    stop_any,
    stop_when_event_set,
    wait_random_exponential,
)
from tritonclient.grpc import model_config_pb2
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from client.call_settings import CallSettings
from client.contracts import newest_model, require_steps
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

_UNKNOWN_MODEL_TEXTS = ("is not found", "has no available versions")
"""What Triton 2.51 says, with the code UNAVAILABLE, of a model or version that it does not have; while one is being
loaded or unloaded it says "is not at ready state" with the same code, which passes."""

_LARGEST_MESSAGE_BYTES = 2**31 - 1
_CHANNEL_ARGUMENTS = [
    ("grpc.max_send_message_length", _LARGEST_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES),
    ("grpc.enable_http_proxy", 0),  # a proxy of the environment would take even loopback addresses
]

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 2.0
_QUESTION_PATIENCE_S = 1.0
_LIVENESS_DEADLINE_S = 5.0


class TritonEngine:
    """Models behind a Triton server's gRPC endpoint; safe to use from several threads."""

    def __init__(self, settings: CallSettings) -> None:
        self._settings = settings
        self._client = tritongrpc.InferenceServerClient(url=settings.address, channel_args=_CHANNEL_ARGUMENTS)
        self._models: dict[str, ServedModel] = {}
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._client.close()

    def is_live(self) -> bool:
        """Tell whether a server answers at the address now."""
        try:
            return bool(self._client.is_server_live(client_timeout=_LIVENESS_DEADLINE_S))
        except InferenceServerException:
            return False

    def model_names(self) -> tuple[str, ...]:
        """Return the names of the models that are ready, in alphabetical order.

        Raises:
            ServerError: there is no answer.
        """
        index = self._ask("", lambda deadline_s: self._client.get_model_repository_index(client_timeout=deadline_s))
        return tuple(sorted({model.name for model in index.models if model.state == "READY"}))

    def served_model(self, name: str) -> ServedModel:
        """Return the newest ready version of a model; read from the server once.

        Raises:
            ModelNotFound: the server does not serve it.
            ContractError: its contract is missing, unknown or not its own.
            ServerError: there is no answer.
        """
        if name not in self._models:
            served = self.model_names()
            if name not in served:
                raise ModelNotFound(model=name, served=served)
            metadata = self._ask(name, lambda s: self._client.get_model_metadata(name, client_timeout=s))
            model = newest_model(self._config(name), tuple(int(version) for version in metadata.versions))
            require_steps(model, {step.model: self._config(step.model) for step in model.contract.weights.steps})
            self._models[name] = model
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
            patience_s=self._settings.patience_s,
        )
        reply = result.get_response()
        answered = (reply.model_name, reply.model_version, reply.id)
        if answered != (model.name, str(model.version), request_id):
            raise ContractError(model=model.name, what="another model, version or request answered")
        return {name: _output(result, name) for name in outputs}

    def _config(self, name: str) -> model_config_pb2.ModelConfig:
        reply = self._ask(name, lambda deadline_s: self._client.get_model_config(name, client_timeout=deadline_s))
        config: model_config_pb2.ModelConfig = reply.config
        return config

    def _ask(
        self, model: str, call: Callable[[float], _Answer], *, patience_s: float = _QUESTION_PATIENCE_S
    ) -> _Answer:
        def attempt() -> _Answer:
            try:
                return call(self._settings.deadline_s)
            except InferenceServerException as error:
                raise translated(error, model=model, settings=self._settings) from None

        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, TricorderError) and error.retryable),
            stop=stop_any(stop_after_delay(patience_s), stop_when_event_set(self._closed)),
            sleep=sleep_using_event(self._closed),
            wait=wait_random_exponential(multiplier=_FIRST_PAUSE_S, max=_LONGEST_PAUSE_S),
            reraise=True,
        )
        return retrying(attempt)


def translated(error: InferenceServerException, *, model: str, settings: CallSettings) -> ServerError:
    """Turn tritonclient's one exception into the family's, by gRPC status code."""
    code = _status_code(error)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return DeadlineExceeded(deadline_s=settings.deadline_s)
    if code is grpc.StatusCode.NOT_FOUND or any(text in str(error.message()) for text in _UNKNOWN_MODEL_TEXTS):
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
