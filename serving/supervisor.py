"""Keeps Triton's life inside its owner's: a process that ends Triton when the owner ends, however it ends.

Run as a script by the server environment's Python, with the standard library only:
`python -I supervisor.py OWNER_PID REGION_PREFIX COMMAND...`. It prints Triton's process ID, then waits.
Triton is stopped on SIGTERM or when the owner is gone, which the kernel shows as another parent.
Whatever happens, no process and no shared memory region is left, and Triton's exit status is handed on.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  where POSIX shared memory is on Linux
STOP_TIMEOUT_S = 15.0
"""How long Triton may take over its shutdown before it is killed; itself it waits for requests for 10 s."""

_OWNER_POLL_S = 0.25
_STUB_EXIT_TIMEOUT_S = 2.0
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_CHILD_SUBREAPER = 36
_WAKING_SIGNALS = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}


def supervise(owner_pid: int, region_prefix: str, command: list[str]) -> int:
    """Run a command until it ends or has to, then remove everything of it.

    Args:
        owner_pid: The process that started this one.
        region_prefix: How the names of the shared memory regions begin.
        command: Program and arguments.

    Returns:
        The command's exit status; 128 plus the signal's number where a signal ended it.
    """
    # Blocked, so that none is lost between two waits; the child gets them unblocked.
    signal.pthread_sigmask(signal.SIG_BLOCK, _WAKING_SIGNALS)
    # The Python backend's stubs come here when Triton dies before them, and are killed here.
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    pid = _start(command)
    sys.stdout.write(f"{pid}\n")
    sys.stdout.flush()
    status = _wait_for(pid, lambda: os.getppid() != owner_pid)
    if status is None:
        os.kill(pid, signal.SIGTERM)
        deadline_s = time.monotonic() + STOP_TIMEOUT_S
        status = _wait_for(pid, lambda: time.monotonic() > deadline_s, ignore_signals=True)
    _end_orphans(pid)
    remove_regions(region_prefix)
    return 128 + signal.SIGKILL if status is None else status


def remove_regions(region_prefix: str) -> None:
    """Remove the shared memory regions whose names begin so."""
    for region in SHARED_MEMORY.glob(f"{region_prefix}*"):
        region.unlink(missing_ok=True)


def _start(command: list[str]) -> int:
    supervisor_pid = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setpgid(0, 0)
        # Should the supervisor itself be killed, Triton goes too, and its stubs with it.
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        # The owner reads one line from this process and no more; all that Triton prints belongs into its log.
        os.dup2(2, 1)
        if os.getppid() == supervisor_pid:
            os.execv(command[0], command)  # noqa: S606  no shell, by intention
    finally:
        os._exit(127)


def _wait_for(pid: int, has_to_end: Callable[[], bool], *, ignore_signals: bool = False) -> int | None:
    """Wait for a child; None where a signal came first, or the condition."""
    while not has_to_end():
        status = _reap(pid)
        if status is not None:
            return status
        received = signal.sigtimedwait(_WAKING_SIGNALS, _OWNER_POLL_S)
        if received is not None and received.si_signo != signal.SIGCHLD and not ignore_signals:
            return None
    return _reap(pid)


def _reap(pid: int) -> int | None:
    """Collect every child that ended; the status of the one asked for, if it is among them."""
    found = None
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if ended == 0:
            return found
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)
            found = code if code >= 0 else 128 - code


def _end_orphans(group: int) -> None:
    """Give the stubs a moment, then kill what is left of Triton's process group."""
    deadline_s = time.monotonic() + _STUB_EXIT_TIMEOUT_S
    while _has_children() and time.monotonic() < deadline_s:
        signal.sigtimedwait(_WAKING_SIGNALS, 0.05)
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
    while _has_children():
        signal.sigtimedwait(_WAKING_SIGNALS, 0.05)


def _has_children() -> bool:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(supervise(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
