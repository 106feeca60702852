"""Memory and processor time of a client, of `tritonserver` and of the stub processes that run its models."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil
from pydantic import Field

from specs.declared import Declared

_SAMPLE_EVERY_S = 0.25


class Resources(Declared):
    """What one part took during a run; of several processes the sum."""

    processes: int
    largest_rss_bytes: int = Field(description="Resident memory, shared pages counted in each process; largest seen.")
    pss_bytes: int = Field(description="Resident memory at the end, shared pages divided among those that share them.")
    cpu_s: float = Field(description="Time on a processor, user and system.")


@dataclass(kw_only=True)
class Watch:
    """What a run took; filled when the context of `watched` is left."""

    parts: dict[str, Resources] = field(default_factory=dict)


@contextmanager
def watched(server_pid: int) -> Iterator[Watch]:
    """Watch this process as `client`, and a server as `server` and `stubs`, while the context runs."""
    watch, ended = Watch(), threading.Event()
    server = psutil.Process(server_pid)
    parts = {"client": [psutil.Process()], "server": [server], "stubs": server.children(recursive=True)}
    largest_bytes = dict.fromkeys(parts, 0)

    def sample() -> None:
        while True:
            for name, processes in parts.items():
                largest_bytes[name] = max(largest_bytes[name], sum(each.memory_info().rss for each in processes))
            if ended.wait(_SAMPLE_EVERY_S):
                return

    before_s = _cpu_s(parts)
    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    try:
        yield watch
    finally:
        ended.set()
        sampler.join()
    after_s = _cpu_s(parts)
    watch.parts = {
        name: Resources(
            processes=len(processes),
            largest_rss_bytes=largest_bytes[name],
            pss_bytes=sum(each.memory_full_info().pss for each in processes),
            cpu_s=after_s[name] - before_s[name],
        )
        for name, processes in parts.items()
    }


def _cpu_s(parts: Mapping[str, Sequence[psutil.Process]]) -> dict[str, float]:
    times = {name: [process.cpu_times() for process in processes] for name, processes in parts.items()}
    return {name: sum(each.user + each.system for each in found) for name, found in times.items()}
