"""Triton's backend `onnxruntime` as a Python-based backend: one session an instance, one run a batch.

It stands in for NVIDIA's C++ backend of the same name and takes the same configuration. It runs in the server
environment, inside a stub that Triton starts; nothing of this project can be imported here.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnxruntime as ort
import triton_python_backend_utils as pb_utils

if TYPE_CHECKING:
    from serving.backends.shared.batched_model import Array, BatchedModel, BatchLostError, Feed, Parameters, read_count
else:  # it lies beside this file where Triton runs it
    from batched_model import Array, BatchedModel, BatchLostError, Feed, Parameters, read_count

Providers = list[str | tuple[str, dict[str, str]]]

SILENT = 4  # ONNX Runtime's messages can quote values of a request: only fatal ones go into Triton's log.


class TritonPythonModel(BatchedModel):
    """One instance of one version of a model; the name is Triton's."""

    def load(self, file: Path, parameters: Parameters, args: dict[str, str]) -> dict[str, str]:
        """Load the ONNX file."""
        self._sessions = SessionsByOutputs(
            file,
            options=make_session_options(parameters, folder=file.parent),
            providers=choose_providers(args["model_instance_kind"], args["model_instance_device_id"]),
        )
        self._run_options = ort.RunOptions()
        self._run_options.log_severity_level = SILENT
        whole = self._sessions.whole
        return {tensor.name: tensor.type for tensor in (*whole.get_inputs(), *whole.get_outputs())}

    def compute(self, feed: Feed, names: list[str]) -> list[Array]:
        """Run one batch."""
        arrays: list[Array] = self._sessions.find(names).run(names, feed, self._run_options)
        return arrays

    def describe_error(self, error: Exception) -> Any:
        """Name the node; ONNX Runtime's own text can hold values."""
        kind = type(error).__name__
        node = re.search(r"running (\w+) node\. Name:'([^']*)'", str(error))
        place = f" in the {node[1]} node '{node[2]}'" if node else ""
        detail = f": {error}" if isinstance(error, BatchLostError) else ""
        code = pb_utils.TritonError.INVALID_ARG if kind == "InvalidArgument" else pb_utils.TritonError.INTERNAL
        return pb_utils.TritonError(f"ONNX Runtime could not run this request ({kind}{place}){detail}", code)


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


def make_session_options(parameters: Parameters, *, folder: Path) -> ort.SessionOptions:
    """Read the thread counts, named as for NVIDIA's backend; 0 or absent leaves ONNX Runtime's default."""
    options = ort.SessionOptions()
    options.log_severity_level = SILENT
    # For a graph loaded from memory: where weights outside the ONNX file are.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    options.intra_op_num_threads = read_count(parameters, "intra_op_thread_count")
    options.inter_op_num_threads = read_count(parameters, "inter_op_thread_count")
    # Threads without work sleep: readers of studies, Triton and other instances share the processors.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options


def choose_providers(instance_kind: str, device_id: str) -> Providers:
    """CUDA where Triton placed the instance on a GPU and this ONNX Runtime has it; the CPU otherwise."""
    if instance_kind == "GPU" and "CUDAExecutionProvider" in ort.get_available_providers():
        return [("CUDAExecutionProvider", {"device_id": device_id}), "CPUExecutionProvider"]
    return ["CPUExecutionProvider"]
