"""The tables of a report's page, for every kind of report."""

from collections.abc import Iterator, Sequence

from evaluation.decision_curve import DecisionCurve
from evaluation.details import CHANCE_NOTE, LESION_SITES, SUBGROUPS, Details, FindingDetails
from evaluation.discrimination import recorded_area
from evaluation.figure_table import report_column
from evaluation.finding_report import FindingReport
from evaluation.fisher_table import FisherTable
from evaluation.interval import shown_p_value
from evaluation.outcome_report import OutcomeReport
from evaluation.page_table import NOT_GIVEN, PageTable, cell
from evaluation.paired_discrimination import AreaComparison
from evaluation.patient_bootstrap import PatientBootstrap
from evaluation.predictive_values import percentage, predictive_values
from evaluation.proportions import proportion
from evaluation.quantity_report import QuantityReport
from specs.outcome import OutcomeProbabilities
from specs.weights import OutcomeFigures, RiskGroup

SCREENING_PREVALENCES = (0.01, 0.05, 0.1)
"""At which the page of a finding has predictive values unless others are asked for: our choice."""

DECISION_THRESHOLDS = tuple(percent / 100 for percent in range(1, 100))
"""Of the decision curve that is drawn."""

_TABLED_THRESHOLDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Of them, those in the table: our choice."""

_CHANCE = f"{CHANCE_NOTE.capitalize()}."
_FINDING_INTERVALS = "AUC: DeLong; shares: Clopper-Pearson."
_QUANTITY_INTERVALS = (
    "Means: Student; limits of agreement: Bland and Altman; Pearson r: Fisher's transformation; ICC(1,1): F "
    "distribution."
)
_Row = tuple[str, ...]


def finding_tables(report: FindingReport, curve: DecisionCurve, *, prevalences: Sequence[float]) -> Iterator[PageTable]:
    """Yield the tables of a finding.

    Args:
        report: Its figures.
        curve: Of the same studies, with every one of `DECISION_THRESHOLDS`.
        prevalences: At which predictive values are wanted, unit 1, between 0 and 1 without either.
    """
    details = report.details
    yield _figures(report)
    yield from _by_patient(details.by_patient, digits=3)
    yield _at_prevalences(report, prevalences)
    yield _decisions(curve)
    yield from _comparisons(details)
    yield from _grades(details)
    if details.lesion_sites is not None:
        yield _lesion_sites(details.lesion_sites)
    if details.subgroups:
        yield PageTable(
            title=SUBGROUPS,
            headings=("group", "studies", "with the finding", "AUC", "sensitivity", "specificity"),
            rows=tuple(
                (
                    f"{row.characteristic}: {row.group}",
                    f"{row.studies:,}",
                    f"{row.positives:,}",
                    cell(row.auc),
                    cell(row.sensitivity),
                    cell(row.specificity),
                )
                for row in details.subgroups
            ),
            note=_CHANCE,
        )
    yield from _maps_and_left_out(details)


def quantity_tables(report: QuantityReport) -> Iterator[PageTable]:
    """Yield the tables of a quantity."""
    details, unit = report.details, report.unit
    yield _figures(report)
    yield from _by_patient(details.by_patient, digits=2)
    if details.baseline is not None:
        baseline = details.baseline
        yield PageTable(
            title=f"Against a thumbnail regression, fitted on {baseline.training_studies:,} phantoms",
            headings=(
                f"its mean absolute error [{unit}]",
                "ratio, model over it",
                f"difference, model less it [{unit}]",
            ),
            rows=(
                (
                    cell(baseline.mean_absolute_error, 2),
                    f"{baseline.ratio:.2f}",
                    cell(baseline.difference, 2, signed=True),
                ),
            ),
        )
    if details.subgroups:
        yield PageTable(
            title=SUBGROUPS,
            headings=("group", "studies", f"mean absolute error [{unit}]", f"bias [{unit}]"),
            rows=tuple(
                (
                    f"{row.characteristic}: {row.group}",
                    f"{row.studies:,}",
                    cell(row.mean_absolute_error, 2),
                    cell(row.bias, 2, signed=True),
                )
                for row in details.subgroups
            ),
            note=_CHANCE,
        )
    yield from _maps_and_left_out(details)


def outcome_tables(report: OutcomeReport, head: OutcomeProbabilities) -> Iterator[PageTable]:
    """Yield the tables of outcomes: figures, and events by risk group, whose cut-offs the head declares."""
    cut_offs = {outcome.name: outcome.high_risk_above for outcome in head.outcomes}
    found = [(each.classifier, row) for each in report.performance.classifiers for row in each.outcomes]
    yield PageTable(
        title=f"Figures of {report.studies:,} patients",
        headings=(
            "classifier",
            "outcome",
            "events",
            "AUC",
            "calibration intercept",
            "calibration slope",
            "Brier score",
        ),
        rows=tuple((classifier, *_outcome_cells(figures)) for classifier, figures in found),
        note="Each outcome against all others. AUC with DeLong's 95 % interval.",
    )
    yield PageTable(
        title="Events on both sides of the cut-off",
        headings=("classifier", "outcome", "probability", "events", "patients", "share"),
        rows=tuple(
            (classifier, _words(figures), f"{side} {percentage(cut_off)}", *_group_cells(group))
            for classifier, figures in found
            for side, group in (("above", figures.high_risk), ("up to", figures.low_risk))
            if group is not None and (cut_off := cut_offs[figures.outcome]) is not None
        ),
        note=f"Shares with exact (Clopper-Pearson) 95 % intervals. Cut-offs: {head.risk_source}",
    )


def _figures(report: FindingReport | QuantityReport) -> PageTable:
    intervals = _FINDING_INTERVALS if isinstance(report, FindingReport) else _QUANTITY_INTERVALS
    return PageTable(
        title="Figures",
        headings=("figure", "value (95 % interval)"),
        rows=tuple(report_column(report).items()),
        note=intervals,
    )


def _by_patient(found: PatientBootstrap | None, *, digits: int) -> Iterator[PageTable]:
    if found is not None:
        yield PageTable(
            title="With an interval by patient, as patients have several images",
            headings=("figure", "value (95 % interval)", "interval"),
            rows=((found.figure, cell(found.interval, digits), found.method),),
        )


def _at_prevalences(report: FindingReport, prevalences: Sequence[float]) -> PageTable:
    values = [predictive_values(report.counts, prevalence=prevalence) for prevalence in prevalences]
    return PageTable(
        title="Predictive values at other prevalences",
        headings=("prevalence", "PPV", "NPV"),
        rows=tuple((percentage(found.prevalence), *found.cells()) for found in values),
        note="For people whose sensitivity and specificity are those of these studies, with 95 % logit intervals "
        f"(Mercaldo). Of these studies themselves, {report.positives / report.studies:.1%} have the finding.",
    )


def _decisions(curve: DecisionCurve) -> PageTable:
    points = {point.threshold: point for point in curve.points}
    return PageTable(
        title="Net benefit",
        headings=("probability from which one would act", "model", "act on all", "actions avoided a study"),
        rows=tuple(
            (
                percentage(point.threshold),
                f"{point.of_model:+.3f}",
                f"{point.of_all:+.3f}",
                f"{point.avoided:+.3f}",
            )
            for point in (points[threshold] for threshold in _TABLED_THRESHOLDS)
        ),
        note="In true positives a study, at the prevalence of these studies; acting on none has 0. It holds as far as "
        "the probabilities are calibrated; small differences are chance.",
    )


def _comparisons(details: FindingDetails) -> Iterator[PageTable]:
    against: list[tuple[str, AreaComparison]] = [(f"its member {row.model}", row.comparison) for row in details.members]
    against += [(row.model, row.comparison) for row in details.others]
    if details.baseline is not None:
        fitted = f"a thumbnail regression, fitted on {details.baseline.training_studies:,} phantoms"
        against.append((fitted, details.baseline.comparison))
    if against:
        yield PageTable(
            title="Against others on the same studies",
            headings=("against", "its AUC", "difference, model less it", "p"),
            rows=tuple(
                (name, cell(found.second), cell(found.difference, signed=True), found.shown_p_value)
                for name, found in against
            ),
            note="Paired, after DeLong.",
        )


def _grades(details: FindingDetails) -> Iterator[PageTable]:
    if details.grades is not None:
        yield PageTable(
            title=f"Called positive by grade, at the operating point {details.grades.threshold:.3f}",
            headings=("grade", "called positive", "studies", "share"),
            rows=tuple(
                (row.group, f"{row.positive_calls:,}", f"{row.studies:,}", cell(row.called_positive))
                for row in details.grades.groups
            ),
        )


def _lesion_sites(found: FisherTable) -> PageTable:
    return PageTable(
        title=LESION_SITES,
        headings=(
            "site",
            f"{found.first_group} (n = {found.first_people:,})",
            f"{found.second_group} (n = {found.second_people:,})",
            "p",
        ),
        rows=tuple((row.sign, cell(row.first), cell(row.second), shown_p_value(row.p_value)) for row in found.rows),
        note="Shares with exact (Clopper-Pearson) 95 % intervals; Fisher's exact test, each site on its own.",
    )


def _maps_and_left_out(details: Details) -> Iterator[PageTable]:
    if details.maps is not None:
        regions = ", ".join(region.replace("_", " ") for region in details.maps.regions)
        yield PageTable(
            title=f"Share of a map's evidence inside {regions}",
            headings=("group", "maps", "share of the evidence", "share of the image's area"),
            rows=tuple(
                (
                    row.group,
                    f"{row.studies:,}",
                    cell(row.share),
                    NOT_GIVEN if row.expected is None else f"{row.expected:.3f}",
                )
                for row in details.maps.groups
            ),
        )
    if details.left_out:
        yield PageTable(
            title="Left out",
            headings=("images", "reason"),
            rows=tuple((f"{images:,}", reason) for reason, images in sorted(details.left_out.items())),
        )


def _outcome_cells(figures: OutcomeFigures) -> _Row:
    fit = figures.calibration
    return (
        _words(figures),
        f"{figures.events:,}",
        cell(recorded_area(figures.discrimination)),
        f"{fit.intercept:+.3f}",
        f"{fit.slope:.3f}",
        f"{fit.brier_score:.3f}",
    )


def _group_cells(group: RiskGroup) -> _Row:
    return f"{group.events:,}", f"{group.patients:,}", cell(proportion(group.events, group.patients))


def _words(figures: OutcomeFigures) -> str:
    return figures.outcome.replace("_", " ")
