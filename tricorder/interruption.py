"""Ctrl-C as a wish that the run ends soon, so that it never falls between a finished row and its being kept."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Self


class Interruption:
    """Sets `requested` at the first SIGINT or SIGTERM; another one raises KeyboardInterrupt. For the main thread."""

    def __init__(self) -> None:
        self.requested = threading.Event()
        self._previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def __enter__(self) -> Self:
        for number in self._previous:
            signal.signal(number, self._receive)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _receive(self, _signal: int, _frame: FrameType | None) -> None:
        if self.requested.is_set():
            raise KeyboardInterrupt
        self.requested.set()
