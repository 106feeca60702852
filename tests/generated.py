"""The generated files of this clone: `python -m tests.generated` compares them, with --write it rewrites them."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import assert_never

from evaluation.finding_report import FindingReport
from evaluation.outcome_report import OutcomeReport
from evaluation.quantity_report import QuantityReport
from export.config import combining_config_text, config_text
from export.entry import onnx_digests, records
from specs import SPECS
from specs.ensemble import EnsembleSpec
from specs.entry import CONFIG_FILE
from specs.head import FindingProbability, MeasuredQuantity
from specs.model import ModelSpec
from specs.outcome import OutcomeProbabilities
from tests.conftest import CLONE
from tests.messages import golden_text

REPOSITORY = CLONE / "model_repository"
RECORDS = CLONE / "benchmarks" / "records"
BLOCK_BEGIN = "<!-- From benchmarks/records/ by `make regenerate`; do not edit. -->\n"
BLOCK_END = "<!-- end -->\n"


def evaluation_record(spec: ModelSpec) -> FindingReport | QuantityReport | OutcomeReport:
    """Read what `tricorder evaluate NAME --json` found on the held-out phantoms with the committed weights."""
    text = (RECORDS / f"evaluation-{spec.name}.json").read_text(encoding="utf-8")
    return read_report(spec, text)


def read_report(spec: ModelSpec, text: str) -> FindingReport | QuantityReport | OutcomeReport:
    """Read what `tricorder evaluate` prints for a model."""
    match spec.head:
        case FindingProbability():
            return FindingReport.from_json(text)
        case MeasuredQuantity():
            return QuantityReport.from_json(text)
        case OutcomeProbabilities():
            return OutcomeReport.from_json(text)
        case _:
            assert_never(spec.head)


def generated_files() -> Iterator[tuple[Path, str]]:
    """Yield every generated file with the text that it must hold."""
    for spec in SPECS.values():
        entry = REPOSITORY / spec.name
        yield entry / CONFIG_FILE, config_text(spec, records(entry))
        if isinstance(spec, EnsembleSpec):
            yield from _combining_configs(spec)
    yield CLONE / "tests" / "golden" / "messages.txt", golden_text()
    yield CLONE / "README.md", _readme()


def _combining_configs(spec: EnsembleSpec) -> Iterator[tuple[Path, str]]:
    for graph in spec.combining_graphs:
        entry = REPOSITORY / graph.name
        yield entry / CONFIG_FILE, combining_config_text(graph, onnx_digests(entry), largest_batch=spec.largest_batch)


def _readme() -> str:
    """Return the README with its figures as the records have them."""
    text = (CLONE / "README.md").read_text(encoding="utf-8")
    before, _, rest = text.partition(BLOCK_BEGIN)
    _, _, after = rest.partition(BLOCK_END)
    reports = "\n\n".join(str(evaluation_record(spec)) for spec in SPECS.values())
    return f"{before}{BLOCK_BEGIN}```\n{reports}\n```\n{BLOCK_END}{after}"


def main(*, write: bool) -> int:
    """Compare or rewrite; returns the number of files that were not current."""
    stale = [
        (file, text)
        for file, text in generated_files()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]
    for file, text in stale:
        name = file.relative_to(CLONE)
        if write:
            file.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}: {'rewritten' if write else 'not current, run `make regenerate`'}\n")
    return len(stale)


if __name__ == "__main__":
    write = "--write" in sys.argv[1:]
    sys.exit(0 if main(write=write) == 0 or write else 1)
