"""Every engine and precision of a model against ONNX Runtime in fp32, alone and served, in the same run.

tricorder bench engines --presets paper demonstration --out benchmarks/records/engines.json

Alone: the engine in a process of its own, with whichever batch it is fastest with. Served: our client, which gathers
studies for a request, and Triton, with so many studies under way. Of a single network MLServer, with the fp32 file,
has its turn too. What serving adds is the processor time a study of client, server and stubs less that of the engine
alone. Networks have random weights, which speed does not depend on, so no variant went through the gate: `fidelity`
says what they are worth on the committed ones. Needs the training tools and OpenVINO in the server's environment; `make
.venv-bench` gets MLServer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from benchmarks.paired_ratio import PairedRatio
from benchmarks.scenario import add_pass_options, deliver_measured, scenario_parser
from benchmarks.served import Conditions, ServedEntry
from specs.declared import Declared
from specs.deployment import Engine, Precision
from specs.network import Preset
from tricorder.training_extra import require_training_extra
from tricorder.variants import IMAGE_MODELS

MODELS = ("aortic_stenosis_resnet50", "aortic_stenosis")


class EngineFigures(Declared):
    """One engine and precision; medians of the passes, and ratios of passes of the same repetition."""

    engine: Engine
    precision: Precision
    batch: int = Field(description="Studies at a time, of the engine alone: its fastest.")
    alone_per_s: float
    alone_passes_per_s: tuple[float, ...]
    alone_cpu_ms: float = Field(description="Processor time a study.")
    served_per_s: float
    served_passes_per_s: tuple[float, ...]
    served_cpu_ms: float = Field(description="The same, of client, server and stubs.")
    added_cpu_ms: float = Field(description="Of a study served over one of the engine alone; median of differences.")
    times_baseline: PairedRatio = Field(description="Engine alone over ONNX Runtime in fp32 alone.")
    served_share: PairedRatio = Field(description="Served over the engine alone.")
    times_mlserver: PairedRatio | None = Field(description="Served over MLServer with the fp32 file; None without it.")


class ModelEngines(Declared):
    """Every engine and precision of one model of one size."""

    entry: ServedEntry
    preset: Preset
    seconds: float = Field(description="Counted of each pass: what was asked for, or more where engines are slow.")
    engines: tuple[EngineFigures, ...]
    mlserver_per_s: float | None = Field(description="None of an ensemble, or where MLServer is absent.")

    @property
    def fastest(self) -> EngineFigures:
        """The one that serves most studies a second."""
        return max(self.engines, key=lambda each: each.served_per_s)


class EnginesRecord(Declared):
    """One run of the scenario; all take turns, so that a noisy neighbor meets all of them."""

    scenario: str = "engines"
    conditions: Conditions
    seed: int
    clients: int
    repetitions: int
    absent: str | None = Field(description="What would bring MLServer where it is not there.")
    models: tuple[ModelEngines, ...]


@dataclass(frozen=True, kw_only=True)
class EnginesPlan:
    """What a run of the scenario does; the fields are those of its command line."""

    models: tuple[str, ...]
    presets: tuple[Preset, ...]
    clients: int
    seconds: float
    repetitions: int
    seed: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line.

    Raises:
        TrainingExtraMissing: torch is not here.
    """
    parser = scenario_parser(__doc__, repetitions=3)
    parser.add_argument(
        "--models",
        nargs="+",
        default=list(MODELS),
        choices=sorted(IMAGE_MODELS),
        metavar="NAME",
        help=f"of {', '.join(sorted(IMAGE_MODELS))} (default: {' '.join(MODELS)})",
    )
    parser.add_argument(
        "--presets",
        nargs="+",
        type=Preset,
        default=list(Preset),
        choices=list(Preset),
        metavar="PRESET",
        help=f"sizes of the networks (default: {' '.join(Preset)})",
    )
    add_pass_options(parser, clients=16, seconds=8.0)
    given = parser.parse_args(arguments)
    require_training_extra(what="Networks with random weights need")
    from benchmarks.engine_passes import measure

    plan = EnginesPlan(
        models=tuple(given.models),
        presets=tuple(given.presets),
        clients=given.clients,
        seconds=given.seconds,
        repetitions=given.repetitions,
        seed=given.seed,
    )
    deliver_measured(measure, plan, given.out)


if __name__ == "__main__":
    main()
