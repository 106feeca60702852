"""What `tricorder evaluate --out` leaves: the report, its page, a table of answers, pictures. Needs extra `report`."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from matplotlib.figure import Figure

from client.errors import DeliveryError
from evaluation.evaluation_records import Report
from evaluation.page_table import PageTable
from evaluation.pictures import encoded
from evaluation.report_page import PagePicture, report_page
from specs import SPECS
from specs.outcome import OutcomeProbabilities

REPORT_FILE = "report.json"
PAGE_FILE = "report.html"
ANSWERS_FILE = "answers.csv"

_PICTURES_OF_IMAGES = ("roc", "members", "calibration", "confusion", "decision_curve", "scatter", "bland_altman")
_PICTURES_OF_OUTCOMES = ("risk_groups", "curve")
_PICTURES_OF_ORGANS = ("dice", "heart_counts", "washout")
_PICTURES_OF_EACH_OUTCOME = ("roc", "calibration")
_PICTURES_OF_PERFUSION = ("segments_stress", "segments_rest")


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
    tables: Sequence[PageTable]
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
        for name in _picture_names():
            (folder / f"{name}.png").unlink(missing_ok=True)
        (folder / REPORT_FILE).write_text(content.report.readable_json(), encoding="utf-8")
        (folder / PAGE_FILE).write_text(page, encoding="utf-8")
        (folder / ANSWERS_FILE).write_text(_csv(content.answers), encoding="utf-8", newline="")
        for name, picture in pictures.items():
            (folder / f"{name}.png").write_bytes(picture.png)
    except OSError as error:
        raise DeliveryError(what="The evaluation", cause=error.strerror or type(error).__name__) from None


def _picture_names() -> Iterator[str]:
    """Yield the name of every picture that an evaluation may have left."""
    yield from _PICTURES_OF_IMAGES
    yield from _PICTURES_OF_OUTCOMES
    yield from _PICTURES_OF_PERFUSION
    yield from _PICTURES_OF_ORGANS
    heads = (spec.head for spec in SPECS.values())
    outcomes = (outcome.name for head in heads if isinstance(head, OutcomeProbabilities) for outcome in head.outcomes)
    yield from (f"{kind}_{outcome}" for outcome in outcomes for kind in _PICTURES_OF_EACH_OUTCOME)


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
