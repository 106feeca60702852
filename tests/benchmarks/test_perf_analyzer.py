"""What NVIDIA's program writes is read in our units, and it runs against our server where it is installed."""

import pytest

from benchmarks.perf_analyzer import analyzed_load, found_perf_analyzer, read_table
from benchmarks.served import served

WRITTEN = """Concurrency,Inferences/Second,Client Send,Network+Server Send/Recv,Server Queue,Server Compute Input,Server Compute Infer,Server Compute Output,Client Recv,p50 latency,p90 latency,p95 latency,p99 latency
8,56.7114,24,5136,76658,334,55654,3142,3,83133,579598,604257,628899
"""  # noqa: E501  # as version 2.50 writes it


def test_its_table_is_read_in_milliseconds() -> None:
    found = read_table(WRITTEN)
    assert found.answered_per_s == pytest.approx(56.7114)
    assert found.p50_ms == pytest.approx(83.133)
    assert found.p99_ms == pytest.approx(628.899)


def test_it_measures_our_server() -> None:
    program = found_perf_analyzer()
    if program is None:
        pytest.skip("perf_analyzer is not here: make build/perf_analyzer")
    with served(["dat_uptake"]) as server:
        found = analyzed_load(program, server.address, "dat_uptake", clients=2, window_s=1.0)
    assert found.answered_per_s > 0
    assert found.p50_ms <= found.p99_ms
