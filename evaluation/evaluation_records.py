"""Evaluation records: what `tricorder evaluate --json` found, kept as a file, and which contract it belongs to."""

from pathlib import Path
from typing import assert_never

from evaluation.finding_report import FindingReport
from evaluation.organ_report import OrganReport
from evaluation.outcome_report import OutcomeReport
from evaluation.perfusion_report import PerfusionReport
from evaluation.quantity_report import QuantityReport
from specs.contract import Contract
from specs.head import FindingProbability, Head, MeasuredQuantity
from specs.outcome import OutcomeProbabilities
from specs.volume_head import OrganLabels, VirtualPerfusion

AnswerReport = FindingReport | QuantityReport
"""The reports of models that answer a study with one number."""

Report = AnswerReport | OutcomeReport | PerfusionReport | OrganReport
"""The closed union of reports; a consumer matches on it and ends in `assert_never`."""


def record_file(folder: Path, model: str) -> Path:
    """Return where the record of the held-out studies of a model's own site is."""
    return folder / f"evaluation-{model}.json"


def answers_file(folder: Path, model: str) -> Path:
    """Return where the answers are from which the record of a model's own site was made, a row a study."""
    return folder / f"answers-{model}.csv"


def other_site_file(folder: Path, model: str) -> Path:
    """Return where the record of a site that training has not seen is; not every model has one."""
    return folder / f"evaluation-{model}-site_b.json"


def read_report(text: str, head: Head) -> Report:
    """Read what `tricorder evaluate --json` printed for a model with that head.

    Raises:
        pydantic.ValidationError: it is no such report.
    """
    match head:
        case FindingProbability():
            return FindingReport.from_json(text)
        case MeasuredQuantity():
            return QuantityReport.from_json(text)
        case OutcomeProbabilities():
            return OutcomeReport.from_json(text)
        case VirtualPerfusion():
            return PerfusionReport.from_json(text)
        case OrganLabels():
            return OrganReport.from_json(text)
        case _:
            assert_never(head)


def own_report(file: Path, contract: Contract) -> Report | None:
    """Read a record; None where it is missing or its figures are those of another contract."""
    if not file.is_file():
        return None
    report = read_report(file.read_text(encoding="utf-8"), contract.spec.head)
    return report if report.contract_sha256 == contract.sha256() else None


def own_reports(folder: Path, contract: Contract) -> tuple[Report, ...]:
    """Read every record of a contract in a folder, that of its own site first."""
    files = (record_file(folder, contract.spec.name), other_site_file(folder, contract.spec.name))
    return tuple(report for file in files if (report := own_report(file, contract)) is not None)
