"""Loads are what they say, on a real server that answers one request after the other."""

import socket
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.load_generation import closed_loop, open_loop, poisson_starts_s

rates = st.floats(min_value=0.1, max_value=2000)
durations = st.floats(min_value=0.01, max_value=5)


@given(rates, durations, st.integers(0, 2**32 - 1))
def test_arrivals_are_in_order_within_the_trial_and_the_same_for_a_seed(
    rate_per_s: float, duration_s: float, seed: int
) -> None:
    starts_s = poisson_starts_s(rate_per_s, duration_s=duration_s, seed=seed)
    assert np.all(np.diff(starts_s) >= 0)
    assert np.all((starts_s >= 0) & (starts_s < duration_s))
    assert np.array_equal(starts_s, poisson_starts_s(rate_per_s, duration_s=duration_s, seed=seed))


@given(st.integers(0, 2**16))
def test_arrivals_are_as_many_as_the_rate_says(seed: int) -> None:
    expected = 2000
    count = poisson_starts_s(1000, duration_s=2, seed=seed).size
    assert abs(count - expected) < 6 * expected**0.5


class _TurnstileServer:
    """A server on a real socket that answers one byte with one byte, and holds everything back while it is closed."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.opened = threading.Event()
        self.received = threading.Semaphore(0)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self.received.release()
                self.opened.wait()
                connection.sendall(connection.recv(1))

    def ask(self, _number: int) -> None:
        with socket.create_connection(self._listening.getsockname()) as connection:
            connection.sendall(b"?")
            assert connection.recv(1) == b"?"

    def close(self) -> None:
        self.opened.set()
        self._listening.close()


@pytest.fixture
def server() -> Iterator[_TurnstileServer]:
    turnstile = _TurnstileServer()
    yield turnstile
    turnstile.close()


def test_a_request_that_had_to_wait_for_a_stalled_one_has_the_stall_in_its_latency(server: _TurnstileServer) -> None:
    starts_s = np.array([0.0, 0.001, 0.002, 0.003])

    def open_after_all_are_due() -> None:
        server.received.acquire()
        threading.Event().wait(0.3)
        server.opened.set()

    threading.Thread(target=open_after_all_are_due, daemon=True).start()
    timeline = open_loop(server.ask, starts_s, most_in_flight=1)
    assert np.array_equal(timeline.intended_s, starts_s)
    # One client: while the server stalled, the other three could not even be sent. Counted from their own starts they
    # would look fast.
    assert np.all(timeline.latency_s >= 0.29)
    assert np.all(timeline.lateness_s[1:] >= 0.29)
    assert np.allclose(timeline.latency_s, timeline.answered_s - timeline.intended_s)


def test_the_open_loop_does_not_wait_for_answers(server: _TurnstileServer) -> None:
    """The second request reaches the server's backlog while the first is not answered: both are under way at once."""
    under_way, most = 0, 0
    counting = threading.Lock()

    def ask(number: int) -> None:
        nonlocal under_way, most
        with counting:
            under_way += 1
            most = max(most, under_way)
            if under_way == 3:
                server.opened.set()
        server.ask(number)
        with counting:
            under_way -= 1

    open_loop(ask, np.array([0.0, 0.01, 0.02]), most_in_flight=3)
    assert most == 3


def test_the_closed_loop_has_no_more_requests_under_way_than_clients(server: _TurnstileServer) -> None:
    server.opened.set()
    numbers: list[int] = []

    def ask(number: int) -> None:
        numbers.append(number)
        server.ask(number)

    timeline = closed_loop(ask, clients=3, duration_s=0.2)
    assert sorted(numbers) == list(range(len(numbers)))
    assert timeline.intended_s.size == len(numbers)
    overlapping = [
        np.count_nonzero((timeline.started_s <= start) & (timeline.answered_s > start)) for start in timeline.started_s
    ]
    assert max(overlapping) <= 3
    assert timeline.answered_per_s(0.2) <= len(numbers) / 0.2


@pytest.mark.parametrize(
    "load",
    [
        lambda send: closed_loop(send, clients=2, duration_s=60),
        lambda send: open_loop(send, np.array([0.0, 60.0]), most_in_flight=2),
    ],
    ids=["closed", "open"],
)
def test_a_failing_request_ends_the_trial_at_once(load: Callable[[Callable[[int], None]], object]) -> None:
    def fail(_number: int) -> None:
        raise ConnectionError("refused")

    with pytest.raises(ConnectionError, match="refused"):
        load(fail)
