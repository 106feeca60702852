"""What Triton's log says about a start: which models are there, which are not and why."""

import re
from dataclasses import dataclass
from pathlib import Path

from serving.errors import ModelNotLoaded, PortTaken, ServerDied, ServerStartError

_LOADED = re.compile(r"successfully loaded '([^']+)'")
# As Triton 2.51 writes them (model_lifecycle.cc, model_repository_manager.cc); a consequence is one model's
# failure because of another's.
_CAUSES = (
    re.compile(r"failed to load '(?P<model>[^']+)' version \d+: (?P<reason>.+)"),
    re.compile(r"failed to load model '(?P<model>[^']+)': (?P<reason>.+)"),
    re.compile(r"Poll failed for model directory '(?P<model>[^']+)': (?P<reason>.+)"),
)
_CONSEQUENCES = (re.compile(r"ensemble '?(?P<model>[^' ]+)'? (?P<reason>(?:depends on|contains models) .+)"),)
_PROTOBUF_ERROR = re.compile(r"\[libprotobuf ERROR .+?\] (.+)")
_PORT_TAKEN = re.compile(r"failed to start (?P<endpoint>\w+) service: .*:(?P<port>\d+)' already in use")
_LAST_WORDS = re.compile(r"^error: (.+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class StartupLog:
    """The text of a log so far."""

    text: str

    @classmethod
    def read(cls, log_file: Path) -> "StartupLog":
        """Read a log that may still be written to."""
        return cls(text=log_file.read_text(encoding="utf-8", errors="replace"))

    @property
    def loaded_models(self) -> list[str]:
        """Names of the models that are ready, in the order in which they became so."""
        return list(dict.fromkeys(_LOADED.findall(self.text)))

    @property
    def failures(self) -> dict[str, str]:
        """Triton's own reason by name of a model that did not load, causes before consequences."""
        found: dict[str, str] = {}
        for patterns in (_CAUSES, _CONSEQUENCES):
            for line in self.text.splitlines():
                for pattern in patterns:
                    match = pattern.search(line)
                    if match:
                        found.setdefault(match["model"], self._clean(match["reason"]))
        return found

    def explain(self) -> ServerStartError:
        """Say why Triton ended during its start."""
        failures = self.failures
        if failures:
            model, *others = failures
            return ModelNotLoaded(model=model, reason=failures[model], others=others)
        taken = _PORT_TAKEN.search(self.text)
        if taken:
            return PortTaken(endpoint=taken["endpoint"], port=int(taken["port"]))
        words = _LAST_WORDS.findall(self.text)
        return ServerDied(last_line=hide_folders(words[-1]) if words else "")

    def _clean(self, reason: str) -> str:
        # A Python traceback follows the first line, with the line ends written as \n.
        first = reason.split("\\n", maxsplit=1)[0].strip().strip('"')
        if "text proto" in first:
            details = _PROTOBUF_ERROR.findall(self.text)
            first = "; ".join([first, *details])
        return hide_folders(first)


def hide_folders(text: str) -> str:
    """Leave the last name of every absolute path; a folder's name may hold spaces."""
    return re.sub(r"(?<![\w.])/(?:[^/'\":\n]+/)+", "", text)
