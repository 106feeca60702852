"""Studies are written ahead in order, by other processes where they are many, and one that is broken costs itself."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from client.errors import InputError, UnreadableFile
from tricorder.written_ahead import written_ahead

MANY = 80


@dataclass(frozen=True)
class Written:
    number: int
    broken: bool = False

    def files(self, folder: Path) -> tuple[Path, ...]:
        if self.broken:
            raise UnreadableFile(cause="broken on purpose")
        file = folder / "study.txt"
        file.write_text(f"{self.number} {os.getpid()}", encoding="utf-8")
        return (file,)


@pytest.mark.parametrize("count", [3, MANY])
def test_each_study_comes_in_order_with_files_in_a_folder_of_its_own(tmp_path: Path, count: int) -> None:
    studies = [Written(number) for number in range(count)]
    for number, (study, place, files) in enumerate(written_ahead(studies, tmp_path)):
        assert study.number == number
        assert not isinstance(files, InputError)
        (file,) = files
        assert file.parent == place == tmp_path / str(number)
        assert file.read_text(encoding="utf-8").split()[0] == str(number)


def test_many_are_written_by_other_processes_and_few_by_this_one(tmp_path: Path) -> None:
    def writers(count: int) -> set[str]:
        folder = tmp_path / str(count)
        folder.mkdir()
        found = written_ahead([Written(number) for number in range(count)], folder)
        return {files[0].read_text(encoding="utf-8").split()[1] for _, _, files in found if isinstance(files, tuple)}

    assert writers(3) == {str(os.getpid())}
    assert str(os.getpid()) not in writers(MANY)


@pytest.mark.parametrize("count", [3, MANY])
def test_a_broken_study_costs_itself_alone(tmp_path: Path, count: int) -> None:
    studies = [Written(number, broken=number == 1) for number in range(count)]
    found = [files for _, _, files in written_ahead(studies, tmp_path)]
    assert [isinstance(files, InputError) for files in found] == [number == 1 for number in range(count)]


def test_whoever_stops_early_is_not_kept_waiting(tmp_path: Path) -> None:
    found = written_ahead([Written(number) for number in range(MANY)], tmp_path)
    next(found)
    found.close()
    assert sum(1 for _ in tmp_path.iterdir()) < MANY
