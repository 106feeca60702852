"""A Triton model repository as a folder: which models it means to hold."""

import re
from pathlib import Path

from serving.errors import RepositoryEmpty, RepositoryMissing
from specs.deployment import Engine


def list_models(repository: Path) -> list[str]:
    """Names of the models in a repository, sorted; Triton takes every folder in it for one.

    Raises:
        RepositoryMissing: The folder does not exist.
        RepositoryEmpty: None of its folders has a `config.pbtxt`.
    """
    if not repository.is_dir():
        raise RepositoryMissing
    folders = sorted(path for path in repository.iterdir() if path.is_dir())
    if not any((folder / "config.pbtxt").is_file() for folder in folders):
        raise RepositoryEmpty
    return [folder.name for folder in folders]


def models_by_engine(repository: Path) -> dict[Engine, str]:
    """For each engine that some model of a repository is made for, the first of them in alphabetical order."""
    found: dict[Engine, str] = {}
    for model in list_models(repository):
        config = repository / model / "config.pbtxt"
        text = config.read_text(encoding="utf-8", errors="replace") if config.is_file() else ""
        for engine in Engine:
            if re.search(rf'^\s*backend:\s*"{engine}"', text, flags=re.MULTILINE):
                found.setdefault(engine, model)
    return found
