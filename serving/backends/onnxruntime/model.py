"""Triton's backend `onnxruntime` as a Python-based backend: one session an instance, one run a batch.

It stands in for NVIDIA's C++ backend of the same name and takes the same configuration. It runs in the server
environment, inside a stub that Triton starts; nothing of this project can be imported here.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import triton_python_backend_utils as pb_utils

Array = npt.NDArray[Any]
Feed = dict[str, Array]
Providers = list[str | tuple[str, dict[str, str]]]

DEFAULT_FILE = "model.onnx"
SILENT = 4  # ONNX Runtime's messages can quote values of a request: only fatal ones go into Triton's log.

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

    def as_numpy(self) -> Array:
        """Its values, without a copy; with the batch as axis 0 where the model batches."""


class Request(Protocol):
    """One request as the stub hands it in."""

    def inputs(self) -> list[Tensor]:
        """The inputs that it brings."""

    def requested_output_names(self) -> list[str]:
        """The outputs that it asks for, in any order; all of them where it names none."""


class TritonPythonModel:
    """One instance of one version of a model; the name is Triton's."""

    def initialize(self, args: dict[str, str]) -> None:
        """Load the ONNX file and check that the configuration describes it.

        Args:
            args: Triton's description of the instance; the configuration in it is JSON.

        Raises:
            ConfigurationError: The ONNX file is not the one that the configuration names, or a tensor of the
                configuration is not in it or is of another type.
        """
        config = json.loads(args["model_config"])
        folder = Path(args["model_repository"], args["model_version"])
        self._batching = config["max_batch_size"] > 0
        file = folder / (config.get("default_model_filename") or DEFAULT_FILE)
        check_digest(config.get("parameters", {}), version=args["model_version"], file=file)
        self._sessions = SessionsByOutputs(
            file,
            options=make_session_options(config.get("parameters", {}), folder=folder),
            providers=choose_providers(args["model_instance_kind"], args["model_instance_device_id"]),
        )
        check_tensors(config["input"], self._sessions.whole.get_inputs())
        check_tensors(config["output"], self._sessions.whole.get_outputs())
        self._run_options = ort.RunOptions()
        self._run_options.log_severity_level = SILENT

    def execute(self, requests: Sequence[Request]) -> list[Any]:
        """Answer each request, in order; requests that fit together run as one batch."""
        feeds = [{tensor.name(): tensor.as_numpy() for tensor in request.inputs()} for request in requests]
        groups: dict[object, list[int]] = {}
        for position, request in enumerate(requests):
            names = tuple(sorted(request.requested_output_names()))
            alike = describe_rows(feeds[position]) if self._batching else position
            groups.setdefault((names, alike), []).append(position)
        responses: list[Any] = [None] * len(requests)
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
                pb_utils.InferenceResponse([pb_utils.Tensor(name, array) for name, array in outputs.items()])
                for outputs in self._run(feeds, names)
            ]
        except Exception as error:  # noqa: BLE001  the top loop of this process: each becomes a response
            if len(feeds) > 1:
                return [answer for feed in feeds for answer in self._answer([feed], names)]
            return [pb_utils.InferenceResponse(error=describe_error(error))]

    def _run(self, feeds: list[Feed], names: list[str]) -> list[Feed]:
        """Run feeds as one batch along axis 0, and give each its own rows of each output."""
        joined = (
            feeds[0] if len(feeds) == 1 else {key: np.concatenate([feed[key] for feed in feeds]) for key in feeds[0]}
        )
        arrays: list[Array] = self._sessions.find(names).run(names, joined, self._run_options)
        if not self._batching:
            return [dict(zip(names, arrays, strict=True))]
        counts = [len(next(iter(feed.values()))) for feed in feeds]
        for name, array in zip(names, arrays, strict=True):
            if array.ndim == 0 or len(array) != sum(counts):
                raise BatchLostError(f"output {name} of shape {array.shape} for a batch of {sum(counts)}")
        ends = np.cumsum(counts)
        return [
            {name: array[end - count : end] for name, array in zip(names, arrays, strict=True)}
            for count, end in zip(counts, ends, strict=True)
        ]


