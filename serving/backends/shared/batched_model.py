"""What Triton's Python-based backends share: requests joined into batches, and the checks of an entry.

It is copied into the folder of each backend and runs in the server environment, inside a stub that Triton starts;
nothing of this project can be imported here.
"""

import hashlib
import itertools
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import triton_python_backend_utils as pb_utils


class Array(Protocol):
    """Values of a tensor: a NumPy array, or what an engine with memory of its own has in place of one."""

    @property
    def shape(self) -> tuple[int, ...]:
        """With the batch as axis 0 where the model batches."""

    @property
    def dtype(self) -> Any:
        """Element type; its text names it."""

    def __getitem__(self, rows: slice, /) -> Any:
        """Rows along axis 0, without a copy."""


Feed = dict[str, Array]
Parameters = dict[str, dict[str, str]]

DEFAULT_FILE = "model.onnx"

ONNX_TYPES = {
    "TYPE_BOOL": "tensor(bool)",
    "TYPE_UINT8": "tensor(uint8)",
    "TYPE_UINT16": "tensor(uint16)",
    "TYPE_UINT32": "tensor(uint32)",
    "TYPE_UINT64": "tensor(uint64)",
    "TYPE_INT8": "tensor(int8)",
    "TYPE_INT16": "tensor(int16)",
    "TYPE_INT32": "tensor(int32)",
    "TYPE_INT64": "tensor(int64)",
    "TYPE_FP16": "tensor(float16)",
    "TYPE_FP32": "tensor(float)",
    "TYPE_FP64": "tensor(double)",
}
"""Strings are left out: no model here takes or gives any."""


class Tensor(Protocol):
    """An input as the stub hands it in."""

    def name(self) -> str:
        """Its name in the configuration."""

    def as_numpy(self) -> npt.NDArray[Any]:
        """Its values, without a copy; with the batch as axis 0 where the model batches."""

    def to_dlpack(self) -> Any:
        """Its values where they are, also on a GPU, as a capsule of DLPack."""


class Request(Protocol):
    """One request as the stub hands it in."""

    def inputs(self) -> list[Tensor]:
        """The inputs that it brings."""

    def requested_output_names(self) -> list[str]:
        """The outputs that it asks for, in any order; all of them where it names none."""


