"""What `tricorder evaluate --out` leaves: the report, its page, a table of answers, pictures. Needs extra `report`."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from matplotlib.figure import Figure

from client.errors import DeliveryError
from evaluation.evaluation_records import Report
from evaluation.pictures import encoded
from evaluation.report_page import PagePicture, report_page
from evaluation.report_table import ReportTable

REPORT_FILE = "report.json"
PAGE_FILE = "report.html"
ANSWERS_FILE = "answers.csv"

_STALE_PICTURES = (
    "roc.png",
    "roc_*.png",
    "calibration.png",
    "calibration_*.png",
    "confusion.png",
    "members.png",
    "decision_curve.png",
    "scatter.png",
    "bland_altman.png",
    "risk_groups.png",
    "curve.png",
)
"""Every picture that any model may have."""


@dataclass(frozen=True, kw_only=True)
class EvaluationContent:
    """What is written.

    Attributes:
        report: The figures.
        answers: Rows of a table, the first its header, a study a row.
        pictures: By the names of their files, without their ending.
        tables: Of the page.
        demonstration: Whether the weights were fitted or measured on phantoms.
    """

    report: Report
    answers: Iterable[Sequence[object]]
    pictures: Mapping[str, Figure]
    tables: Sequence[ReportTable]
    demonstration: bool


def write_evaluation(folder: Path, content: EvaluationContent) -> None:
    """Write everything, in place of an earlier run's.

    Args:
        folder: Made where it is absent.
        content: Of one evaluation.

    Raises:
        DeliveryError: the folder cannot be written.
    """
    pictures = {
        name: PagePicture(title=figure.get_suptitle(), png=encoded(figure, kind="png"))
        for name, figure in content.pictures.items()
    }
    page = report_page(content.report, content.tables, list(pictures.values()), demonstration=content.demonstration)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for pattern in _STALE_PICTURES:
            for stale in folder.glob(pattern):
                stale.unlink()
        (folder / REPORT_FILE).write_text(content.report.readable_json(), encoding="utf-8")
        (folder / PAGE_FILE).write_text(page, encoding="utf-8")
        (folder / ANSWERS_FILE).write_text(_csv(content.answers), encoding="utf-8", newline="")
        for name, picture in pictures.items():
            (folder / f"{name}.png").write_bytes(picture.png)
    except OSError as error:
        raise DeliveryError(what="The evaluation", cause=error.strerror or type(error).__name__) from None


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
