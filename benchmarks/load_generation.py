"""Load on a server: closed loop, a request when the last is answered, and open loop, requests when they arrive.

In the open loop a latency is counted from the moment at which the request was to start, however late it started: a
server that stalls cannot hide the requests that had to wait meanwhile (coordinated omission). In the closed loop a
request is to start when it does.
"""

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np

from benchmarks.latency import Seconds

Send = Callable[[int], object]
"""Sends the request of a number and returns when it is answered; may be called from many threads."""


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """When each request was to start, started and was answered, seconds since the start of the trial."""

    intended_s: Seconds
    started_s: Seconds
    answered_s: Seconds

    @property
    def latency_s(self) -> Seconds:
        """From the intended start to the answer."""
        return self.answered_s - self.intended_s

    @property
    def lateness_s(self) -> Seconds:
        """From the intended start to the actual one: what the client had no hand free for."""
        return self.started_s - self.intended_s

    def answered_per_s(self, duration_s: float) -> float:
        """Return the rate of answers within the first seconds of the trial."""
        return int(np.count_nonzero(self.answered_s <= duration_s)) / duration_s

    def since(self, start_s: float) -> "Timeline":
        """Leave out requests that were to start earlier."""
        kept = self.intended_s >= start_s
        return Timeline(
            intended_s=self.intended_s[kept], started_s=self.started_s[kept], answered_s=self.answered_s[kept]
        )


def poisson_starts_s(rate_per_s: float, *, duration_s: float, seed: int) -> Seconds:
    """Draw the arrivals of a Poisson process; the same for the same seed.

    Args:
        rate_per_s: Mean rate of arrivals, above 0.
        duration_s: Length of the trial.
        seed: Of NumPy's generator.

    Returns:
        Ascending times in [0, duration_s), seconds.
    """
    generator = np.random.default_rng(seed)
    expected = rate_per_s * duration_s
    gaps_s = generator.exponential(1 / rate_per_s, size=int(expected + 10 * expected**0.5 + 10))  # 10 sigma: enough
    starts_s = np.cumsum(gaps_s)
    return starts_s[starts_s < duration_s]


def closed_loop(send: Send, *, clients: int, duration_s: float) -> Timeline:
    """Let clients send for a while, each its next request when its last is answered.

    Args:
        send: Sends one request.
        clients: Threads that send.
        duration_s: No request starts later.
    """
    numbers = itertools.count()

    def take(now_s: float) -> _Due | None:
        return _Due(number=next(numbers), intended_s=now_s) if now_s < duration_s else None

    return _sent(send, take, clients=clients)


def open_loop(send: Send, starts_s: Seconds, *, most_in_flight: int) -> Timeline:
    """Send each request at its time, whether or not others are answered.

    Args:
        send: Sends one request.
        starts_s: When each is to start, ascending.
        most_in_flight: Threads that send. A request that finds all of them waiting starts late, and its latency has
            the delay in it.
    """
    arrivals, taking = enumerate(starts_s.tolist()), threading.Lock()

    def take(_now_s: float) -> _Due | None:
        with taking:
            number, intended_s = next(arrivals, (0, None))
        return None if intended_s is None else _Due(number=number, intended_s=intended_s)

    return _sent(send, take, clients=most_in_flight)


@dataclass(frozen=True, kw_only=True)
class _Due:
    """A request that is to be sent."""

    number: int
    intended_s: float


def _sent(send: Send, take: Callable[[float], _Due | None], *, clients: int) -> Timeline:
    """Send what is taken at each moment until nothing is left; a failure or Ctrl-C ends all clients after a request."""
    stop, origin_s = threading.Event(), time.perf_counter()

    def now_s() -> float:
        return time.perf_counter() - origin_s

    def work() -> list[tuple[float, float, float]]:
        times_s = []
        while (due := take(now_s())) is not None:
            if stop.wait(max(0.0, due.intended_s - now_s())):
                break
            started_s = now_s()
            send(due.number)
            times_s.append((due.intended_s, started_s, now_s()))
        return times_s

    with ThreadPoolExecutor(max_workers=clients) as pool:
        futures = [pool.submit(work) for _ in range(clients)]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
        times_s = sorted(itertools.chain.from_iterable(future.result() for future in futures))
    intended_s, started_s, answered_s = np.array(times_s, dtype=np.float64).reshape(-1, 3).T
    return Timeline(intended_s=intended_s, started_s=started_s, answered_s=answered_s)
