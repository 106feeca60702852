"""Files of studies written some studies ahead of whoever reads them, by a process for each processor."""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol, TypeVar

from client.errors import InputError
from training.workers import worker_pool

_FEWEST_FOR_PROCESSES = 64
"""Studies that are worth the second that processes take to start."""
_AHEAD = 6
"""Studies that lie written and not yet read, at most."""


class StudyWithFiles(Protocol):
    """A study that exists as files, or is written when it is asked for them."""

    def files(self, folder: Path) -> tuple[Path, ...]:
        """Return its files, in the folder where they are written."""


_Study = TypeVar("_Study", bound=StudyWithFiles)
_Study_co = TypeVar("_Study_co", bound=StudyWithFiles, covariant=True)
_Files = tuple[Path, ...] | InputError


class Studies(Protocol[_Study_co]):
    """Studies whose number is known before they are made."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[_Study_co]: ...


def written_ahead(studies: Studies[_Study], folder: Path) -> Generator[tuple[_Study, Path, _Files]]:
    """Yield each study in order with a folder of its own and its files there, or why it has none.

    Args:
        studies: Where there are many they travel to other processes.
        folder: Where a folder for each study is made; whoever has read a study removes it.
    """
    places = ((study, folder / str(number)) for number, study in enumerate(studies))
    if len(studies) < _FEWEST_FOR_PROCESSES:
        yield from ((study, place, _files(study, place)) for study, place in places)
        return
    waiting: deque[tuple[_Study, Path, Future[_Files]]] = deque()
    with worker_pool() as pool:
        for study, place in places:
            waiting.append((study, place, pool.submit(_files, study, place)))
            if len(waiting) > _AHEAD:
                yield _finished(waiting.popleft())
        yield from map(_finished, waiting)


def _finished(job: tuple[_Study, Path, Future[_Files]]) -> tuple[_Study, Path, _Files]:
    study, place, future = job
    return study, place, future.result()


def _files(study: StudyWithFiles, place: Path) -> _Files:
    place.mkdir()
    try:
        return study.files(place)
    except InputError as error:
        return error
