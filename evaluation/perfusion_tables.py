"""The tables of the page of a perfusion model's evaluation."""

from collections.abc import Iterator

from evaluation.interval import shown_p_value
from evaluation.page_table import PageTable, cell
from evaluation.perfusion_figures import DefectErrors, InferiorErrors
from evaluation.perfusion_report import TITLES, PerfusionReport

_Row = tuple[str, ...]
_ERRORS = ("SPECT: mean absolute error", "SPECT: bias", "virtual PET: mean absolute error", "virtual PET: bias")
_UNIT = "In % of each patient's highest segment, with Student's 95 % intervals over patients."


def perfusion_tables(report: PerfusionReport) -> Iterator[PageTable]:
    """Yield the tables, the main one first."""
    yield PageTable(
        title="Inferior segments (4, 10, 15) against PET",
        headings=("group", "patients", *_ERRORS, "error of virtual PET over that of SPECT"),
        rows=tuple(
            (found.group, f"{found.patients:,}", *_errors(found), cell(found.error_ratio)) for found in report.inferior
        ),
        note=f"{_UNIT} The ratio has a BCa bootstrap interval.",
    )
    yield PageTable(
        title="Depth of true defects against PET",
        headings=("territory", "defects", "patients", *_ERRORS, "error of virtual PET less that of SPECT"),
        rows=tuple(
            (
                found.group,
                f"{found.defects:,}",
                f"{found.patients:,}",
                *_errors(found),
                cell(found.difference, 2, signed=True),
            )
            for found in report.defects
        ),
        note=f"{_UNIT} Depth: what is missing at a defect's places. A bias below 0: shown too shallow.",
    )
    yield from _segments(report)
    yield _scores(report)
    if report.left_out:
        yield PageTable(
            title="Left out",
            headings=("patients", "reason"),
            rows=tuple((f"{count:,}", reason) for reason, count in sorted(report.left_out.items())),
        )


def _errors(found: InferiorErrors | DefectErrors) -> _Row:
    return tuple(
        text
        for error in (found.spect, found.virtual_pet)
        for text in (cell(error.mean_absolute_error, 2), cell(error.bias, 2, signed=True))
    )


def _segments(report: PerfusionReport) -> Iterator[PageTable]:
    for compared in report.segments:
        yield PageTable(
            title=f"Segments of {compared.title} less those of PET",
            headings=("segment", "difference [%]", "p", "p, corrected"),
            rows=tuple(
                (
                    str(each.number),
                    cell(each.difference, 2, signed=True),
                    shown_p_value(each.p_value),
                    shown_p_value(each.corrected_p_value),
                )
                for each in compared.segments
            ),
            note="Wilcoxon's signed-rank test, corrected for 17 segments after Holm.",
        )


def _scores(report: PerfusionReport) -> PageTable:
    return PageTable(
        title="Sums of scores against those of PET",
        headings=("sum", "image", "mean absolute error", "bias", "ICC(1,1)"),
        rows=tuple(
            (
                score.score,
                TITLES[image],
                cell(agreed.mean_absolute_error, 2),
                cell(agreed.bias, 2, signed=True),
                cell(agreed.intraclass_correlation),
            )
            for score in report.scores
            for image, agreed in (("spect", score.spect), ("virtual_pet", score.virtual_pet))
        ),
        note="Scores of PET: by normal limits of the people without disease among these patients.",
    )
