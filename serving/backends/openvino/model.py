"""Triton's backend `openvino` as a Python-based backend: one compiled model an instance, one run a batch.

It stands in for NVIDIA's C++ backend of the same name, takes its names of parameters, and reads ONNX files. It runs in
the server environment, inside a stub that Triton starts; nothing of this project can be imported here.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openvino as ov
import triton_python_backend_utils as pb_utils

if TYPE_CHECKING:
    from serving.backends.shared.batched_model import Array, BatchedModel, BatchLostError, Feed, Parameters, read_count
else:  # it lies beside this file where Triton runs it
    from batched_model import Array, BatchedModel, BatchLostError, Feed, Parameters, read_count

DEVICE = "CPU"

ONNX_NAMES = {
    "boolean": "tensor(bool)",
    "u8": "tensor(uint8)",
    "u16": "tensor(uint16)",
    "u32": "tensor(uint32)",
    "u64": "tensor(uint64)",
    "i8": "tensor(int8)",
    "i16": "tensor(int16)",
    "i32": "tensor(int32)",
    "i64": "tensor(int64)",
    "f16": "tensor(float16)",
    "f32": "tensor(float)",
    "f64": "tensor(double)",
}
"""ONNX Runtime's name of OpenVINO's element types."""


class TritonPythonModel(BatchedModel):
    """One instance of one version of a model; the name is Triton's."""

    def load(self, file: Path, parameters: Parameters, args: dict[str, str]) -> dict[str, str]:
        """Load the ONNX file."""
        self._models = ModelsByOutputs(file, properties=choose_properties(parameters))
        whole = self._models.whole
        return {
            name: ONNX_NAMES.get(port.get_element_type().get_type_name(), "unsupported")
            for port in (*whole.inputs, *whole.outputs)
            for name in port.get_names()
        }

    def compute(self, feed: Feed, names: list[str]) -> list[Array]:
        """Run one batch; the arrays are copies, for OpenVINO uses its own again."""
        request = self._models.find(names)
        request.infer(feed, share_inputs=True)
        return [request.get_tensor(name).data.copy() for name in names]

    def describe_error(self, error: Exception) -> Any:
        """Name the kind alone: OpenVINO's text can hold values."""
        detail = f": {error}" if isinstance(error, BatchLostError) else ""
        return pb_utils.TritonError(
            f"OpenVINO could not run this request ({type(error).__name__}){detail}", pb_utils.TritonError.INTERNAL
        )


class ModelsByOutputs:
    """The compiled models of one ONNX file: the whole graph, and each part that some request's outputs need.

    A part is cut and compiled at the first request for its outputs.

    Attributes:
        whole: The uncut graph.
    """

    def __init__(self, file: Path, *, properties: dict[str, Any]) -> None:
        self._core = ov.Core()
        self._properties = properties
        self.whole = self._core.read_model(file)
        every_output = frozenset(port.any_name for port in self.whole.outputs)
        self._by_outputs = {every_output: self._compile(self.whole)}

    def find(self, names: Sequence[str]) -> ov.InferRequest:
        """The request that computes these outputs and nothing else."""
        key = frozenset(names)
        if key not in self._by_outputs:
            self._by_outputs[key] = self._compile(self._part(names))
        return self._by_outputs[key]

    def _part(self, names: Sequence[str]) -> ov.Model:
        part = self.whole.clone()
        for port in part.outputs:
            if port.any_name not in names:
                part.remove_result(port.node)
        return part

    def _compile(self, model: ov.Model) -> ov.InferRequest:
        return self._core.compile_model(model, DEVICE, self._properties).create_infer_request()


def choose_properties(parameters: Parameters) -> dict[str, Any]:
    """Read threads and precision, named as for NVIDIA's backend; no threads or 0 leaves OpenVINO's default.

    Without the hint OpenVINO would compute in bf16 by itself where the processor can.
    """
    bf16 = parameters.get("HINT_BF16", {}).get("string_value") == "YES"
    properties: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": "bf16" if bf16 else "f32",
        "NUM_STREAMS": "1",  # an instance runs one batch at a time
    }
    threads = read_count(parameters, "INFERENCE_NUM_THREADS")
    return properties | ({"INFERENCE_NUM_THREADS": str(threads)} if threads else {})
