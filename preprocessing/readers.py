"""Processes that read, decode and prepare files, so that all processors decode and a crash costs one file.

Each process is the only one of its own `ProcessPoolExecutor`: where one ends, the executor says so for that file alone.
A single pool of many calls every file of it broken, and pools on one shared pipe (Pebble 5.2) hang where a process
ends while it sends.
"""

import faulthandler
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from queue import LifoQueue
from signal import SIG_IGN, SIGINT, signal
from types import TracebackType
from typing import Self

from preprocessing.errors import ReaderLost
from preprocessing.identity import Identity
from preprocessing.prepared_file import PreparedFile, prepare_file
from specs.recipe import Recipe

LONGEST_READ_S = 120.0
"""Longest that a file may take before its process is given up: no image within the bounds takes a tenth of it."""

_PROCESSES = get_context("forkserver")  # a fork of this process would copy its threads' locks, gRPC's among them


class Readers:
    """Prepares files in worker processes; may be called from many threads, each call has a process for itself.

    A process is started when it is first needed. All of them end when the context is left, in the middle of a file
    too, and when this process ends in whatever way.
    """

    def __init__(self, *, processes: int, longest_read_s: float = LONGEST_READ_S) -> None:
        """Plan processes.

        Args:
            processes: Most that work at a time; 0 to prepare in the calling thread.
            longest_read_s: When to give a file up.
        """
        self._longest_read_s = longest_read_s
        self._processes = processes
        self._idle: LifoQueue[_Reader | None] = LifoQueue()  # the last one first: those never needed are never started
        for _ in range(processes):
            self._idle.put(None)
        self._is_closed = False

    def __enter__(self) -> Self:
        self._watched, self._lifeline = _PROCESSES.Pipe(duplex=False)
        _PROCESSES.set_forkserver_preload([prepare_file.__module__])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_closed = True
        self._lifeline.close()
        for reader in [self._idle.get() for _ in range(self._processes)]:  # each as soon as its file is given up
            if reader:
                reader.close()
            self._idle.put(None)
        self._watched.close()

    def prepare(self, path: Path, recipes: Sequence[Recipe]) -> PreparedFile:
        """Do what `prepare_file` does, elsewhere; where the process is lost, the outcome says so."""
        if not self._processes:
            return prepare_file(path, recipes)
        reader = self._idle.get()
        try:
            if self._is_closed:
                return _lost(self._longest_read_s)
            if reader is None or not reader.start(path, recipes):
                reader = _Reader(self._watched, self._longest_read_s)
                if not reader.start(path, recipes):
                    return _lost(self._longest_read_s)
            return reader.outcome()
        finally:
            self._idle.put(reader)


class _Reader:
    """One worker process."""

    def __init__(self, watched: Connection, longest_read_s: float) -> None:
        self._longest_read_s = longest_read_s
        self._executor = ProcessPoolExecutor(
            max_workers=1, mp_context=_PROCESSES, initializer=_begin, initargs=(watched,)
        )
        self._under_way: Future[PreparedFile] = Future()

    def start(self, path: Path, recipes: Sequence[Recipe]) -> bool:
        """Begin with a file; False where the process has ended before, or cannot be started."""
        try:
            self._under_way = self._executor.submit(_prepare_in_time, path, tuple(recipes), self._longest_read_s)
        except (BrokenProcessPool, OSError):
            return False
        return True

    def outcome(self) -> PreparedFile:
        """Wait for the file."""
        try:
            return self._under_way.result()
        except BrokenProcessPool:
            return _lost(self._longest_read_s)

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)


def _lost(longest_s: float) -> PreparedFile:
    return PreparedFile(identity=Identity(), error=ReaderLost(longest_s=longest_s))


def _begin(watched: Connection) -> None:
    """Leave Ctrl-C to the process that owns this one, and end with it."""
    signal(SIGINT, SIG_IGN)
    threading.Thread(target=_end_with_owner, args=(watched,), daemon=True).start()


def _end_with_owner(watched: Connection) -> None:
    """Wait for the owner's end of the pipe to be closed: by the owner, or by the system once the owner is gone."""
    watched.poll(None)
    os._exit(0)


def _prepare_in_time(path: Path, recipes: tuple[Recipe, ...], longest_s: float) -> PreparedFile:
    """Prepare a file, or end this process: a decoder that hangs does not listen to Python."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        faulthandler.dump_traceback_later(longest_s, exit=True, file=nowhere)
        try:
            return prepare_file(path, recipes)
        finally:
            faulthandler.cancel_dump_traceback_later()
