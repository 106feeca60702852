"""The generated files of this clone: `python -m tests.generated` compares them, with --write it rewrites them."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from evaluation.evaluation_records import Report, other_site_file, own_report, own_reports, read_report, record_file
from evaluation.model_card import model_card
from export.config import combining_config_text, config_text
from export.entry import onnx_digests, records
from phantoms import Site
from specs import SPECS
from specs.contract import Contract, Spec, StudySpec
from specs.ensemble import CompoundSpec
from specs.entry import CARD_FILE, CONFIG_FILE, RECORD_FILE
from specs.model import ModelSpec
from tests.conftest import CLONE
from tests.messages import golden_text
from tests.model_table import model_table
from tests.speed_plots import plots
from tests.speed_tables import SCENARIOS as SPEED_SCENARIOS
from tests.speed_tables import highlights_table, scenario_text

REPOSITORY = CLONE / "model_repository"
RECORDS = CLONE / "benchmarks" / "records"
BLOCK_BEGIN = "<!-- From benchmarks/records/ by `make regenerate`; do not edit. -->\n"
SPEED_BEGIN = "<!-- Speed, from benchmarks/records/ by `make regenerate`; do not edit. -->\n"
BLOCK_END = "<!-- end -->\n"
SPEED_HEADING = "## Speed\n"


def evaluation_record(spec: ModelSpec, site: Site = Site.A) -> Report:
    """Read what `tricorder evaluate NAME --json` found on a site's held-out phantoms with the committed weights."""
    file = record_file(RECORDS, spec.name) if site is Site.A else other_site_file(RECORDS, spec.name)
    return read_report(file.read_text(encoding="utf-8"), spec.head)


def committed_contract(spec: Spec) -> Contract | None:
    """Return the contract of a model's newest committed version; None where no weights are committed."""
    found = records(REPOSITORY / spec.name)
    return Contract(spec=spec, weights=found[-1]) if found else None


def missing_records() -> Iterator[str]:
    """Yield which records the generated files lack, a line each, with what to do."""
    for spec in SPECS.values():
        contract = committed_contract(spec)
        if contract is None:
            weights = (REPOSITORY / spec.name / "1" / RECORD_FILE).relative_to(CLONE)
            yield f"{weights}: missing, run `make demonstration-weights`"
        else:
            yield from _missing_evaluations(contract)


def _missing_evaluations(contract: Contract) -> Iterator[str]:
    name = contract.spec.name
    sites = (other_site_file(RECORDS, name),) if isinstance(contract.spec, StudySpec) else ()  # patients have no site
    for file in (record_file(RECORDS, name), *sites):
        if own_report(file, contract) is None:
            fault = "of another contract than the committed one" if file.exists() else "missing"
            yield f"{file.relative_to(CLONE)}: {fault}, run `make evaluation-records`"


def generated_files() -> Iterator[tuple[Path, str]]:
    """Yield every generated file with the text that it must hold; what has no record yet is left out of it."""
    for spec in SPECS.values():
        contract = committed_contract(spec)
        if contract is not None:
            yield from _entry_files(spec, contract)
    yield CLONE / "tests" / "golden" / "messages.txt", golden_text()
    yield CLONE / "README.md", _readme()
    yield CLONE / "docs" / "benchmarks.md", _benchmark_page()
    yield from ((CLONE / "docs" / name, text) for name, text in plots(RECORDS))


def _entry_files(spec: Spec, newest: Contract) -> Iterator[tuple[Path, str]]:
    entry = REPOSITORY / spec.name
    yield entry / CONFIG_FILE, config_text(spec, records(entry))
    yield entry / CARD_FILE, model_card(newest, own_reports(RECORDS, newest))
    if not isinstance(spec, CompoundSpec):
        return
    for graph in spec.combining_graphs:
        entry = REPOSITORY / graph.name
        yield entry / CONFIG_FILE, combining_config_text(graph, onnx_digests(entry), largest_batch=spec.largest_batch)


def _readme() -> str:
    """Return the README with its figures as the records have them."""
    text = (CLONE / "README.md").read_text(encoding="utf-8")
    contracts = [contract for spec in SPECS.values() if (contract := committed_contract(spec)) is not None]
    with_models = _filled(text, BLOCK_BEGIN, f"{model_table(contracts, RECORDS)}\n")
    return _filled(with_models, SPEED_BEGIN, f"{highlights_table(RECORDS)}\n")


def _benchmark_page() -> str:
    """Return docs/benchmarks.md with its tables as the records have them."""
    text = (CLONE / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    for name in SPEED_SCENARIOS:
        begin = f"<!-- {name}: from benchmarks/records/ by `make regenerate`; do not edit. -->\n"
        text = _filled(text, begin, scenario_text(name, RECORDS))
    return text


def _filled(text: str, begin: str, block: str) -> str:
    """Put a block between a line that begins it and the next one that ends one."""
    before, found, rest = text.partition(begin)
    if not found:
        raise ValueError(f"the line is missing: {begin}")
    _, _, after = rest.partition(BLOCK_END)
    return f"{before}{begin}{block}{BLOCK_END}{after}"


def stray_figures(readme: str) -> Iterator[str]:
    """Yield which figures of the README's section on speed stand outside of its table, which alone is from records."""
    _, _, section = readme.partition(SPEED_HEADING)
    section, _, _ = section.partition("\n## ")
    before, _, rest = section.partition(SPEED_BEGIN)
    for line in (before + rest.partition(BLOCK_END)[2]).splitlines():
        yield from (f"README.md, speed: the figure {figure} is from no record" for figure in re.findall(r"\d+", line))


def main(*, write: bool) -> int:
    """Compare or rewrite; returns the number of faults that are left."""
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
    missing = [*missing_records(), *stray_figures((CLONE / "README.md").read_text(encoding="utf-8"))]
    for what in missing:
        sys.stdout.write(f"{what}\n")
    return len(missing) if write else len(stale) + len(missing)


if __name__ == "__main__":
    sys.exit(0 if main(write="--write" in sys.argv[1:]) == 0 else 1)
