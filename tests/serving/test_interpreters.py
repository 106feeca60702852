"""Finding a Python that can run Triton's Python backend; the interpreters are small scripts."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.errors import LibpythonMissing, PythonMissing
from serving.interpreters import find_libpython, find_server_python, probe_interpreter

MakePython = Callable[..., Path]


@pytest.fixture
def make_python(tmp_path: Path) -> MakePython:
    """Writes an executable that answers like an interpreter: `make_python("3.11", "folder/python3.11")`."""

    def make(version: str, name: str, *, shared: bool = True, implementation: str = "CPython") -> Path:
        path = tmp_path / name
        library = path.parent / "lib"
        library.mkdir(parents=True, exist_ok=True)
        if shared:
            (library / f"libpython{version}.so.1.0").touch()
        facts = {
            "implementation": implementation,
            "version": version,
            "executable": str(path),
            "prefix": str(path.parent),
            "libdir": str(library),
            "multiarch": "",
        }
        path.write_text(f"#!/bin/sh\necho '{json.dumps(facts)}'\n")
        path.chmod(0o755)
        return path

    return make


@pytest.fixture
def search_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Makes the search begin with the given folders instead of the running interpreter."""

    def search(*folders: Path) -> None:
        monkeypatch.setattr(sys, "executable", "")
        monkeypatch.setenv("PATH", ":".join(map(str, folders)))
        monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))

    return search


def test_a_shim_that_fails_is_passed_over(
    tmp_path: Path, make_python: MakePython, search_only: Callable[..., None]
) -> None:
    shim = tmp_path / "shims" / "python3.12"
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.12: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    good = make_python("3.12", "good/python3.12")
    search_only(shim.parent, good.parent)
    assert find_server_python().executable == good


def test_a_python_without_its_library_is_passed_over(
    make_python: MakePython, search_only: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serving.interpreters._find_in_loader_cache", lambda _name: None)
    static = make_python("3.12", "static/python3.12", shared=False)
    good = make_python("3.12", "good/python3.12")
    search_only(static.parent, good.parent)
    found = find_server_python()
    assert found.executable == good
    assert found.libpython == good.parent / "lib" / "libpython3.12.so.1.0"


def test_a_pyenv_version_is_found(
    make_python: MakePython, search_only: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good = make_python("3.12", "pyenv/versions/3.12.9/bin/python3.12")
    search_only(tmp_path / "nothing")
    monkeypatch.setattr("serving.interpreters._SYSTEM_FOLDERS", ())
    assert find_server_python().executable == good


@pytest.mark.parametrize(
    ("version", "package"), [("3.11", "libpython3.11"), ("3.12", "libpython3.12t64")], ids=["3.11", "3.12"]
)
def test_a_missing_library_names_its_package(
    make_python: MakePython, monkeypatch: pytest.MonkeyPatch, version: str, package: str
) -> None:
    monkeypatch.setattr("serving.interpreters._find_in_loader_cache", lambda _name: None)
    python = make_python(version, "python", shared=False)
    with pytest.raises(LibpythonMissing, match=rf"libpython{version}\.so\.1\.0.*apt install {package}"):
        find_server_python(str(python))


def test_a_version_that_does_not_fit_is_named(make_python: MakePython) -> None:
    with pytest.raises(PythonMissing, match=r"found: python3 is 3\.13"):
        find_server_python(str(make_python("3.13", "python3")))


def test_only_cpython_counts(make_python: MakePython) -> None:
    assert probe_interpreter(make_python("3.11", "pypy", implementation="PyPy")) is None


def test_a_file_that_does_not_exist_is_no_interpreter(tmp_path: Path) -> None:
    assert probe_interpreter(tmp_path / "python3.11") is None


def test_this_machine_has_a_server_python() -> None:
    found = find_server_python()
    assert found.version in ("3.11", "3.12")
    assert found.libpython is not None
    assert found.libpython.is_file()


def test_the_multiarch_folder_is_looked_into(tmp_path: Path) -> None:
    library = tmp_path / "x86_64-linux-gnu" / "libpython3.11.so.1.0"
    library.parent.mkdir()
    library.touch()
    found = find_libpython("3.11", prefix="/none", libdir=str(tmp_path), multiarch="x86_64-linux-gnu")
    assert found == library
