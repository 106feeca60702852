"""The scenario on a real Triton, small: what is recorded is what happened."""

import numpy as np
import pytest
from rich.progress import Progress

from benchmarks.load import LoadPlan, LoadRecord, measure
from benchmarks.prepared_tensors import prepared_tensors
from specs.contract import Spec


@pytest.fixture(scope="module")
def record() -> LoadRecord:
    """Of an ensemble, whose parts have times of their own."""
    plan = LoadPlan(model="dat_parkinsonism", clients=(1, 3), shares=(0.5,), duration_s=0.5, seed=1)
    return measure(plan, Progress(disable=True))


def test_the_statistics_of_the_server_and_the_client_count_the_same_requests(record: LoadRecord) -> None:
    for trial in (*(each.trial for each in record.closed), *(each.trial for each in record.open)):
        times = {each.model: each for each in trial.server}
        assert times["dat_parkinsonism"].requests == trial.latency.requests
        assert times["dat_uptake"].requests == trial.latency.requests
        assert times["dat_uptake"].mean_batch >= 1
        assert times["dat_parkinsonism"].whole_ms <= trial.latency.mean_ms
        assert set(trial.resources) == {"client", "server", "stubs"}
        assert all(each.largest_rss_bytes >= each.pss_bytes / 2 > 0 for each in trial.resources.values())


def test_the_record_names_what_was_measured(record: LoadRecord) -> None:
    assert LoadRecord.from_json(record.readable_json()) == record
    assert record.conditions.triton.startswith("2.")
    assert record.entry.model == "dat_parkinsonism"
    assert [each.clients for each in record.closed] == [1, 3]
    largest_per_s = max(each.trial.answered_per_s for each in record.closed)
    assert [each.arrivals_per_s for each in record.open] == [pytest.approx(0.5 * largest_per_s)]


def test_every_model_has_tensors_to_be_asked_with(spec: Spec) -> None:
    (tensor,) = prepared_tensors(spec.recipe, count=1, progress=Progress(disable=True))
    declared = spec.recipe.input
    assert tensor.shape == (1, *declared.shape)
    assert tensor.dtype == np.dtype(declared.element_type)
