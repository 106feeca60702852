"""What a TensorRT engine was made of, and for which machine: whether one that was kept may still be used."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pydantic import Field

from specs.declared import Declared
from specs.model import NetworkSpec
from specs.tensors import Tensor

NO_TENSORRT = "no TensorRT here"
"""Why a model is served without it on a machine that has none, or by a Triton that has no backend for it."""


class GpuMachine(Declared):
    """What an engine depends on beside its model: TensorRT promises nothing for it where one of these is another."""

    tensorrt: str = Field(description="Version of TensorRT.")
    compute_capability: str = Field(description="Of the GPU, as 9.0.")
    driver: str = Field(description="Version of NVIDIA's driver.")


class BatchProfile(Declared):
    """The batches that an engine takes, from one study up, and the one that it is fastest for."""

    inputs: tuple[Tensor, ...] = Field(min_length=1)
    typical_batch: int = Field(gt=0)
    largest_batch: int = Field(gt=0)

    @classmethod
    def of(cls, spec: NetworkSpec) -> Self:
        """Return the batches that Triton makes for a network."""
        largest = spec.deployment.largest_batch
        typical = max(spec.deployment.preferred_batches, default=largest)
        return cls(inputs=spec.inputs, typical_batch=typical, largest_batch=largest)


class EngineManifest(Declared):
    """What is kept beside an engine's file."""

    machine: GpuMachine
    onnx_sha256: str = Field(description="Of the ONNX file that it was made of.")
    profile: BatchProfile
    plan_sha256: str = Field(description="Of the engine's file.")


@dataclass(frozen=True, kw_only=True)
class EngineFacts:
    """What an engine has to be now.

    Attributes:
        machine: The one at hand; None where it has no TensorRT.
        onnx_sha256: Of the ONNX file that is to be served.
        profile: The batches that it is to be served in.
        plan_sha256: Of the file that was kept; None where there is none.
    """

    machine: GpuMachine | None
    onnx_sha256: str
    profile: BatchProfile
    plan_sha256: str | None


class EngineState(StrEnum):
    """What is to be done with an engine that may have been kept."""

    USABLE = "usable"
    REBUILD = "rebuild"
    ABSENT = "absent"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is to be done, and why; the reason ends a sentence and is empty where the engine is used."""

    state: EngineState
    reason: str = ""


def judge(kept: EngineManifest | None, facts: EngineFacts) -> Verdict:
    """Compare a kept engine with what it has to be.

    Args:
        kept: Its manifest; None where there is none that can be read.
        facts: What it has to be.
    """
    machine = facts.machine
    if machine is None:
        return Verdict(state=EngineState.ABSENT, reason=NO_TENSORRT)
    if kept is None or facts.plan_sha256 is None:
        return Verdict(state=EngineState.REBUILD, reason="none is kept")
    changes = [
        *_changes(kept.machine, machine),
        *(["the ONNX file is another one"] if kept.onnx_sha256 != facts.onnx_sha256 else []),
        *(["it was made for other batches"] if kept.profile != facts.profile else []),
        *(["its file is damaged"] if kept.plan_sha256 != facts.plan_sha256 else []),
    ]
    if changes:
        return Verdict(state=EngineState.REBUILD, reason=changes[0])
    return Verdict(state=EngineState.USABLE)


def _changes(was: GpuMachine, now: GpuMachine) -> list[str]:
    named = (
        ("TensorRT", was.tensorrt, now.tensorrt),
        ("the compute capability", was.compute_capability, now.compute_capability),
        ("the driver", was.driver, now.driver),
    )
    return [f"{what} is {new}, and was {old}" for what, old, new in named if old != new]
