"""What the command line of every scenario shares."""

import argparse
from pathlib import Path

from rich.console import Console

from specs.declared import Declared


def scenario_parser(description: str | None, *, repetitions: int) -> argparse.ArgumentParser:
    """Make a parser with --repetitions and --out."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--repetitions", type=int, default=repetitions, help=f"timed passes of each way (default: {repetitions})"
    )
    parser.add_argument("--out", type=Path, help="write the JSON record here (default: standard output)")
    return parser


def deliver_record(record: Declared, out: Path | None) -> None:
    """Write a record where it is wanted."""
    if out:
        out.write_text(record.readable_json(), encoding="utf-8")
    else:
        Console().print(record.readable_json(), markup=False, soft_wrap=True)
