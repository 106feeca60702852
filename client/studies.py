"""Files that make volumes only together: those of one study and one modality are one input."""

import os
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Self

from client.engine import ServedModel
from client.errors import NamedSeriesMissing
from client.sources import Source, find_sources
from preprocessing.errors import InconsistentSeries, InputError, UnreadableFile
from preprocessing.reading import FileHeader, read_header
from specs.perfusion_pairing import Roles
from specs.recipe import FrontalChestRadiograph, StudyRecipe


@dataclass(frozen=True, kw_only=True)
class TakenModalities:
    """Values of Modality (0008,0060) that models take.

    Attributes:
        studies: Those whose studies, not whose files, are inputs.
        images: Those each of whose files is an input.
    """

    studies: frozenset[str]
    images: frozenset[str] = frozenset()

    @classmethod
    def of(cls, models: Iterable[ServedModel]) -> Self:
        """Collect what these models take."""
        recipes = [model.contract.spec.recipe for model in models]
        return cls(
            studies=frozenset(recipe.series.modality for recipe in recipes if isinstance(recipe, StudyRecipe)),
            images=frozenset(
                modality
                for recipe in recipes
                if isinstance(recipe, FrontalChestRadiograph)
                for modality in recipe.modalities
            ),
        )

    def is_joined(self, modality: str) -> bool:
        """Tell whether the files of a study are one input; also of a modality that no model takes, such as CT."""
        return modality in self.studies or modality not in self.images


def joined_studies(sources: Iterable[Source], taken: TakenModalities) -> list[Source]:
    """Join the files of each study that are one input into one source, which stands where the first of them stood.

    A study is joined over all folders that were named, for a series of which a part is missing may look whole. Its
    name is the folder that holds all its files, or its first file where that folder is the argument itself or holds
    other inputs of that name; that of a single file stays. A file of it that was named twice is taken once. What is no
    DICOM file or cannot be read stays as it is, and so do images of which each is an input.

    Args:
        sources: Images and patients, in order.
        taken: What models take; where they take no studies no file is opened.
    """
    if not taken.studies:
        return list(sources)
    joined: dict[tuple[str, str] | int, list[Source]] = {}
    for place, source in enumerate(sources):
        joined.setdefault(_study(source, taken) or place, []).append(source)
    studies = [list(dict.fromkeys(files)) for files in joined.values()]
    folders = [_folder(files) for files in studies]
    shared = {".", *(name for name, times in Counter(folders).items() if times > 1)}
    return [
        replace(first, name=first.name if folder in shared else folder, others=tuple(file.path for file in others))
        for (first, *others), folder in zip(studies, folders, strict=True)
    ]


def files_of_study(place: Path, modality: str) -> tuple[Path, ...]:
    """Find the files of the one study of a modality, in a folder of any depth or as a file.

    What else lies there, such as the CT of a PET study, is left out; where nothing is of the modality everything is
    returned, for reading it says what it is.

    Raises:
        UnreadableFile: there is no file.
        InconsistentSeries: there are several studies of the modality, and nothing tells which is meant.
    """
    sources = tuple(find_sources([place]))
    if not sources:
        raise UnreadableFile(cause="a folder without files")
    files: dict[tuple[str, str], list[Path]] = {}
    for source in sources:
        study = _study_of(source, {modality})
        if study is not None:
            files.setdefault(study, []).append(source.path)
    if len(files) > 1:
        raise InconsistentSeries(what="its images are of several studies")
    return tuple(dict.fromkeys(next(iter(files.values()), [source.path for source in sources])))


def check_named_series(sources: Iterable[Source], roles: Roles) -> None:
    """Check that every series that a person named is among the inputs, before any of them is scored.

    A name that no study has is most often mistyped, and the study that was meant would be scored as its headers say,
    which nobody would notice: our choice.

    Args:
        sources: All inputs of the run; their headers are read only where a series is named.
        roles: Which series are at stress and at rest.

    Raises:
        NamedSeriesMissing: a series is in none of the inputs.
    """
    if not roles:
        return
    files = (file for source in sources if source.record is None for file in source.files)
    headers = (_header(file) for file in files)
    found = {header.series_instance_uid for header in headers if header is not None}
    missing = tuple(place for place, uid in enumerate(roles, start=1) if uid not in found)
    if missing:
        raise NamedSeriesMissing(places=missing, named=len(roles))


def _study(source: Source, taken: TakenModalities) -> tuple[str, str] | None:
    study = _named_study(source)
    return study if study is not None and taken.is_joined(study[1]) else None


def _study_of(source: Source, modalities: Set[str]) -> tuple[str, str] | None:
    study = _named_study(source)
    return study if study is not None and study[1] in modalities else None


def _named_study(source: Source) -> tuple[str, str] | None:
    """Return study and modality of a DICOM file that says both; None for any other source."""
    header = None if source.record is not None else _header(source.path)
    if header is None or header.modality is None or header.study_instance_uid is None:
        return None
    return header.study_instance_uid, header.modality


def _header(path: Path) -> FileHeader | None:
    """Read where a DICOM file belongs; None of what is none or cannot be read."""
    try:
        return read_header(path)
    except InputError:
        return None


def _folder(files: list[Source]) -> str:
    """Return the name of the folder that holds the files of a study, or of the one file."""
    if len(files) == 1:
        return files[0].name
    return os.path.commonpath([PurePosixPath(file.name).parent for file in files]) or "."
