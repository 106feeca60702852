"""The tables of the page of an organ model's report."""

from collections.abc import Iterator

from evaluation.organ_report import OrganReport
from evaluation.page_table import PageTable, cell

_INTERVALS = "Means: Student; R²: square of Fisher's interval of the correlation; shares: Clopper-Pearson."


def organ_tables(report: OrganReport) -> Iterator[PageTable]:
    """Yield the figures, those of each organ and time, those by disease, and who was left out."""
    yield PageTable(
        title="Figures",
        headings=("figure", "value (95 % interval)"),
        rows=tuple(report.column().items()),
        note=f"{_INTERVALS} Washout is known of {report.washout_patients:,} patients.",
    )
    yield PageTable(
        title="Dice of each organ",
        headings=("organ", "both times", "early", "late"),
        rows=tuple((each.organ, cell(each.dice), cell(each.early), cell(each.late)) for each in report.organs),
        note="On the voxels of the image; a patient's mean of both times counts once.",
    )
    yield PageTable(
        title="The heart by disease",
        headings=("disease", "patients", "Dice of the heart", "R² of late heart counts"),
        rows=tuple(
            (each.disease, f"{each.patients:,}", cell(each.heart_dice), cell(each.late_counts_r2))
            for each in report.diseases
        ),
    )
    if report.left_out:
        yield PageTable(
            title="Left out",
            headings=("reason", "patients"),
            rows=tuple((reason, f"{count:,}") for reason, count in sorted(report.left_out.items())),
        )
