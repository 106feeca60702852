"""How Triton serves a model, declared as data."""

from enum import StrEnum

from pydantic import Field

from specs.declared import Declared


class Engine(StrEnum):
    """Engines, named as Triton names their backends."""

    ONNXRUNTIME = "onnxruntime"


class Deployment(Declared):
    """Batching and engines of a repository entry."""

    engines: tuple[Engine, ...] = Field(min_length=1, description="Engines the model may run on, the default first.")
    largest_batch: int = Field(gt=0)
    preferred_batches: tuple[int, ...]
    queue_delay_us: int = Field(ge=0, description="Longest wait for a fuller batch.")
    instances: int = Field(gt=0, description="Set, because Triton starts two for an ONNX model on a CPU.")
