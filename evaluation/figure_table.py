"""The figures of a model's weights side by side: on the validation part, and on each set of an evaluation record."""

from collections.abc import Sequence
from typing import assert_never

from evaluation.agreement import Agreement
from evaluation.discrimination import recorded_area
from evaluation.evaluation_records import Report
from evaluation.finding_report import FindingReport
from evaluation.interval import Interval
from evaluation.markdown import Markdown, table
from evaluation.organ_report import OrganReport
from evaluation.outcome_card import outcome_column
from evaluation.outcome_report import OutcomeReport
from evaluation.perfusion_report import PerfusionReport
from evaluation.proportions import CallFigures, call_figures
from evaluation.quantity_report import QuantityReport
from evaluation.volume_card import organ_column, perfusion_column
from specs.contract import Contract
from specs.volume_figures import OrganPerformance, PerfusionPerformance
from specs.weights import Calibration, ConfusionCounts, FindingPerformance, OutcomePerformance, QuantityPerformance

_Column = dict[str, str]
"""Name of a figure to its value."""

_NOT_KNOWN = "–"


def figure_table(contract: Contract, reports: Sequence[Report]) -> Markdown:
    """Return a table with a column a set, in the unit of the answer where a figure has one.

    Args:
        contract: It holds the figures of the validation part.
        reports: Further columns.
    """
    held_out = {f"held out: {each.data_set}": report_column(each) | _comparisons(each) for each in reports}
    columns = _validation_columns(contract) | held_out
    names = dict.fromkeys(name for column in columns.values() for name in column)
    rows = [(name, *(column.get(name, _NOT_KNOWN) for column in columns.values())) for name in names]
    return table(rows, "figure", *columns)


def _comparisons(report: Report) -> _Column:
    """Return by how much the AUC exceeds that of each model that the spec compares this one with."""
    others = report.details.others if isinstance(report, FindingReport) else ()
    found = {other.model: other.comparison for other in others}
    return {
        f"AUC less that of {name} on the same studies": f"{each.difference.cell(signed=True)}, p {each.shown_p_value}"
        for name, each in found.items()
    }


def _validation_columns(contract: Contract) -> dict[str, _Column]:
    performance, unit = contract.weights.performance, contract.spec.head.unit
    match performance:
        case FindingPerformance():
            return _finding_columns(performance, recalibrated=contract.weights.recalibration is not None)
        case QuantityPerformance():
            column = {
                "studies": f"{performance.studies:,}",
                f"mean absolute error [{unit}]": f"{performance.mean_absolute_error:.2f}",
                f"bias: mean of value less truth [{unit}]": f"{performance.bias:+.2f}",
                f"standard deviation of value less truth [{unit}]": f"{performance.error_deviation:.2f}",
                "Pearson r": f"{performance.pearson_r:.3f}",
            }
            return {_validation(performance.data_set): column}
        case OutcomePerformance():
            return {_validation(performance.data_set): outcome_column(performance)}
        case PerfusionPerformance():
            return {_validation(performance.data_set): perfusion_column(performance)}
        case OrganPerformance():
            return {_validation(performance.data_set): organ_column(performance)}
        case _:
            assert_never(performance)


def _finding_columns(performance: FindingPerformance, *, recalibrated: bool) -> dict[str, _Column]:
    """Return one column, or more where the figures are of different sets."""
    named = _recalibrated_on if recalibrated else _validation
    point, area, fit = performance.operating_point, performance.discrimination, performance.calibration
    columns: dict[str, _Column] = {}
    for data_set, figures in (
        (point.data_set, _count_figures(point.counts)),
        (area.data_set, {"AUC": recorded_area(area).cell()}),
        (point.data_set, _call_figures(call_figures(point.counts))),
        (fit.data_set, _calibration_figures(fit)),
    ):
        columns.setdefault(named(data_set), {}).update(figures)
    return columns


def _validation(data_set: str) -> str:
    return f"validation part: {data_set}"


def _recalibrated_on(data_set: str) -> str:
    return f"of the recalibration: {data_set}"


def report_column(report: Report) -> dict[str, str]:
    """Return the main figures of a report by name; of estimates, with their 95 % intervals."""
    match report:
        case FindingReport():
            return {
                **_count_figures(report.counts),
                "AUC": report.auc.cell(),
                **_call_figures(report.calls),
                **_calibration_figures(report.calibration),
            }
        case QuantityReport():
            return {"studies": f"{report.studies:,}", **_agreement_figures(report.agreement, report.unit)}
        case OutcomeReport():
            return outcome_column(report.performance)
        case PerfusionReport() | OrganReport():
            return report.column()
        case _:
            assert_never(report)


def _count_figures(counts: ConfusionCounts) -> _Column:
    return {
        "studies": f"{counts.total:,}",
        "true positives": f"{counts.true_positive:,}",
        "false positives": f"{counts.false_positive:,}",
        "true negatives": f"{counts.true_negative:,}",
        "false negatives": f"{counts.false_negative:,}",
    }


def _call_figures(calls: CallFigures) -> _Column:
    return {
        "sensitivity": _cell(calls.sensitivity),
        "specificity": _cell(calls.specificity),
        "accuracy": _cell(calls.accuracy),
        "positive predictive value": _cell(calls.positive_predictive_value),
        "negative predictive value": _cell(calls.negative_predictive_value),
    }


def _calibration_figures(fit: Calibration) -> _Column:
    return {
        "calibration intercept": f"{fit.intercept:+.3f}",
        "calibration slope": f"{fit.slope:.3f}",
        "Brier score": f"{fit.brier_score:.3f}",
    }


def _agreement_figures(found: Agreement, unit: str) -> _Column:
    return {
        f"mean absolute error [{unit}]": found.mean_absolute_error.cell(2),
        f"root mean square error [{unit}]": f"{found.root_mean_square_error:.2f}",
        f"bias: mean of value less truth [{unit}]": found.bias.cell(2, signed=True),
        f"lower limit of agreement [{unit}]": found.lower_limit.cell(2, signed=True),
        f"upper limit of agreement [{unit}]": found.upper_limit.cell(2, signed=True),
        "Pearson r": _cell(found.pearson_r),
        "ICC(1,1)": _cell(found.intraclass_correlation),
        "slope, true on predicted": _cell(found.calibration_slope),
        "slope, predicted on true": _cell(found.slope_on_truth),
    }


def _cell(interval: Interval | None) -> str:
    return _NOT_KNOWN if interval is None else interval.cell()
