"""A Triton model repository as a folder: which models it means to hold."""

from pathlib import Path

from serving.errors import RepositoryEmpty, RepositoryMissing


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
