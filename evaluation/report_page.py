"""The page of an evaluation: one HTML file with its tables and pictures, which needs no network."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.evaluation_records import Report
from evaluation.outcome_report import OutcomeReport
from evaluation.page import rendered_page
from evaluation.page_table import PageTable


@dataclass(frozen=True, kw_only=True)
class PagePicture:
    """A picture with what it shows.

    Attributes:
        title: What it shows.
        png: The file.
    """

    title: str
    png: bytes

    @property
    def base64(self) -> str:
        """The file as it stands in a page."""
        return base64.b64encode(self.png).decode("ascii")


def report_page(
    report: Report, tables: Sequence[PageTable], pictures: Sequence[PagePicture], *, demonstration: bool
) -> str:
    """Render the page; the pictures stand behind the first table.

    Args:
        report: Whose page it is.
        tables: Its figures, the main ones first.
        pictures: Of the same studies.
        demonstration: Whether the weights were fitted or measured on phantoms.

    Returns:
        HTML whose pictures are within it; a browser that heeds its policy loads nothing.
    """
    return rendered_page(
        "report.html",
        package="evaluation",
        demonstration=demonstration,
        title=f"{report.model} version {report.version}: evaluation",
        report=report,
        studies_word="patients" if isinstance(report, OutcomeReport) else "studies",
        tables=tables,
        pictures=pictures,
    )
