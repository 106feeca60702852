"""The search among ways of serving: bounded, resumable, and under the bound on the latency."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.progress import Progress

from benchmarks.errors import NothingFastEnough
from benchmarks.latency import Latency
from benchmarks.load import ClosedTrial, Trial
from benchmarks.prepared_tensors import prepared_tensors
from benchmarks.tuning import (
    CLIENTS,
    START_S,
    Candidate,
    Measurement,
    best_first,
    planned_rounds,
    serving_choices,
)
from benchmarks.tuning_search import Search, ServedTrials, networks_of
from specs import SPECS
from specs.deployment import Engine, Precision, ServingChoice
from tests.conftest import CLONE

SILENT = Progress(disable=True)
CANDIDATES = [
    Candidate(engine=Engine.ONNXRUNTIME, precision=Precision.FP32, serving=serving)
    for cores in (2, 4, 8)
    for serving in serving_choices(cores)
]


def measurement(
    candidate: Candidate, duration_s: float, *, rates: tuple[float, ...], latencies_ms: tuple[float, ...]
) -> Measurement:
    trials = [
        Trial(answered_per_s=rate, latency=Latency.of(np.full(100, ms / 1e3)), server=(), resources={})
        for rate, ms in zip(rates, latencies_ms, strict=True)
    ]
    closed = tuple(ClosedTrial(clients=clients, trial=trial) for clients, trial in zip(CLIENTS, trials, strict=False))
    return Measurement(candidate=candidate, duration_s=duration_s, spent_s=duration_s + START_S, closed=closed)


def worth(candidate: Candidate) -> float:
    """Stand for a machine on which the last candidates are the best."""
    return 1.0 + CANDIDATES.index(candidate)


def search_in(folder: Path, *, minutes: float = 10.0, bound_ms: float = 50.0, digest: str = "a" * 64) -> Search:
    return Search(
        candidates=CANDIDATES,
        bound_ms=bound_ms,
        minutes=minutes,
        kept_file=folder / "tuning" / "measured.json",
        model_sha256=digest,
    )


def recorded(asked: list[Candidate], *, spent_s: float | None = None) -> Callable[[Candidate, float], Measurement]:
    """Measure by `worth`, and note what was measured."""

    def measure(candidate: Candidate, duration_s: float) -> Measurement:
        asked.append(candidate)
        found = measurement(candidate, duration_s, rates=(worth(candidate),), latencies_ms=(10.0,))
        return found if spent_s is None else found.model_copy(update={"spent_s": spent_s})

    return measure


def test_a_rate_counts_only_where_the_bound_is_kept() -> None:
    found = measurement(CANDIDATES[0], 1.0, rates=(10.0, 30.0, 40.0), latencies_ms=(5.0, 20.0, 80.0))
    assert [found.rate_within(bound_ms) for bound_ms in (4.9, 5.0, 20.0, 79.9, 80.0)] == [0.0, 10.0, 30.0, 30.0, 40.0]
    assert found.least_ms == 5.0


def test_those_that_never_keep_the_bound_come_last_the_nearest_first() -> None:
    slow, slower, fast = (
        measurement(candidate, 1.0, rates=(rate,), latencies_ms=(ms,))
        for candidate, rate, ms in zip(CANDIDATES, (90.0, 80.0, 7.0), (60.0, 70.0, 10.0), strict=False)
    )
    assert best_first([slower, slow, fast], bound_ms=50.0) == [fast, slow, slower]


@given(candidates=st.integers(1, 60), minutes=st.floats(0.1, 120.0))
def test_rounds_narrow_down_and_fit_the_time(candidates: int, minutes: float) -> None:
    rounds = planned_rounds(candidates, minutes=minutes)
    assert rounds == planned_rounds(candidates, minutes=minutes)
    counts = [each.candidates for each in rounds]
    assert counts[0] == candidates
    assert counts == sorted(set(counts), reverse=True)
    assert counts[-1] <= max(3, candidates)
    if all(each.duration_s > 1.0 for each in rounds):
        total_s = sum(each.candidates * (START_S + 1.2 * len(CLIENTS) * (each.duration_s - 0.05)) for each in rounds)
        assert total_s <= 60 * minutes


def test_instances_share_the_cores() -> None:
    assert {(each.instances, each.threads) for each in serving_choices(1)} == {(1, 1)}
    assert {(each.instances, each.threads) for each in serving_choices(2)} == {(1, 2), (2, 1)}
    assert {(each.instances, each.threads) for each in serving_choices(16)} == {(1, 16), (2, 8), (16, 1)}


@given(st.integers(1, 256))
def test_only_a_single_instance_is_also_tried_with_a_wait_for_a_fuller_batch(cores: int) -> None:
    choices = list(serving_choices(cores))
    assert {each.instances for each in choices if each.queue_delay_us} == {1}
    assert {each.instances for each in choices if not each.queue_delay_us} == {each.instances for each in choices}


def test_the_best_wins_and_only_the_better_are_measured_for_long(tmp_path: Path) -> None:
    asked: list[Candidate] = []
    search = search_in(tmp_path)
    measured = search.run(recorded(asked), SILENT)
    assert search.winner(measured).candidate == CANDIDATES[-1]
    assert len(asked) == sum(each.candidates for each in planned_rounds(len(CANDIDATES), minutes=10.0))
    longest_s = max(each.duration_s for each in measured)
    assert {worth(each.candidate) for each in measured if each.duration_s == longest_s} == {
        worth(each) for each in CANDIDATES[-3:]
    }


def test_a_search_that_is_interrupted_goes_on_where_it_ended(tmp_path: Path) -> None:
    asked: list[Candidate] = []
    measure = recorded(asked)

    def interrupted(candidate: Candidate, duration_s: float) -> Measurement:
        if len(asked) == 7:
            raise KeyboardInterrupt
        return measure(candidate, duration_s)

    with pytest.raises(KeyboardInterrupt):
        search_in(tmp_path).run(interrupted, SILENT)
    measured = search_in(tmp_path).run(measure, SILENT)
    assert len(asked) == len(measured)
    assert search_in(tmp_path).run(recorded([]), SILENT) == measured
    again: list[Candidate] = []
    search_in(tmp_path, digest="b" * 64).run(recorded(again), SILENT)
    assert len(again) == len(asked)  # of other weights nothing is known


def test_the_time_ends_a_search_and_the_last_whole_round_decides(tmp_path: Path) -> None:
    asked: list[Candidate] = []
    search = search_in(tmp_path, minutes=1.0)
    measured = search.run(recorded(asked, spent_s=61 / len(CANDIDATES)), SILENT)
    assert len(asked) == len(CANDIDATES)
    assert search.winner(measured).candidate == CANDIDATES[-1]
    assert len(search_in(tmp_path / "other", minutes=1.0).run(recorded([], spent_s=70.0), SILENT)) == 1


def test_a_bound_that_nothing_keeps_is_said_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(NothingFastEnough, match=r"within 5 ms: the quickest took 10\.0 ms"):
        search_in(tmp_path, bound_ms=5.0).run(recorded([]), SILENT)


def test_a_candidate_is_measured_as_triton_serves_it() -> None:
    name = "mitral_regurgitation"
    tensors = prepared_tensors(SPECS[name].recipe, count=2, progress=SILENT)
    key = (Engine.ONNXRUNTIME, Precision.FP32)
    trials = ServedTrials(model=name, variants={key: CLONE / "model_repository"}, tensors=tensors, load=0.0)
    serving = ServingChoice(instances=2, threads=1, queue_delay_us=0)
    candidate = Candidate(engine=key[0], precision=key[1], serving=serving)
    found = trials.measure(candidate, 0.3)
    assert [each.clients for each in found.closed] == list(CLIENTS)
    assert all(each.trial.latency.requests >= each.clients for each in found.closed)
    assert len(networks_of("aortic_stenosis")) == 3
