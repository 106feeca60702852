"""Peers in the same run, on the same files and weights: what this project is faster than, and by how much.

tricorder bench peers --preset paper --out benchmarks/records/peers.json

From files to answers, in each transfer syntax: Tricorder through Triton; a loop of pydicom's defaults and PyTorch
eager, as published example scripts have it; and torch.compile behind a DataLoader. From prepared tensors to answers,
with so many clients: Tricorder's client and Triton, MLServer with the same fp32 ONNX file, the engine alone, and
NVIDIA's perf_analyzer on the same Triton. A peer that is not installed is named as absent. The network has random
weights: speed does not depend on what was learnt. Needs the training tools; `make .venv-bench build/perf_analyzer` gets
the other peers.
"""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from benchmarks.encodings import ENCODERS
from benchmarks.scenario import add_pass_options, deliver_measured, scenario_parser
from benchmarks.served import Conditions, ServedEntry
from specs.declared import Declared
from specs.network import Preset
from tricorder.training_extra import require_training_extra


class PeerName(StrEnum):
    """Who is compared."""

    TRICORDER = "tricorder"
    EAGER = "eager"
    COMPILED = "compiled"
    MLSERVER = "mlserver"
    ENGINE = "engine"
    PERF_ANALYZER = "perf_analyzer"


REMEDIES = {
    PeerName.COMPILED: "torch.compile needs a C++ compiler: g++",
    PeerName.MLSERVER: "MLServer: make .venv-bench",
    PeerName.PERF_ANALYZER: "perf_analyzer: make build/perf_analyzer",
}
"""What brings a peer that is not there."""


class FilePeers(Declared):
    """One transfer syntax, from files to answers: studies a second, medians of the passes."""

    syntax: str
    tricorder_per_s: float
    eager_per_s: float | None = Field(description="None where pydicom has no decoder here.")
    compiled_per_s: float | None = Field(description="None also where torch.compile is absent.")
    times_eager: float | None = Field(description="Ours over theirs; median over the passes.")
    times_compiled: float | None
    mean_difference: float | None = Field(description="Of their input tensor and ours, gray levels of 255.")


class ServingPeer(Declared):
    """From prepared tensors to answers: of all passes the one of the median rate."""

    peer: PeerName
    answered_per_s: float
    p50_ms: float | None = Field(description="None of the engine alone.")
    p99_ms: float | None
    answer_difference: float | None = Field(
        description="Largest, of probabilities, to those of the engine; None where answers are not seen."
    )


class PeersRecord(Declared):
    """One run of the scenario; peers take turns, so that a noisy neighbor meets all of them."""

    scenario: str = "peers"
    conditions: Conditions
    entry: ServedEntry
    preset: Preset
    peers: dict[str, str] = Field(description="Versions of what the peers are made of.")
    absent: dict[PeerName, str] = Field(description="Peers that were not there, and what would bring them.")
    torch_threads: int = Field(description="Threads of PyTorch: those of the environment, or one a processor.")
    seed: int
    matrix: tuple[int, int]
    clients: int
    seconds: float = Field(description="Counted of each pass.")
    repetitions: int
    files: tuple[FilePeers, ...]
    serving: tuple[ServingPeer, ...]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line.

    Raises:
        TrainingExtraMissing: torch is not here.
    """
    by_keyword = {syntax.keyword: syntax for syntax in ENCODERS}
    parser = scenario_parser(__doc__, repetitions=3)
    parser.add_argument(
        "--preset",
        type=Preset,
        default=Preset.PAPER,
        choices=list(Preset),
        help="size of the network (default: %(default)s)",
    )
    parser.add_argument(
        "--syntaxes",
        nargs="*",
        default=list(by_keyword),
        choices=list(by_keyword),
        metavar="KEYWORD",
        help="transfer syntaxes by their keywords (default: all)",
    )
    add_pass_options(parser, clients=16, seconds=10.0)
    given = parser.parse_args(arguments)
    require_training_extra(what="The peers of PyTorch need")
    from benchmarks.peer_passes import PeerPlan, measure

    plan = PeerPlan(
        preset=given.preset,
        syntaxes=tuple(by_keyword[keyword] for keyword in given.syntaxes),
        clients=given.clients,
        seconds=given.seconds,
        repetitions=given.repetitions,
        seed=given.seed,
    )
    deliver_measured(measure, plan, given.out)


if __name__ == "__main__":
    main()
