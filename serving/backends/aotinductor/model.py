"""Triton's backend `aotinductor`, Python-based: one package of PyTorch's AOTInductor an instance, one run a batch.

Inputs are taken where Triton has them, on a GPU too, and outputs are handed over on the package's device: nothing is
copied but inputs that came to the other device. It runs in the server environment, inside a stub that Triton starts;
nothing of this project can be imported here.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import triton_python_backend_utils as pb_utils
from torch.utils.dlpack import from_dlpack

if TYPE_CHECKING:
    from serving.backends.shared.batched_model import (
        Array,
        BatchedModel,
        BatchLostError,
        ConfigurationError,
        Feed,
        Parameters,
        Tensor,
        check_digest,
        read_count,
    )
else:  # it lies beside this file where Triton runs it
    from batched_model import (
        Array,
        BatchedModel,
        BatchLostError,
        ConfigurationError,
        Feed,
        Parameters,
        Tensor,
        check_digest,
        read_count,
    )

MANIFEST_FILE = "package.json"

ONNX_NAMES = {"uint8": "tensor(uint8)", "uint16": "tensor(uint16)", "float32": "tensor(float)"}
"""ONNX Runtime's name of a manifest's element types."""


class TritonPythonModel(BatchedModel):
    """One instance of one version of a model; the name is Triton's."""

    def check_file(self, file: Path, recorded: str) -> None:
        """Check by the manifest that the package was made of that ONNX file's weights, and is whole."""
        manifest = read_manifest(file)
        if manifest["onnx_sha256"] != recorded:
            raise ConfigurationError("its package was made of another ONNX file than its configuration names")
        check_digest(file, manifest["package_sha256"], what="package")

    def load(self, file: Path, parameters: Parameters, args: dict[str, str]) -> dict[str, str]:
        """Load the package."""
        manifest = read_manifest(file)
        kind = "cuda" if args["model_instance_kind"] == "GPU" else "cpu"
        if manifest["machine"]["device"] != kind:
            raise ConfigurationError(f"its package is for {manifest['machine']['device']}, its instance on {kind}")
        number = int(args["model_instance_device_id"]) if kind == "cuda" else -1  # as PyTorch has it of a CPU
        self._device = torch.device(kind, number) if kind == "cuda" else torch.device(kind)
        threads = read_count(parameters, "intra_op_thread_count")  # as its configuration for ONNX Runtime has it
        if threads:
            torch.set_num_threads(threads)
        torch.backends.cudnn.allow_tf32 = False  # what is said to be fp32 is
        self._inputs = [tensor["name"] for tensor in manifest["inputs"]]
        self._outputs = [tensor["name"] for tensor in manifest["outputs"]]
        self._package = torch._inductor.aoti_load_package(str(file), device_index=number)
        tensors = (*manifest["inputs"], *manifest["outputs"])
        return {tensor["name"]: ONNX_NAMES.get(tensor["element_type"], "unsupported") for tensor in tensors}

    def read(self, tensor: Tensor) -> Array:
        """Take an input where it is, and bring it to the device if it is elsewhere."""
        return from_dlpack(tensor.to_dlpack()).to(self._device)

    def join(self, arrays: Sequence[Any]) -> Array:
        """Put inputs behind each other on the device."""
        return torch.cat(list(arrays))

    def compute(self, feed: Feed, names: list[str]) -> list[Array]:
        """Run one batch; a package computes all of its outputs."""
        with torch.inference_mode():
            computed = [array.contiguous() for array in self._package(*(feed[name] for name in self._inputs))]
        if self._device.type == "cuda":
            torch.cuda.current_stream(self._device).synchronize()  # Triton reads on a stream of its own
        by_name = dict(zip(self._outputs, computed, strict=True))
        return [by_name[name] for name in names]

    def hand_out(self, name: str, array: Any) -> Any:
        """Hand an output over where it is."""
        return pb_utils.Tensor.from_dlpack(name, array)

    def describe_error(self, error: Exception) -> Any:
        """Name the kind alone: PyTorch's text can hold values."""
        detail = f": {error}" if isinstance(error, BatchLostError) else ""
        return pb_utils.TritonError(
            f"AOTInductor could not run this request ({type(error).__name__}){detail}", pb_utils.TritonError.INTERNAL
        )


def read_manifest(package: Path) -> dict[str, Any]:
    """Read what stands beside a package."""
    manifest: dict[str, Any] = json.loads(package.with_name(MANIFEST_FILE).read_text(encoding="utf-8"))
    return manifest
