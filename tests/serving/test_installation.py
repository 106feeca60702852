"""Reading and checking a server environment on the disk, here a tree of empty files."""

import json
import re
import shutil
from importlib import metadata
from pathlib import Path

import pytest

from serving.errors import EnvironmentBroken, EnvironmentNotBuilt, NumpyTooNew
from serving.installation import (
    DEFAULT_ROOT,
    OPTIONAL_REQUIREMENTS,
    ServerInstallation,
    Stamp,
    digest_requirements,
    read_requirements,
    write_stamp,
)
from specs.deployment import Engine

OF_OTHER_PYTHONS = {"importlib-metadata"}
"""What packages need on Pythons that the server does not run on."""

STAMP_NAME = "tricorder-stamp.json"


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A whole and current environment, as far as files show it."""
    root = tmp_path / ".venv-server"
    libpython = tmp_path / "libpython3.11.so.1.0"
    layout = ServerInstallation(root=root, python_version="3.11", libpython=libpython)
    layout.libraries.mkdir(parents=True)
    for path in (libpython, layout.python, layout.tritonserver, *layout.python_backend_files):
        touch(path)
    for name, version in read_requirements():
        folder = name.replace("-", "_")
        touch(layout.site_packages / folder / "code.py")
        record = layout.site_packages / f"{folder}-{version}.dist-info" / "RECORD"
        touch(record)
        record.write_text(f"{folder}/code.py,sha256=0,1\n{folder}/__pycache__/code.cpython-311.pyc,,\n")
    stamp = Stamp(
        root=str(root),
        requirements_sha256=digest_requirements(),
        python="/usr/bin/python3.11",
        python_version="3.11",
        libpython=str(libpython),
    )
    write_stamp(root, stamp)
    return root


def test_a_whole_environment_opens(root: Path) -> None:
    assert ServerInstallation.open(root).python_version == "3.11"


def test_openvino_is_an_optional_part(root: Path) -> None:
    installation = ServerInstallation.open(root)
    assert installation.has(Engine.ONNXRUNTIME)
    assert not installation.has(Engine.OPENVINO)
    ((name, version),) = read_requirements(OPTIONAL_REQUIREMENTS[Engine.OPENVINO])
    record = installation.site_packages / f"{name}-{version}.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("openvino/lost.py,,\n", encoding="utf-8")
    assert not installation.has(Engine.OPENVINO)
    record.write_text("", encoding="utf-8")
    assert installation.has(Engine.OPENVINO)


def test_pytorch_is_listed_with_all_that_it_needs_and_in_the_version_of_the_exports() -> None:
    listed = dict(read_requirements(OPTIONAL_REQUIREMENTS[Engine.AOTINDUCTOR]))
    present = {canonical_name(name) for name in (*listed, *dict(read_requirements()))}
    for name, version in listed.items():
        assert metadata.version(name) == version
        needed = [line for line in metadata.requires(name) or () if "extra" not in line]
        assert {canonical_name(re.split(r"[^A-Za-z0-9_.-]", line)[0]) for line in needed} - OF_OTHER_PYTHONS <= present


def canonical_name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_built_environment_opens() -> None:
    assert ServerInstallation.open(DEFAULT_ROOT).tritonserver.is_file()


def test_an_environment_without_a_stamp_is_not_built(root: Path) -> None:
    (root / STAMP_NAME).unlink()
    with pytest.raises(EnvironmentNotBuilt, match="is not built"):
        ServerInstallation.open(root)


@pytest.mark.parametrize("text", ["", "[]", '{"root": 1}'])
def test_a_stamp_that_cannot_be_read_does_not_count(root: Path, text: str) -> None:
    (root / STAMP_NAME).write_text(text)
    with pytest.raises(EnvironmentNotBuilt, match="no readable stamp"):
        ServerInstallation.open(root)


def test_a_moved_environment_is_not_built(root: Path, tmp_path: Path) -> None:
    shutil.move(root, tmp_path / "elsewhere")
    with pytest.raises(EnvironmentNotBuilt, match="in another folder"):
        ServerInstallation.open(tmp_path / "elsewhere")


def test_other_requirements_make_it_outdated(root: Path) -> None:
    stamp = json.loads((root / STAMP_NAME).read_text())
    (root / STAMP_NAME).write_text(json.dumps(stamp | {"requirements_sha256": "0"}))
    with pytest.raises(EnvironmentNotBuilt, match="other requirements"):
        ServerInstallation.open(root)


@pytest.mark.parametrize("name", ["python", "tritonserver", "triton_python_backend_stub", "libpython3.11.so.1.0"])
def test_a_missing_file_breaks_it(root: Path, tmp_path: Path, name: str) -> None:
    next(path for path in tmp_path.rglob(name) if path.is_file()).unlink()
    with pytest.raises(EnvironmentBroken, match=f"{name} is missing"):
        ServerInstallation.open(root)


def test_a_missing_package_breaks_it(root: Path) -> None:
    shutil.rmtree(next(root.rglob("onnxruntime-*.dist-info")))
    with pytest.raises(EnvironmentBroken, match=r"onnxruntime [\d.]+ is missing"):
        ServerInstallation.open(root)


def test_a_missing_file_of_a_package_breaks_it(root: Path) -> None:
    next(root.rglob("onnxruntime/code.py")).unlink()
    with pytest.raises(EnvironmentBroken, match="files of onnxruntime are missing"):
        ServerInstallation.open(root)


def test_numpy_2_is_refused(root: Path) -> None:
    record = next(root.rglob("numpy-1*.dist-info"))
    record.rename(record.with_name("numpy-2.4.6.dist-info"))
    with pytest.raises(NumpyTooNew, match=r"holds NumPy 2\.4\.6"):
        ServerInstallation.open(root)


def test_every_requirement_is_an_exact_version_below_numpy_2() -> None:
    requirements = dict(read_requirements())
    assert all(version[0].isdigit() for version in requirements.values())
    assert requirements["numpy"].startswith("1.")
