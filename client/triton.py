"""The boundary to Triton: gRPC, KServe v2. Only this file knows tritonclient's exceptions."""

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from client.channel import Channel
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
from client.shared_memory import SharedInputs, is_local
from client.shared_region import Region

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

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 2.0
_QUESTION_PATIENCE_S = 1.0
_LIVENESS_DEADLINE_S = 5.0
_REGION_DEADLINE_S = 2.0


@dataclass(frozen=True, kw_only=True)
class _Request:
    """One inference, however often and in whichever way it is sent."""

    model: ServedModel
    inputs: Mapping[str, TensorValue]
    outputs: Sequence[str]
    identity: str


class TritonEngine:
    """Models behind a Triton server's gRPC endpoint; safe to use from several threads."""

    def __init__(self, settings: CallSettings) -> None:
        self._settings = settings
        self._client = Channel(settings.address)
        self._regions = ServerRegions(settings)
        may_share = settings.shared_memory and is_local(settings.address)
        self._shared = SharedInputs(self._regions, smallest_bytes=settings.smallest_shared_bytes if may_share else None)
        self._models: dict[str, ServedModel] = {}
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._client.close()  # which ends the calls that are being waited for, so that their regions come free
        self._shared.close()
        self._regions.close()

    @property
    def uses_shared_memory(self) -> bool:
        """Whether large inputs are handed over in shared memory, as far as is known by now."""
        return self._shared.is_on

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
        request = _Request(model=model, inputs=inputs, outputs=outputs, identity=uuid.uuid4().hex)
        result = self._ask(
            model.name, lambda deadline_s: self._sent(request, deadline_s), patience_s=self._settings.patience_s
        )
        reply = result.get_response()
        answered = (reply.model_name, reply.model_version, reply.id)
        if answered != (model.name, str(model.version), request.identity):
            raise ContractError(model=model.name, what="another model, version or request answered")
        return {name: _output(result, name) for name in outputs}

    def _sent(self, request: _Request, deadline_s: float) -> tritongrpc.InferResult:
        """Send a request in shared memory where that may help; where it was refused so, on the wire."""
        region = self._shared.lend(request.inputs)
        if region is None:
            return self._called(request, _wired(request.inputs), deadline_s)
        answered = False
        try:
            result = self._called(request, _shared(request.inputs, region), deadline_s)
            answered = True
        except InferenceServerException as error:
            if translated(error, model=request.model.name, settings=self._settings).retryable:
                raise
        finally:
            (self._shared.take_back if answered else self._shared.give_up)(region)
        if not answered:
            result = self._called(request, _wired(request.inputs), deadline_s)
            self._shared.mistrust(region)  # not reached where the request itself is refused
        return result

    def _called(
        self, request: _Request, inputs: list[tritongrpc.InferInput], deadline_s: float
    ) -> tritongrpc.InferResult:
        return self._client.infer(
            request.model.name,
            inputs,
            model_version=str(request.model.version),
            outputs=[tritongrpc.InferRequestedOutput(name) for name in request.outputs],
            request_id=request.identity,
            priority=self._settings.priority,
            client_timeout=deadline_s,
        )

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


class ServerRegions:
    """The server's list of shared-memory regions, over a channel that outlives the one of the requests."""

    def __init__(self, settings: CallSettings) -> None:
        self._settings = settings
        self._client = Channel(settings.address)

    def register(self, name: str, *, size_bytes: int) -> None:
        """Let the server map a region."""
        self._ask(lambda s: self._client.register_system_shared_memory(name, f"/{name}", size_bytes, client_timeout=s))

    def unregister(self, name: str) -> None:
        """Let the server drop a region; Triton 2.51 refuses while a request that uses it is not over."""
        self._ask(lambda s: self._client.unregister_system_shared_memory(name, client_timeout=s))

    def names(self) -> Iterable[str]:
        """Return the names of all regions that the server has mapped."""
        status = self._ask(lambda s: self._client.get_system_shared_memory_status(client_timeout=s))
        return tuple(status.regions)

    def close(self) -> None:
        """Close the channel."""
        self._client.close()

    def _ask(self, call: Callable[[float], _Answer]) -> _Answer:
        try:
            return call(_REGION_DEADLINE_S)
        except InferenceServerException as error:
            raise translated(error, model="", settings=self._settings) from None


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


def _wired(inputs: Mapping[str, TensorValue]) -> list[tritongrpc.InferInput]:
    tensors = []
    for name, value in inputs.items():
        tensors.append(_described(name, value))
        tensors[-1].set_data_from_numpy(value)
    return tensors


def _shared(inputs: Mapping[str, TensorValue], region: Region) -> list[tritongrpc.InferInput]:
    tensors = []
    for name, span in region.write(inputs).items():
        tensors.append(_described(name, inputs[name]))
        tensors[-1].set_shared_memory(region.name, span.size_bytes, span.offset_bytes)
    return tensors


def _described(name: str, value: TensorValue) -> tritongrpc.InferInput:
    return tritongrpc.InferInput(name, list(value.shape), np_to_triton_dtype(value.dtype))


def _output(result: tritongrpc.InferResult, name: str) -> TensorValue:
    value: TensorValue | None = result.as_numpy(name)
    if value is None:
        raise OutputError(tensor=name, what="missing", accepted="every output that was asked for")
    return value
