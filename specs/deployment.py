"""How Triton serves a model, declared as data."""

from enum import IntEnum, StrEnum

from pydantic import Field

from specs.declared import Declared


class Engine(StrEnum):
    """Engines, named as Triton names their backends."""

    ONNXRUNTIME = "onnxruntime"
    OPENVINO = "openvino"
    AOTINDUCTOR = "aotinductor"


VERSION_ENGINES = (Engine.ONNXRUNTIME, Engine.OPENVINO)
"""Engines that versions are made for; AOTInductor's package of a version stands beside its ONNX file."""


class Precision(StrEnum):
    """What a network computes in; inputs and outputs stay as the spec declares them."""

    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"
    INT8 = "int8"


class Priority(IntEnum):
    """Triton's priority levels, the same for every model: the queue of a lower number is emptied first."""

    URGENT = 1
    ORDINARY = 2


ORDINARY_QUEUE_BYTES = 128 * 2**20
"""Inputs of ordinary requests that may wait for a model, together: the server refuses more, so that a flood cannot fill
its memory, and a client tries again. Urgent requests are never refused for their number. Our choice: a client that
waits for its answers has some tens of requests under way."""

ORDINARY_QUEUE_REQUESTS = range(64, 1024 + 1)
"""How many ordinary requests that bound is at least, and at most; our choice, as above."""


class PreferredEngine(StrEnum):
    """What a machine is asked to serve versions for ONNX Runtime with, named as Triton names its backends.

    TensorRT's engines are made at a server's start, for the GPU at hand; AOTInductor's packages by the export, for the
    kind of machine that it runs on. Where there is none that fits, ONNX Runtime serves.
    """

    ONNXRUNTIME = "onnxruntime"
    TENSORRT = "tensorrt"
    AOTINDUCTOR = "aotinductor"


class ServingChoice(Declared):
    """How one machine serves an entry; where a repository has none, the spec's deployment holds."""

    instances: int = Field(gt=0)
    threads: int = Field(ge=0, description="Of each instance; 0 leaves the engine's own default.")
    queue_delay_us: int = Field(ge=0, description="Longest wait for a fuller batch.")
    preferred_engine: PreferredEngine = Field(
        default=PreferredEngine.ONNXRUNTIME,
        exclude_if=lambda engine: engine is PreferredEngine.ONNXRUNTIME,  # so that tuning records stay as they are
        description="Of versions for ONNX Runtime; another serves them where the machine has what it needs.",
    )


class Deployment(Declared):
    """Batching and engines of a repository entry."""

    engines: tuple[Engine, ...] = Field(min_length=1, description="Engines the model may run on, the default first.")
    largest_batch: int = Field(gt=0)
    preferred_batches: tuple[int, ...]
    queue_delay_us: int = Field(ge=0, description="Longest wait for a fuller batch.")
    instances: int = Field(gt=0, description="Set, because Triton starts two for an ONNX model on a CPU.")

    @property
    def serving_choice(self) -> ServingChoice:
        """How an entry is served on a machine that has no choice of its own."""
        return ServingChoice(instances=self.instances, threads=0, queue_delay_us=self.queue_delay_us)
