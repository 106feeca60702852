"""The Dockerfiles: pinned, not root, and made of what a clone has."""

import re
import subprocess
from contextlib import suppress
from pathlib import Path

import click
import pytest

from serving import ServerInstallation
from serving.installation import DEFAULT_ROOT
from tests.conftest import CLONE
from tests.docker.compose import SERVICES
from tests.docker.dockerfiles import DOCKERFILES, context_sources, is_ignored, last, read_dockerfile
from tricorder.command_line import tricorder

every_dockerfile = pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.stem)

PINNED = re.compile(r"[a-z0-9./-]+:(?P<tag>[\w.-]*\d+\.\d+[\w.-]*)(?:@sha256:[0-9a-f]{64})?")
"""A tag with a release's number; with the digest where one is known."""


def tracked(path: str) -> list[str]:
    """Return the files of git's index at a path of the clone."""
    listed = subprocess.run(["git", "ls-files", "-z", path], cwd=CLONE, capture_output=True, check=True, text=True)
    return [name for name in listed.stdout.split("\0") if name]


def test_there_is_one_for_each_service() -> None:
    assert {service["build"]["dockerfile"] for service in SERVICES.values()} == {
        path.relative_to(CLONE).as_posix() for path in DOCKERFILES
    }


@every_dockerfile
def test_a_base_image_is_pinned_to_a_release(path: Path) -> None:
    bases = [each.words[0] for each in read_dockerfile(path) if each.name == "FROM"]
    assert bases
    assert all(PINNED.fullmatch(base) for base in bases)


def test_the_python_images_are_one_and_the_same() -> None:
    bases = {each.words[0] for path in DOCKERFILES for each in read_dockerfile(path) if each.name == "FROM"}
    assert len({base for base in bases if base.startswith("python:")}) == 1
    assert all("@sha256:" in base for base in bases if base.startswith("python:"))


@every_dockerfile
def test_what_is_copied_is_in_git_and_in_the_build_context(path: Path) -> None:
    for source in context_sources(read_dockerfile(path)):
        files = tracked(source)
        assert files, source
        assert not [file for file in files if is_ignored(file)], source


@pytest.mark.parametrize(
    "path", [path for path in DOCKERFILES if path.name != "server.Dockerfile"], ids=lambda p: p.stem
)
def test_every_package_and_file_that_an_installation_needs_is_copied(path: Path) -> None:
    sources = set(context_sources(read_dockerfile(path)))
    packages = {each.parent.name for each in CLONE.glob("*/__init__.py")} - {"tests"}
    assert packages | {"pyproject.toml", "constraints.txt", "README.md", "LICENSE"} <= sources


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        ".venv-dev/bin/python",
        ".venv-server/bin/python",
        "build/model_repository/xray_age/1/model.onnx",
        "docker/results/results.jsonl",
        "docker/studies/chest.dcm",
        "out/results.jsonl",
        "specs/__pycache__/model.cpython-311.pyc",
        "tests/conftest.py",
        "tricorder.toml",
    ],
)
def test_no_environment_history_or_study_reaches_a_build(path: str) -> None:
    assert is_ignored(path)


COMMANDS = [
    *(last(read_dockerfile(CLONE / "docker" / f"{name}.Dockerfile"), "CMD") for name in ("server-cpu", "client")),
    SERVICES["client"]["command"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_is_one_that_the_command_line_takes(words: list[str]) -> None:
    name, *arguments = words
    command = tricorder.get_command(click.Context(tricorder), name)
    assert command is not None
    with suppress(click.exceptions.Exit):  # what --help ends with
        command.make_context(name, arguments)


@pytest.mark.parametrize("name", ["server-cpu", "client"])
def test_the_program_is_the_command_of_the_environment_that_is_built(name: str) -> None:
    instructions = read_dockerfile(CLONE / "docker" / f"{name}.Dockerfile")
    assert last(instructions, "ENTRYPOINT") == [f"{last(instructions, 'WORKDIR')[0]}/.venv/bin/tricorder"]
    built = next(each.rest for each in instructions if each.name == "RUN")
    assert "python -m venv .venv" in built
    assert "--constraint constraints.txt --editable ." in built
    assert ("python -m serving.environment" in built) == (name == "server-cpu")


def test_the_server_of_the_gpu_image_has_the_options_that_it_is_started_with() -> None:
    installation = ServerInstallation.open(DEFAULT_ROOT)
    # Of the same release, 2.51.
    asked = subprocess.run(
        [str(installation.tritonserver), "--help"],
        env={"LD_LIBRARY_PATH": str(installation.libraries)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    script = (CLONE / "docker" / "start-triton.sh").read_text(encoding="utf-8")
    started = script[script.index("exec tritonserver") :]
    options = set(re.findall(r"--[a-z-]+", started))
    assert {"--model-repository", "--disable-auto-complete-config"} <= options
    assert options <= set(re.findall(r"--[a-z-]+", asked.stdout + asked.stderr))


def test_the_gpu_image_starts_the_script_with_the_folders_that_it_names() -> None:
    instructions = read_dockerfile(CLONE / "docker" / "server.Dockerfile")
    variables = dict(word.split("=", 1) for each in instructions if each.name == "ENV" for word in each.words)
    targets = {each.words[-1].rstrip("/") for each in instructions if each.name == "COPY"}
    assert variables["MODELS"] in targets
    assert last(instructions, "VOLUME") == [variables["ENGINE_CACHE"]]
    assert SERVICES["server-gpu"]["volumes"] == [f"engines:{variables['ENGINE_CACHE']}"]
    script = Path(last(instructions, "CMD")[0])
    assert script.parent.as_posix() in targets
    assert (CLONE / "docker" / script.name).is_file()