class BatchedModel(ABC):
    """One instance of one version of a model: what does not depend on the engine."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the model's file and check that the configuration describes it.

        Args:
            args: Triton's description of the instance; the configuration in it is JSON.

        Raises:
            ConfigurationError: The file is not the one that the configuration names, or a tensor of the configuration
                is not in it or is of another type.
        """
        config = json.loads(args["model_config"])
        folder = Path(args["model_repository"], args["model_version"])
        self._batching = config["max_batch_size"] > 0
        file = folder / (config.get("default_model_filename") or DEFAULT_FILE)
        parameters = config.get("parameters", {})
        recorded = read_digest(parameters, version=args["model_version"])
        if recorded is not None:
            self.check_file(file, recorded)
        types = self.load(file, parameters, args)
        check_tensors(config["input"], types)
        check_tensors(config["output"], types)

    def check_file(self, file: Path, recorded: str) -> None:
        """Compare the model's file with the SHA-256 of the ONNX file that the configuration names.

        Raises:
            ConfigurationError: It is not of that file: results would name the wrong weights.
        """
        check_digest(file, recorded, what="ONNX file")

    @abstractmethod
    def load(self, file: Path, parameters: Parameters, args: dict[str, str]) -> dict[str, str]:
        """Load the model's file.

        Args:
            file: It.
            parameters: Those of the configuration.
            args: Triton's description of the instance.

        Returns:
            ONNX Runtime's name of the type of each input and output.
        """

    @abstractmethod
    def compute(self, feed: Feed, names: list[str]) -> list[Array]:
        """Run one batch and return the outputs of these names, in their order, and no others."""

    def read(self, tensor: Tensor) -> Array:
        """Take the values of an input."""
        return tensor.as_numpy()

    def join(self, arrays: Sequence[Any]) -> Array:
        """Put inputs of several requests behind each other, along axis 0."""
        joined: npt.NDArray[Any] = np.concatenate(arrays)
        return joined

    def hand_out(self, name: str, array: Any) -> Any:
        """Make an output of Triton's of values."""
        return pb_utils.Tensor(name, array)

    @abstractmethod
    def describe_error(self, error: Exception) -> Any:
        """Return a TritonError that says where a request failed, and nothing of its values."""

    def execute(self, requests: Sequence[Request]) -> list[Any]:
        """Answer each request, in order; requests that fit together run as one batch."""
        responses: list[Any] = [None] * len(requests)
        feeds: dict[int, Feed] = {}
        groups: dict[object, list[int]] = {}
        for position, request in enumerate(requests):
            try:
                feeds[position] = {tensor.name(): self.read(tensor) for tensor in request.inputs()}
            except Exception as error:  # noqa: BLE001  as below: a device may have no room for it
                responses[position] = pb_utils.InferenceResponse(error=self.describe_error(error))
                continue
            names = tuple(sorted(request.requested_output_names()))
            alike = describe_rows(feeds[position]) if self._batching else position
            groups.setdefault((names, alike), []).append(position)
        for positions in groups.values():
            names_asked = sorted(requests[positions[0]].requested_output_names())
            answers = self._answer([feeds[position] for position in positions], names_asked)
            for position, answer in zip(positions, answers, strict=True):
                responses[position] = answer
        return responses

    def _answer(self, feeds: list[Feed], names: list[str]) -> list[Any]:
        """One response a feed; only the request that cannot be run gets an error."""
        try:
            return [
                pb_utils.InferenceResponse([self.hand_out(name, array) for name, array in outputs.items()])
                for outputs in self._run(feeds, names)
            ]
        except Exception as error:  # noqa: BLE001  the top loop of this process: each becomes a response
            if len(feeds) > 1:
                return [answer for feed in feeds for answer in self._answer([feed], names)]
            return [pb_utils.InferenceResponse(error=self.describe_error(error))]

    def _run(self, feeds: list[Feed], names: list[str]) -> list[Feed]:
        """Run feeds as one batch along axis 0, and give each its own rows of each output."""
        joined = feeds[0] if len(feeds) == 1 else {key: self.join([feed[key] for feed in feeds]) for key in feeds[0]}
        arrays: list[Array] = self.compute(joined, names)
        if not self._batching:
            return [dict(zip(names, arrays, strict=True))]
        counts = [next(iter(feed.values())).shape[0] for feed in feeds]
        for name, array in zip(names, arrays, strict=True):
            if array.shape[:1] != (sum(counts),):
                raise BatchLostError(f"output {name} of shape {tuple(array.shape)} for a batch of {sum(counts)}")
        ends = itertools.accumulate(counts)
        return [
            {name: array[end - count : end] for name, array in zip(names, arrays, strict=True)}
            for count, end in zip(counts, ends, strict=True)
        ]


class ConfigurationError(ValueError):
    """The configuration does not describe the model's file."""


class BatchLostError(ValueError):
    """An output does not have one row a row of the batch."""


def describe_rows(feed: Feed) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
    """What must be equal for two requests to share a batch: names, types and shapes beyond axis 0."""
    return tuple((name, str(array.dtype), tuple(array.shape[1:])) for name, array in sorted(feed.items()))


def read_digest(parameters: Parameters, *, version: str) -> str | None:
    """Read the SHA-256 of a version's ONNX file from its contract, or one that stands alone; None without either."""
    contract = parameters.get(f"contract.{version}", {}).get("string_value")
    alone = parameters.get(f"model_sha256.{version}", {}).get("string_value")
    return json.loads(contract)["weights"]["model_sha256"] if contract is not None else alone


def check_digest(file: Path, recorded: str, *, what: str) -> None:
    """Compare a file with its SHA-256.

    Raises:
        ConfigurationError: It is another; `what` names it.
    """
    if hashlib.sha256(file.read_bytes()).hexdigest() != recorded:
        raise ConfigurationError(f"its {what} is not the one that its configuration names")


def check_tensors(configured: list[dict[str, Any]], types: Mapping[str, str]) -> None:
    """Compare names and types of a configuration's tensors with those of the ONNX file.

    Args:
        configured: Tensors as the configuration has them.
        types: ONNX Runtime's name of the type of each tensor of the file.

    Raises:
        ConfigurationError: A configured tensor is missing from the file or of another type.
    """
    for tensor in configured:
        name, expected = tensor["name"], ONNX_TYPES.get(tensor["data_type"], "unsupported")
        if name not in types:
            raise ConfigurationError(f"config.pbtxt names the tensor {name}, the ONNX file has {', '.join(types)}")
        if types[name] != expected:
            raise ConfigurationError(f"the tensor {name} is {expected} in config.pbtxt, {types[name]} in the ONNX file")


def read_count(parameters: Parameters, key: str) -> int:
    """Read a number of the configuration's parameters; 0, which leaves the engine's default, where it is absent."""
    return int(parameters.get(key, {}).get("string_value", "0"))
