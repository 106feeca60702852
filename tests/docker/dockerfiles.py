"""Dockerfiles and .dockerignore, read as far as this project uses their grammar."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import CLONE

DOCKERFILES = sorted((CLONE / "docker").glob("*.Dockerfile"))


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction of a Dockerfile, its continued lines joined.

    Attributes:
        name: In capitals, such as "COPY".
        rest: All that follows the name.
    """

    name: str
    rest: str

    @property
    def options(self) -> dict[str, str]:
        """The options before the arguments, such as {"from": "build"}."""
        return dict(re.findall(r"--([a-z]+)=(\S+)", self.rest[: self.rest.find(self.words[0])]))

    @property
    def words(self) -> list[str]:
        """The arguments: of a JSON array, or split as a shell would."""
        arguments = re.sub(r"^(?:--[a-z]+=\S+\s+)*", "", self.rest)
        return json.loads(arguments) if arguments.startswith("[") else shlex.split(arguments)


def read_dockerfile(path: Path) -> list[Instruction]:
    """Read the instructions of a Dockerfile in order."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    pairs = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [Instruction(name=name, rest=rest) for name, rest in pairs]


def last(instructions: list[Instruction], name: str) -> list[str]:
    """Return the words of the last instruction of a name: the one that holds; none where there is none."""
    found = [instruction.words for instruction in instructions if instruction.name == name]
    return found[-1] if found else []


def context_sources(instructions: list[Instruction]) -> list[str]:
    """Return what is copied from the build context, as written."""
    copies = [each for each in instructions if each.name == "COPY" and "from" not in each.options]
    return [source for copy in copies for source in copy.words[:-1]]


def is_ignored(path: str) -> bool:
    """Whether .dockerignore leaves a path of the clone out of the build: the last line that fits it decides."""
    ignored = False
    for line in (CLONE / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#") and _fits(line.removeprefix("!"), path):
            ignored = not line.startswith("!")
    return ignored


def _fits(pattern: str, path: str) -> bool:
    """Whether a pattern names a path or a folder above it (Docker's rules: Go's filepath.Match, and `**/`)."""
    expression = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
    expression = expression.replace(r"\[", "[").replace(r"\]", "]")
    return re.fullmatch(f"{expression}(?:/.*)?", path) is not None
