"""What the command line of every scenario shares."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

from specs.declared import Declared
from tricorder.terminal import progress_bar

Plan = TypeVar("Plan")

CHEST_MODEL = "mitral_regurgitation"
"""The model of scenarios that need only one: it takes the radiographs that all transfer syntaxes are tried on."""

SCENARIOS = {
    "damage": "Of single wrong bytes in coded pixels, how many are found.",
    "decoding": "Decode a radiograph in every transfer syntax, against pydicom's default.",
    "engines": "Every engine and precision against ONNX Runtime in fp32, alone and served.",
    "fidelity": "Variants in every engine and precision against the original, on held-out phantoms.",
    "file_to_result": "Files on disk to result rows, through Triton and in process.",
    "load": "Latency and throughput of a served model in closed and open loop.",
    "peers": "Example scripts, torch.compile, MLServer, the engine alone and perf_analyzer, in the same run.",
    "preparing": "Stored pixels to the input tensor, against pydicom's functions.",
    "reduced_resolution": "JPEG 2000 at reduced resolution against the whole image.",
    "reproduction": "Models trained anew against the committed ones.",
    "transfer_syntaxes": "Files to result rows in every transfer syntax, with the share of what the cores allow.",
    "urgent": "An urgent study while a screening flood saturates the server.",
    "vote": "Soft voting by a Triton ensemble, in one graph and by the client, in the same run.",
    "wire": "A request in shared memory against one inline.",
}
"""The modules of this package that `tricorder bench` runs, each with what it measures."""


def scenario_parser(description: str | None, *, repetitions: int | None = None) -> argparse.ArgumentParser:
    """Make a parser with --out, and with --repetitions where passes are repeated."""
    parser = argparse.ArgumentParser(
        prog="tricorder bench SCENARIO", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if repetitions is not None:
        parser.add_argument(
            "--repetitions", type=int, default=repetitions, help=f"timed passes of each way (default: {repetitions})"
        )
    parser.add_argument("--out", type=Path, help="write the JSON record here (default: standard output)")
    return parser


def add_pass_options(parser: argparse.ArgumentParser, *, clients: int, seconds: float) -> None:
    """Add --clients, --seconds and --seed of passes that put a load on networks with random weights.

    Args:
        parser: Of the scenario.
        clients: Default of the first.
        seconds: Default of the second.
    """
    parser.add_argument(
        "--clients",
        type=positive_count,
        default=clients,
        metavar="N",
        help="on prepared tensors, each with one study under way (default: %(default)s)",
    )
    parser.add_argument(
        "--seconds",
        type=positive_number,
        default=seconds,
        metavar="S",
        help="counted of each pass (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the weights (default: %(default)s)")


def positive_number(text: str) -> float:
    """Read a number above 0 from the command line.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return number


def positive_count(text: str) -> int:
    """Read a whole number above 0 from the command line.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)


def deliver_measured(measure: Callable[[Plan, Progress], Declared], plan: Plan, out: Path | None) -> None:
    """Measure what a plan says, with a bar of progress, and write the record where it is wanted."""
    with progress_bar() as progress:
        record = measure(plan, progress)
    deliver_record(record, out)


def deliver_record(record: Declared, out: Path | None) -> None:
    """Write a record where it is wanted."""
    if out:
        out.write_text(record.readable_json(), encoding="utf-8")
    else:
        Console().print(record.readable_json(), markup=False, soft_wrap=True)
