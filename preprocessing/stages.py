"""Where the time of an input goes, stage by stage: collected where somebody asks, a microsecond where nobody does."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum


class Stage(StrEnum):
    """What is done with an input, in order."""

    HANDOVER = "handover"
    """Waiting for a process that reads, and the way of files and tensors to it and back."""

    READ = "read"
    """From the bytes of the file to a data set; a deflated one is inflated here."""

    DECODE = "decode"
    """From the bytes of the pixels to stored values."""

    PREPARE = "prepare"
    """From stored values to the input tensor, with the look at whether the input is eligible."""

    INFER = "infer"
    """From the input tensor to output tensors."""

    INTERPRET = "interpret"
    """From output tensors to a result row."""


StageTimes = Mapping[Stage, float]
"""Seconds that each stage took, without the stages within it."""


class _Collection:
    """Times of the stages of one input."""

    def __init__(self) -> None:
        self.times_s: dict[Stage, float] = {}
        self.within_s = 0.0
        """Time of the stages within the one that runs."""

    def add(self, stage: Stage, *, own_s: float) -> None:
        self.times_s[stage] = self.times_s.get(stage, 0.0) + own_s


_COLLECTING: ContextVar[_Collection | None] = ContextVar("stages", default=None)


@contextmanager
def collected_stages(*, wanted: bool = True) -> Iterator[StageTimes]:
    """Collect the times of the stages that this thread goes through; nothing where it is not wanted."""
    collection = _Collection()
    token = _COLLECTING.set(collection if wanted else None)
    try:
        yield collection.times_s
    finally:
        _COLLECTING.reset(token)


@contextmanager
def stage(which: Stage) -> Iterator[None]:
    """Take the time of a stage, where times are collected; that of stages within it is theirs."""
    collection = _COLLECTING.get()
    if collection is None:
        yield
        return
    before_s, collection.within_s = collection.within_s, 0.0
    started_s = time.perf_counter()
    try:
        yield
    finally:
        whole_s = time.perf_counter() - started_s
        collection.add(which, own_s=whole_s - collection.within_s)
        collection.within_s = before_s + whole_s


def add_stages(times_s: StageTimes) -> None:
    """Count stages that were gone through elsewhere, as in another process, as stages within the one that runs."""
    collection = _COLLECTING.get()
    if collection is None:
        return
    for which, own_s in times_s.items():
        collection.add(which, own_s=own_s)
        collection.within_s += own_s
