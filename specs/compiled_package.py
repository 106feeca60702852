"""What AOTInductor's package of a version was made of, and for which machine: kept beside the package."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from specs.declared import Declared
from specs.deployment import Precision
from specs.tensors import Tensor
from specs.weights import FindingParity, QuantityParity, Sha256

_SHA256_PATTERN = r"^[0-9a-f]{64}$"

PackagePrecision = Literal[Precision.FP32, Precision.BF16]
"""What the backbone of a package computes in, but for the parameters of its batch norms; all else is in fp32."""

BEYOND_CAPABILITY = ("avx512_bf16", "avx512_vnni", "amx_tile", "amx_fp16")
"""Instructions of a CPU that AOTInductor compiles for, though PyTorch's own capability does not tell of them."""


class DeviceKind(StrEnum):
    """What a package runs on, named as PyTorch names it."""

    CPU = "cpu"
    CUDA = "cuda"


class TorchMachine(Declared):
    """A processor as PyTorch sees it: a package is native code for one kind, and for one version of PyTorch."""

    torch: str = Field(description="Version of PyTorch, with what it was built for, as 2.15.0+cu132.")
    device: DeviceKind
    capability: str = Field(
        description="Compute capability of a GPU, as 9.0; of a CPU the widest instructions that PyTorch uses, and "
        'those of `BEYOND_CAPABILITY` that it has, as "AVX512 avx512_vnni".'
    )


class PackageManifest(Declared):
    """What is kept beside a package."""

    machine: TorchMachine
    precision: PackagePrecision
    inputs: tuple[Tensor, ...] = Field(min_length=1, description="In the order in which the package takes them.")
    outputs: tuple[Tensor, ...] = Field(min_length=1, description="In the order in which the package returns them.")
    largest_batch: int = Field(gt=0)
    onnx_sha256: Sha256 = Field(pattern=_SHA256_PATTERN, description="Of the ONNX file of the same version.")
    package_sha256: Sha256 = Field(pattern=_SHA256_PATTERN, description="Of the package.")
    parity: Annotated[FindingParity | QuantityParity, Field(discriminator="kind")] = Field(
        description="Of its answers, against the fp32 network."
    )
