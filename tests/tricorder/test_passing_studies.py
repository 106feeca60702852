"""Studies pass through the client in order: one that has no files is counted, and nothing is left in the folder."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from client.errors import UnreadableFile
from tricorder.passing_studies import PassingStudies


@dataclass(frozen=True)
class Written:
    number: int
    broken: bool = False

    @property
    def name(self) -> str:
        return f"study {self.number}"

    def files(self, folder: Path) -> tuple[Path, ...]:
        if self.broken:
            raise UnreadableFile(cause="broken on purpose")
        paths = folder / "a.txt", folder / "b.txt"
        for path in paths:
            path.write_text(str(self.number), encoding="utf-8")
        return paths


def test_each_result_gets_the_study_of_its_source_and_its_files_are_removed(tmp_path: Path) -> None:
    passing = PassingStudies(studies=[Written(number, broken=number == 1) for number in range(4)], folder=tmp_path)
    names = []
    for source in passing.sources():
        assert [file.read_text(encoding="utf-8") for file in source.files] == [source.name.split()[-1]] * 2
        names.append(source.name)
        assert passing.take().name == source.name
        assert not source.path.exists()
    assert names == ["study 0", "study 2", "study 3"]
    assert passing.refused == {str(UnreadableFile(cause="broken on purpose")): 1}


def test_a_study_without_files_ends_a_run_of_phantoms_which_are_all_written(tmp_path: Path) -> None:
    studies = [Written(number, broken=number == 1) for number in range(3)]
    sources = PassingStudies(studies=studies, folder=tmp_path, all_are_written=True).sources()
    assert next(sources).name == "study 0"
    with pytest.raises(UnreadableFile):
        next(sources)
