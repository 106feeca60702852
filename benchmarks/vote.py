"""Soft voting three ways in the same run: which of them serves an ensemble best, and by how much.

tricorder bench vote --clients 1 2 4 8 16 --out benchmarks/records/vote.json

The Triton ensemble of the repository; one graph of all members, their vote and their map, as an entry of its own that
is served as a member is; and the client, which asks the members one after the other and votes itself
(`tricorder score --client-vote`). Nothing is timed unless all three give the same answers. Then each way has its turn
with each number of clients, in every repetition. Committed weights, or random ones at the published size: speed does
not depend on what was learnt. Needs the training tools.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field

from benchmarks.latency import Latency
from benchmarks.paired_ratio import PairedRatio
from benchmarks.scenario import deliver_measured, positive_count, positive_number, scenario_parser
from benchmarks.served import Conditions, ServedEntry
from specs import SPECS
from specs.declared import Declared
from specs.ensemble import EnsembleSpec
from specs.network import Preset
from tricorder.training_extra import require_training_extra


class VoteWay(StrEnum):
    """Who votes."""

    ENSEMBLE = "ensemble"
    FUSED = "fused"
    CLIENT = "client"


class WayFigures(Declared):
    """One way with so many clients."""

    way: VoteWay
    answered_per_s: float = Field(description="Studies; median of the passes.")
    passes_per_s: tuple[float, ...] = Field(description="The same of each pass.")
    cpu_ms: float = Field(description="Processor time of client, server and stubs a study; median.")
    latency: Latency = Field(description="Of the studies of all passes.")
    rate_ratio: PairedRatio = Field(description="This and the next two: over the Triton ensemble.")
    cpu_ratio: PairedRatio
    p50_ratio: PairedRatio


class ClientsTrial(Declared):
    """All ways with one number of clients, each of which has one study under way."""

    clients: int
    ways: tuple[WayFigures, ...]


class VoteRecord(Declared):
    """One run of the scenario; the ways take turns, and to be first too, so that a noisy neighbor meets all of them."""

    scenario: str = "vote"
    conditions: Conditions
    entry: ServedEntry
    fused_sha256: str = Field(description="Of the ONNX file that all members were merged into.")
    preset: Preset
    seed: int | None = Field(description="Of random weights; None where the committed ones were served.")
    inputs: int = Field(description="Phantoms that requests take turns with.")
    largest_difference: float = Field(
        description="Of any probability between the ensemble and another way, on all inputs, before anything was timed."
    )
    seconds: float = Field(description="Counted of each pass.")
    repetitions: int
    trials: tuple[ClientsTrial, ...]


@dataclass(frozen=True, kw_only=True)
class VotePlan:
    """What a run of the scenario does.

    Attributes:
        model: Name of the ensemble.
        preset: Committed networks of the demonstration, or of the published size with random weights.
        clients: Numbers of clients of the closed loop.
        seconds: Counted of each pass.
        repetitions: Passes of each way with each number of clients.
        seed: Of random weights.
    """

    model: str
    preset: Preset
    clients: tuple[int, ...]
    seconds: float
    repetitions: int
    seed: int


def _parser() -> argparse.ArgumentParser:
    ensembles = sorted(name for name, spec in SPECS.items() if isinstance(spec, EnsembleSpec))
    parser = scenario_parser(__doc__, repetitions=5)
    parser.add_argument(
        "--model", default=ensembles[0], choices=ensembles, metavar="NAME", help="ensemble (default: %(default)s)"
    )
    parser.add_argument(
        "--preset",
        type=Preset,
        default=Preset.DEMONSTRATION,
        choices=list(Preset),
        help="the committed networks, or those of the published size with random weights (default: %(default)s)",
    )
    parser.add_argument(
        "--clients",
        type=positive_count,
        nargs="+",
        default=[1, 2, 4, 8, 16],
        metavar="N",
        help="numbers of clients (default: 1 2 4 8 16)",
    )
    parser.add_argument(
        "--seconds", type=positive_number, default=10.0, metavar="S", help="counted of each pass (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of random weights (default: %(default)s)")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line.

    Raises:
        TrainingExtraMissing: the training tools are not here.
    """
    given = _parser().parse_args(arguments)
    require_training_extra(what="Merging the members into one graph needs")
    from benchmarks.vote_passes import measure

    plan = VotePlan(
        model=given.model,
        preset=given.preset,
        clients=tuple(given.clients),
        seconds=given.seconds,
        repetitions=given.repetitions,
        seed=given.seed,
    )
    deliver_measured(measure, plan, given.out)


if __name__ == "__main__":
    main()
