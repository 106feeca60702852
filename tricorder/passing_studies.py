"""Studies on their way through the client: each written before its turn, scored in order, and removed again."""

import shutil
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from client.errors import InputError
from client.result import ResultRow, Status
from client.sources import Source
from tricorder.written_ahead import Studies, StudyWithFiles, written_ahead


class NamedStudy(StudyWithFiles, Protocol):
    """A study with a name that stands in its row."""

    @property
    def name(self) -> str:
        """Its name."""
        ...


_Study = TypeVar("_Study", bound=NamedStudy)


@dataclass(kw_only=True)
class PassingStudies(Generic[_Study]):
    """Gives sources, and takes back the study of each result; results come in the order of the sources.

    Attributes:
        studies: In order.
        folder: Where they are written.
        all_are_written: Whether a study that has no files ends the run; else it is refused, and the others go on.
        refused: How many were not scored, by reason.
    """

    studies: Studies[_Study]
    folder: Path
    all_are_written: bool = False
    refused: Counter[str] = field(default_factory=Counter)
    _waiting: deque[tuple[_Study, Path]] = field(default_factory=deque)

    def sources(self) -> Iterator[Source]:
        """Yield the sources.

        Raises:
            InputError: a study has no files, though all are written.
        """
        for study, place, files in written_ahead(self.studies, self.folder):
            if isinstance(files, InputError):
                if self.all_are_written:
                    raise files
                self.refused[str(files)] += 1
                continue
            first, *others = files
            self._waiting.append((study, place))
            yield Source(path=first, name=study.name, others=tuple(others))

    def take(self) -> _Study:
        """Return the study whose result has come, and remove its files."""
        study, place = self._waiting.popleft()
        shutil.rmtree(place)
        return study

    def refuse(self, row: ResultRow) -> None:
        """Count a study that was not scored."""
        self.refused[f"{'not eligible: ' if row.status is Status.NOT_ELIGIBLE else ''}{row.reason}"] += 1
