"""Processes that read, decode and prepare files, so that all processors decode and a crash costs one file.

Each process has a pipe of its own, so that one which ends at whatever moment, in the middle of its answer too, is
noticed by the thread that waits for it and by no other. The pools at hand fail at that: one of
`concurrent.futures` calls every file of it broken, and waits forever where a process ends within its answer, as those
on one shared pipe do (Pebble 5.2).
"""

import os
import sys
import threading
from collections.abc import Sequence
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from queue import LifoQueue
from signal import SIG_BLOCK, SIG_IGN, SIG_SETMASK, SIGINT, pthread_sigmask, signal
from types import TracebackType
from typing import Self

import cv2

from preprocessing.allocation import keep_freed_memory
from preprocessing.errors import ReaderLost
from preprocessing.identity import Identity
from preprocessing.prepared_input import PreparedInput, prepare_files
from preprocessing.processors import available_processors
from specs.recipe import ImageRecipe
from specs.told import NOTHING_TOLD, Told

LONGEST_READ_S = 120.0
"""Longest that a file may take before its process is given up: no image within the bounds takes a tenth of it."""

_PROCESSES = get_context("forkserver")  # a fork of this process would copy its threads' locks, gRPC's among them

_Order = tuple[Sequence[Path], Sequence[ImageRecipe], Told, bool]
"""The arguments of `prepare_files`."""

_GONE = (EOFError, OSError)
"""What a pipe raises whose other end has gone, and what starting a process raises where there is no room for one."""


class Readers:
    """Prepares files in worker processes; may be called from many threads, each call has a process for itself.

    A process is started when it is first needed. All of them end when the context is left, in the middle of a file
    too. When this process is killed they end as well, at the latest with their file.
    """

    def __init__(
        self,
        *,
        processes: int,
        longest_read_s: float = LONGEST_READ_S,
        told: Told = NOTHING_TOLD,
        timed: bool = False,
    ) -> None:
        """Plan processes.

        Args:
            processes: Most that work at a time; 0 to prepare in the calling thread, in no more than there are
                processors.
            longest_read_s: When to give a file up.
            told: What a person says of series.
            timed: Whether the times of the stages are wanted.
        """
        self._longest_read_s = longest_read_s
        self._told = told.traveling
        self._timed = timed
        self._processes = processes
        self._idle: LifoQueue[_Reader | None] = LifoQueue()  # the last one first: those never needed are never started
        for _ in range(processes):
            self._idle.put(None)
        self._running: set[_Reader] = set()
        self._is_closed = False
        self._changing = threading.Lock()
        self._here = threading.BoundedSemaphore(available_processors())

    def __enter__(self) -> Self:
        _PROCESSES.set_forkserver_preload([prepare_files.__module__])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all processes; calls that wait for one return soon."""
        with self._changing:
            self._is_closed = True
            for reader in self._running:
                reader.end()

    def prepare(self, files: Sequence[Path], recipes: Sequence[ImageRecipe]) -> PreparedInput:
        """Do what `prepare_files` does, elsewhere; where the process is lost, the outcome says so. It never raises."""
        if not self._processes:
            with self._here:
                return prepare_files(files, recipes, self._told, self._timed)
        reader, sound = self._idle.get(), None
        try:
            if reader is None or not reader.is_alive():
                self._forget(reader)
                reader = self._started()
            prepared = reader.prepare(
                (tuple(files), tuple(recipes), self._told, self._timed), longest_s=self._longest_read_s
            )
            sound = reader
            return prepared
        except _GONE:
            return PreparedInput(identity=Identity(), error=ReaderLost(longest_s=self._longest_read_s))
        finally:
            if sound is None:
                self._forget(reader)
            self._idle.put(sound)

    def _started(self) -> "_Reader":
        reader = _Reader()
        with self._changing:
            self._running.add(reader)
            if self._is_closed:
                reader.end()
        return reader

    def _forget(self, reader: "_Reader | None") -> None:
        if reader is not None:
            with self._changing:
                self._running.discard(reader)
            reader.end()
            reader.close()


class _Reader:
    """One worker process."""

    def __init__(self) -> None:
        self._pipe, theirs = _PROCESSES.Pipe()
        with theirs:  # the worker gets its own; while this one is open, the end of the worker would go unnoticed
            self._process = _PROCESSES.Process(target=_serve, args=(theirs,), daemon=True)
            mask = pthread_sigmask(SIG_BLOCK, {SIGINT})  # Ctrl-C would meet the fork server within its imports
            try:
                self._process.start()
            finally:
                pthread_sigmask(SIG_SETMASK, mask)

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def prepare(self, order: _Order, *, longest_s: float) -> PreparedInput:
        """Hand an order over and wait.

        Raises:
            EOFError, OSError: the process ended, or took too long.
        """
        self._pipe.send(order)
        if not self._pipe.poll(longest_s):
            raise TimeoutError
        prepared: PreparedInput = self._pipe.recv()
        return prepared

    def end(self) -> None:
        """End the process whatever it does, so that whoever waits for it is told."""
        self._process.kill()
        self._process.join()

    def close(self) -> None:
        """Give back the pipe, which nobody waits at any more."""
        self._pipe.close()


def _serve(pipe: Connection) -> None:
    """Prepare one file after the other, until the owner is gone; leave Ctrl-C to it."""
    signal(SIGINT, SIG_IGN)
    keep_freed_memory()
    cv2.setNumThreads(1)  # the processors are shared among processes already: 5 % less time of theirs
    sys.unraisablehook = lambda _: None  # imagecodecs has OpenJPH's errors printed; the decoder finds them out
    threading.Thread(target=_end_with_owner, daemon=True).start()
    while True:
        try:
            pipe.send(prepare_files(*pipe.recv()))
        except _GONE:
            return


def _end_with_owner() -> None:
    """End this process when its owner has: one that waits for a file would notice, one with a long file would not."""
    owner = parent_process()
    if owner is not None:
        owner.join()
        os._exit(1)
