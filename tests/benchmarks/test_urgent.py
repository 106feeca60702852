"""The scenario on a real Triton with a real flood, in seconds."""

import pytest
from rich.progress import Progress

from benchmarks.urgent import UrgentPlan, UrgentRecord, measure


@pytest.mark.slow
def test_urgent_studies_are_measured_beside_a_flood_that_saturates_the_server() -> None:
    plan = UrgentPlan(studies=8, arrivals_per_s=4.0, clients=32, alone_s=1.0, seed=0)
    record = measure(plan, Progress(disable=True))
    assert UrgentRecord.from_json(record.readable_json()) == record
    assert record.unloaded.requests == record.urgent.requests == record.ordinary.requests == 8
    flood = record.flood
    assert flood.mean_batch > 4  # requests wait for each other: the server is saturated
    assert flood.lost_share == pytest.approx(1 - flood.beside_urgent_per_s / flood.alone_per_s)
    assert record.p99_bound_ms == pytest.approx(2 * record.unloaded.at(99).ms + flood.batch_ms)
    assert record.largest_p99_ratio is None  # eight studies bound no p99
