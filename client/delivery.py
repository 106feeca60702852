"""Results in a folder: JSON lines as they come, overlays, and a page that shows both."""

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.filewriter import dcmwrite

from client.errors import DeliveryError
from client.feature_picture import feature_picture
from client.overlay import overlay
from client.result import ResultRow, asked_prevalence, prevalence_note
from client.scoring import ScoredInput
from evaluation.page import rendered_page
from evaluation.predictive_values import percentage
from preprocessing import Prepared, PreparedFeatures

RESULTS_FILE = "results.jsonl"
PAGE_FILE = "index.html"
OVERLAY_FOLDER = "overlays"
OBJECT_FOLDER = "objects"
_OWN_OBJECTS = "[0-9][0-9][0-9][0-9][0-9]_*.dcm"
"""What an earlier run left; other files in a folder of that name are the user's own."""


@dataclass(frozen=True, kw_only=True)
class _Shown:
    row: ResultRow
    overlay: str | None
    objects: tuple[str, ...] = ()
    shows_striata: bool = False


@dataclass(kw_only=True)
class Delivery:
    """Writes the results of one run into a folder, in place of those of an earlier run; `finish` adds the page.

    Use as a context manager.
    """

    folder: Path
    _shown: list[_Shown] = field(default_factory=list)
    _lines: IO[str] | None = None

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            pictures, objects = self.folder / OVERLAY_FOLDER, self.folder / OBJECT_FOLDER
            for stale in (self.folder / PAGE_FILE, *pictures.glob("*.png"), *objects.glob(_OWN_OBJECTS)):
                stale.unlink(missing_ok=True)
            self._lines = (self.folder / RESULTS_FILE).open("w", encoding="utf-8")
        except OSError as error:
            raise DeliveryError(what="The results", cause=_cause(error)) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lines is not None:
            with contextlib.suppress(OSError):  # every row was flushed, or its failure was raised, when it was added
                self._lines.close()

    def add(self, scored: ScoredInput) -> None:
        """Write one row, its overlay where it has a map, and its DICOM objects where it has any.

        Raises:
            DeliveryError: the folder cannot be written.
        """
        if self._lines is None:
            raise ValueError("a delivery is used as a context manager")
        try:
            self._lines.write(scored.row.model_dump_json() + "\n")
            self._lines.flush()
            self._shown.append(
                _Shown(
                    row=scored.row,
                    overlay=self._write_overlay(scored),
                    objects=self._write_objects(scored),
                    shows_striata=isinstance(scored.prepared, PreparedFeatures),
                )
            )
        except OSError as error:
            raise DeliveryError(what="The results", cause=_cause(error)) from None

    def finish(self) -> Path:
        """Write the page and return its path.

        Raises:
            DeliveryError: the folder cannot be written.
        """
        rows = [shown.row for shown in self._shown]
        prevalence = asked_prevalence(rows)
        page = rendered_page(
            "results.html",
            package="client",
            demonstration=any(row.demonstration for row in rows),
            title="Tricorder results",
            shown=self._shown,
            prevalence=None if prevalence is None else percentage(prevalence),
            prevalence_note=None if prevalence is None else prevalence_note(prevalence),
        )
        try:
            (self.folder / PAGE_FILE).write_text(page, encoding="utf-8")
        except OSError as error:
            raise DeliveryError(what="The page", cause=_cause(error)) from None
        return self.folder / PAGE_FILE

    def _write_overlay(self, scored: ScoredInput) -> str | None:
        """Write a picture named by the row's number, never by anything of the patient."""
        picture = _picture(scored)
        if picture is None:
            return None
        name = f"{OVERLAY_FOLDER}/{len(self._shown) + 1:05d}_{scored.row.model}.png"
        (self.folder / OVERLAY_FOLDER).mkdir(exist_ok=True)
        Image.fromarray(picture).save(self.folder / name)
        return name

    def _write_objects(self, scored: ScoredInput) -> tuple[str, ...]:
        """Write DICOM objects, named as pictures are."""
        names = []
        for each in () if scored.volume is None else scored.volume.objects:
            names.append(f"{OBJECT_FOLDER}/{len(self._shown) + 1:05d}_{each.name}.dcm")
            (self.folder / OBJECT_FOLDER).mkdir(exist_ok=True)
            dcmwrite(self.folder / names[-1], each.ds, enforce_file_format=True)
        return tuple(names)


def _picture(scored: ScoredInput) -> NDArray[np.uint8] | None:
    """Draw what there is to see of an answer, RGB; None where there is nothing."""
    if scored.volume is not None:
        return scored.volume.picture
    match scored.prepared:
        case Prepared() if scored.heat_map is not None:
            return overlay(scored.prepared, scored.heat_map)
        case PreparedFeatures():
            return feature_picture(scored.prepared, scored.row)
        case _:
            return None


def _cause(error: OSError) -> str:
    return error.strerror or type(error).__name__
