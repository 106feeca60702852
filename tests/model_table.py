"""The table of models in the README: one line a model, made of contracts and evaluation records."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import assert_never

from evaluation.evaluation_records import Report, other_site_file, own_report, record_file
from evaluation.finding_report import FindingReport
from evaluation.interval import Interval
from evaluation.markdown import Markdown, link, table
from evaluation.organ_report import OrganReport
from evaluation.outcome_report import OutcomeReport
from evaluation.perfusion_report import PerfusionReport
from evaluation.quantity_report import QuantityReport
from specs.contract import Contract
from specs.ensemble import CompoundSpec
from specs.entry import CARD_FILE
from specs.head import FindingProbability, Head, MeasuredQuantity
from specs.outcome import OutcomeProbabilities
from specs.volume_head import OrganLabels, VirtualPerfusion

HEADINGS = (
    "model and its card",
    "answer",
    "held out, site A",
    "sensitivity; specificity",
    "site B",
    "sensitivity; specificity",
)
NOT_KNOWN = "–"


def model_table(contracts: Sequence[Contract], folder: Path) -> Markdown:
    """Return the table.

    Args:
        contracts: Of the models.
        folder: Where the evaluation records are; what has none in it gets a dash.
    """
    rows = []
    for contract, voter in _in_order(contracts):
        name = contract.spec.name
        own = own_report(record_file(folder, name), contract)
        other = own_report(other_site_file(folder, name), contract)
        shown = link(name, f"model_repository/{name}/{CARD_FILE}")
        answer = voter or _answer(contract.spec.head)
        figures = (_merit(own), _calls(own), _merit(other), _calls(other))
        rows.append((Markdown(f"└ {shown}") if voter else shown, answer, *figures))
    return table(rows, *HEADINGS)


def _in_order(contracts: Sequence[Contract]) -> Iterator[tuple[Contract, str]]:
    """Yield each model and what it is to the ensemble before it, or nothing; members follow their ensemble."""
    members = {each.spec.name: each.spec.members if isinstance(each.spec, CompoundSpec) else () for each in contracts}
    by_name = {each.spec.name: each for each in contracts}
    voters = {voter.model for found in members.values() for voter in found}
    for name, contract in by_name.items():
        if name not in voters:
            yield contract, ""
            yield from ((by_name[voter.model], voter.title or "one of its votes") for voter in members[name])


def _answer(head: Head) -> str:
    match head:
        case FindingProbability():
            return f"{head.finding.meaning}: probability"
        case MeasuredQuantity():
            return f"{head.name[:1].upper()}{head.name[1:]}: {head.unit}"
        case OutcomeProbabilities():
            return f"{', '.join(outcome.title for outcome in head.outcomes).capitalize()}: probabilities"
        case VirtualPerfusion():
            return "Myocardial perfusion as PET would show it: 17 segments, % of the highest"
        case OrganLabels():
            return "Heart, lungs and liver: masks, counts, washout"
        case _:
            assert_never(head)


def _merit(report: Report | None) -> str:
    match report:
        case None:
            return NOT_KNOWN
        case FindingReport():
            return f"AUC {report.auc.cell()}"
        case QuantityReport():
            error = report.agreement.mean_absolute_error.cell(1)
            return f"error {error} {report.unit}, r {_cell(report.agreement.pearson_r)}"
        case OutcomeReport():
            figures = report.performance.classifiers[0].outcomes
            return "AUC " + ", ".join(f"{each.discrimination.auc:.3f}" for each in figures)
        case PerfusionReport() | OrganReport():
            return report.merit
        case _:
            assert_never(report)


def _calls(report: Report | None) -> str:
    if not isinstance(report, FindingReport):
        return NOT_KNOWN
    return f"{_cell(report.calls.sensitivity)}; {_cell(report.calls.specificity)}"


def _cell(interval: Interval | None) -> str:
    return NOT_KNOWN if interval is None else interval.cell(2)
