"""Files that make volumes only together: those of one study and one modality are one input."""

import os
from collections.abc import Iterable, Set
from dataclasses import replace
from pathlib import Path, PurePosixPath

from client.engine import ServedModel
from client.sources import Source, find_sources
from preprocessing.errors import InconsistentSeries, InputError, UnreadableFile
from preprocessing.reading import FileHeader, read_header
from specs.recipe import StudyRecipe


def study_modalities(models: Iterable[ServedModel]) -> frozenset[str]:
    """Return the modalities whose studies, not whose files, are inputs of some model."""
    recipes = (model.contract.spec.recipe for model in models)
    return frozenset(recipe.series.modality for recipe in recipes if isinstance(recipe, StudyRecipe))


def joined_studies(sources: Iterable[Source], modalities: Set[str]) -> list[Source]:
    """Join the files of each study of these modalities into one source, which stands where the first of them stood.

    A study is joined over all folders that were named, for a series of which a part is missing may look whole. Its
    name is the folder that holds all its files; that of a single file stays. A file of it that was named twice is taken
    once. What is no DICOM file, cannot be read or is of another modality stays as it is.

    Args:
        sources: Images and patients, in order.
        modalities: Values of Modality (0008,0060) whose images are slices of volumes; with none no file is opened.
    """
    if not modalities:
        return list(sources)
    joined: dict[tuple[str, str] | int, list[Source]] = {}
    for place, source in enumerate(sources):
        joined.setdefault(_study(source, modalities) or place, []).append(source)
    return [_whole(list(dict.fromkeys(files))) for files in joined.values()]


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
        study = _study(source, {modality})
        if study is not None:
            files.setdefault(study, []).append(source.path)
    if len(files) > 1:
        raise InconsistentSeries(what="its images are of several studies")
    return tuple(dict.fromkeys(next(iter(files.values()), [source.path for source in sources])))


def _study(source: Source, modalities: Set[str]) -> tuple[str, str] | None:
    """Return study and modality of a file that is a part of something; None for any other source."""
    if source.record is not None:
        return None
    try:
        header: FileHeader = read_header(source.path)
    except InputError:
        return None
    if header.modality is None or header.study_instance_uid is None or header.modality not in modalities:
        return None
    return header.study_instance_uid, header.modality


def _whole(files: list[Source]) -> Source:
    first, *others = files
    if not others:
        return first
    folder = os.path.commonpath([PurePosixPath(file.name).parent for file in files])
    return replace(first, name=folder or ".", others=tuple(file.path for file in others))
