"""Three ways to vote on a real Triton, small: compared only where they answer alike, and what is recorded happened."""

from pathlib import Path

import numpy as np
import pytest
from rich.progress import Progress

from benchmarks.errors import AnswersDiffer
from benchmarks.paired_ratio import PairedRatio
from benchmarks.prepared_tensors import Answered, asked_in_turn
from benchmarks.untrained import write_untrained_ensemble
from benchmarks.vote import VotePlan, VoteRecord, VoteWay
from benchmarks.vote_passes import TOLERANCE, largest_difference, measure
from client.in_process import InProcessEngine
from client.voting import ClientVoting
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.network import Preset


@pytest.fixture(scope="module")
def record() -> VoteRecord:
    plan = VotePlan(
        model=AORTIC_STENOSIS.name,
        preset=Preset.DEMONSTRATION,
        clients=(1, 3),
        seconds=1.0,
        repetitions=2,
        seed=0,
    )
    return measure(plan, Progress(disable=True))


@pytest.mark.slow
def test_every_way_is_measured_with_every_number_of_clients(record: VoteRecord) -> None:
    assert VoteRecord.from_json(record.readable_json()) == record
    assert [trial.clients for trial in record.trials] == [1, 3]
    for trial in record.trials:
        assert [each.way for each in trial.ways] == list(VoteWay)
        for each in trial.ways:
            assert each.cpu_ms > 0
            assert len(each.passes_per_s) == record.repetitions
            assert min(each.passes_per_s) <= each.answered_per_s <= max(each.passes_per_s)
            assert 0 < each.latency.at(50).ms <= each.latency.at(95).ms <= each.latency.at(99).ms


@pytest.mark.slow
def test_a_ratio_is_over_the_ensemble_in_the_same_repetition(record: VoteRecord) -> None:
    for trial in record.trials:
        ensemble, *_ = trial.ways
        for each in trial.ways:
            ratios = [own / other for own, other in zip(each.passes_per_s, ensemble.passes_per_s, strict=True)]
            assert each.rate_ratio == PairedRatio.of(ratios)
        assert ensemble.cpu_ratio == ensemble.p50_ratio == PairedRatio.of([1.0])


@pytest.mark.slow
def test_the_record_names_what_was_served(record: VoteRecord) -> None:
    assert record.entry.model == AORTIC_STENOSIS.name
    assert record.fused_sha256 not in {record.entry.weights_sha256, record.entry.contract_sha256}
    assert record.preset is Preset.DEMONSTRATION
    assert record.seed is None
    assert 0 <= record.largest_difference <= TOLERANCE


def answering(probability: float) -> Answered:
    """Answer every input with one probability."""
    return lambda _number: {"probability": np.array([[probability]], dtype=np.float32)}


def test_the_largest_difference_of_any_way_is_found() -> None:
    ways = {VoteWay.ENSEMBLE: answering(0.5), VoteWay.FUSED: answering(0.5), VoteWay.CLIENT: answering(0.500004)}
    assert largest_difference(ways, count=2) == pytest.approx(4e-6, abs=1e-7)


@pytest.mark.parametrize("other", [0.50002, float("nan")])
def test_ways_that_answer_differently_are_not_compared(other: float) -> None:
    ways = {VoteWay.ENSEMBLE: answering(0.5), VoteWay.FUSED: answering(0.5), VoteWay.CLIENT: answering(other)}
    with pytest.raises(AnswersDiffer, match="The way client"):
        largest_difference(ways, count=1)


@pytest.mark.slow
def test_an_untrained_ensemble_is_one_that_engines_take(tmp_path: Path) -> None:
    write_untrained_ensemble(tmp_path, AORTIC_STENOSIS, Preset.DEMONSTRATION, seed=1)
    pixels = np.random.default_rng(0).integers(0, 256, (1, *AORTIC_STENOSIS.recipe.input.shape), dtype=np.uint8)
    with InProcessEngine(tmp_path) as engine:
        model = engine.served_model(AORTIC_STENOSIS.name)
        assert model.contract.weights.demonstration
        ways = {
            VoteWay.ENSEMBLE: asked_in_turn(engine, model, [pixels]),
            VoteWay.CLIENT: asked_in_turn(ClientVoting(engine), model, [pixels]),
        }
        assert largest_difference(ways, count=1) <= TOLERANCE
        assert len(np.unique(ways[VoteWay.ENSEMBLE](0)["member_probabilities"])) == len(AORTIC_STENOSIS.members)