class SessionsByOutputs:
    """The sessions of one ONNX file: the whole graph, and each part of it that some request's outputs need.

    A part is cut and loaded at the first request for its outputs, and has its own copy of the weights.

    Attributes:
        whole: The session of the uncut graph.
    """

    def __init__(self, file_path: Path, *, options: ort.SessionOptions, providers: Providers) -> None:
        self.whole = ort.InferenceSession(file_path, sess_options=options, providers=providers)
        self._file_path = file_path
        self._options = options
        self._providers = providers
        every_output = frozenset(tensor.name for tensor in self.whole.get_outputs())
        self._by_outputs = {every_output: self.whole}

    def find(self, names: Sequence[str]) -> ort.InferenceSession:
        """The session that computes these outputs and nothing else."""
        key = frozenset(names)
        if key not in self._by_outputs:
            self._by_outputs[key] = self._load_part(names)
        return self._by_outputs[key]

    def _load_part(self, names: Sequence[str]) -> ort.InferenceSession:
        # Imported where needed: onnx takes 0.2 s of CPU time, and most servers never cut a graph.
        import onnx
        from pruning import prune_to_outputs  # type: ignore[import-not-found]  # lies beside this file

        model = onnx.load(self._file_path, load_external_data=False)
        if not prune_to_outputs(model, names):
            return self.whole
        return ort.InferenceSession(model.SerializeToString(), sess_options=self._options, providers=self._providers)


class ConfigurationError(ValueError):
    """The configuration does not describe the ONNX file."""


class BatchLostError(ValueError):
    """An output does not have one row a row of the batch."""


def describe_rows(feed: Feed) -> tuple[tuple[str, str, tuple[int, ...]], ...]:
    """What must be equal for two requests to share a batch: names, types and shapes beyond axis 0."""
    return tuple((name, array.dtype.str, array.shape[1:]) for name, array in sorted(feed.items()))


def make_session_options(parameters: dict[str, dict[str, str]], *, folder: Path) -> ort.SessionOptions:
    """Read the thread counts, named as for NVIDIA's backend; 0 or absent leaves ONNX Runtime's default."""
    options = ort.SessionOptions()
    options.log_severity_level = SILENT
    # For a graph loaded from memory: where weights outside the ONNX file are.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    options.intra_op_num_threads = int(parameters.get("intra_op_thread_count", {}).get("string_value", "0"))
    options.inter_op_num_threads = int(parameters.get("inter_op_thread_count", {}).get("string_value", "0"))
    return options


def choose_providers(instance_kind: str, device_id: str) -> Providers:
    """CUDA where Triton placed the instance on a GPU and this ONNX Runtime has it; the CPU otherwise."""
    if instance_kind == "GPU" and "CUDAExecutionProvider" in ort.get_available_providers():
        return [("CUDAExecutionProvider", {"device_id": device_id}), "CPUExecutionProvider"]
    return ["CPUExecutionProvider"]


def check_digest(parameters: dict[str, dict[str, str]], *, version: str, file: Path) -> None:
    """Compare the ONNX file with the digest in its contract, or with one that stands alone, where there is any.

    Raises:
        ConfigurationError: The file is not the one that the configuration names: results would name the wrong weights.
    """
    contract = parameters.get(f"contract.{version}", {}).get("string_value")
    alone = parameters.get(f"model_sha256.{version}", {}).get("string_value")
    recorded = json.loads(contract)["weights"]["model_sha256"] if contract is not None else alone
    if recorded is None:
        return
    if hashlib.sha256(file.read_bytes()).hexdigest() != recorded:
        raise ConfigurationError("its ONNX file is not the one that its configuration names")


def check_tensors(configured: list[dict[str, Any]], in_file: Sequence[Any]) -> None:
    """Compare names and types of a configuration's tensors with those of the ONNX file.

    Raises:
        ConfigurationError: A configured tensor is missing from the file or of another type.
    """
    types = {tensor.name: tensor.type for tensor in in_file}
    for tensor in configured:
        name, expected = tensor["name"], ONNX_TYPES.get(tensor["data_type"], "unsupported")
        if name not in types:
            raise ConfigurationError(f"config.pbtxt names the tensor {name}, the ONNX file has {', '.join(types)}")
        if types[name] != expected:
            raise ConfigurationError(f"the tensor {name} is {expected} in config.pbtxt, {types[name]} in the ONNX file")


def describe_error(error: Exception) -> Any:
    """Say where a request failed, and nothing of its values, which ONNX Runtime's own text can hold.

    Args:
        error: What ONNX Runtime raised.

    Returns:
        A TritonError.
    """
    kind = type(error).__name__
    node = re.search(r"running (\w+) node\. Name:'([^']*)'", str(error))
    place = f" in the {node[1]} node '{node[2]}'" if node else ""
    detail = f": {error}" if isinstance(error, BatchLostError) else ""
    code = pb_utils.TritonError.INVALID_ARG if kind == "InvalidArgument" else pb_utils.TritonError.INTERNAL
    return pb_utils.TritonError(f"ONNX Runtime could not run this request ({kind}{place}){detail}", code)
