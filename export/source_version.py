"""The version of an entry that another is made of: its record and files, and how they come into another repository."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

import numpy as np

from export.ensemble import voted
from export.entry import onnx_digests, records
from export.errors import SourceUnusable
from export.parity import Answers, engine_answers
from specs import member_specs
from specs.contract import ImageSpec
from specs.ensemble import EnsembleSpec
from specs.entry import ONNX_FILE
from specs.model import NetworkSpec
from specs.weights import StepWeights, WeightsRecord
from training.prepared_part import Pixels

_READ_AT_A_TIME = 1024
"""Studies whose pixels are in memory together."""


@dataclass(frozen=True, kw_only=True)
class SourceVersion:
    """A version of a finding model.

    Attributes:
        repository: Where it stands.
        spec: The model.
        record: Of the version.
        contents: The ONNX file of each entry that it runs, by name.
    """

    repository: Path
    spec: ImageSpec
    record: WeightsRecord
    contents: Mapping[str, bytes]

    @property
    def answering_entry(self) -> str:
        """The entry whose graph gives the probability."""
        match self.spec:
            case NetworkSpec():
                return self.spec.name
            case EnsembleSpec():
                return self.spec.vote_graph.name
            case _:
                assert_never(self.spec)

    def answers(self, pixels: Pixels, *, answering: bytes) -> Answers:
        """Answer studies.

        Args:
            pixels: As on the wire, shape (studies, 1, row, column).
            answering: The ONNX file of the answering entry, or one to take its place.

        Returns:
            Probabilities, shape (studies,).

        Raises:
            ParityFailed: an answer is no number.
        """
        step, total = _READ_AT_A_TIME, len(pixels)
        return np.concatenate(
            [self._answers(pixels[start : start + step], answering) for start in range(0, total, step)]
        )

    def _answers(self, pixels: np.typing.NDArray[np.uint8], answering: bytes) -> Answers:
        match self.spec:
            case NetworkSpec():
                return engine_answers(answering, self.spec, pixels)
            case EnsembleSpec():
                votes = [
                    engine_answers(self.contents[member.name], member, pixels) for member in member_specs(self.spec)
                ]
                return voted(votes, answering, self.spec)
            case _:
                assert_never(self.spec)

    def bring_to(self, repository: Path) -> None:
        """Copy what the version runs into another repository, each entry that is not there yet.

        Raises:
            SourceUnusable: an entry of that repository holds another file in this version.
        """
        names = (*self.contents, *([] if self.spec.name in self.contents else [self.spec.name]))
        for file in _files(self.record):
            own = repository / file.model
            if own.exists() and onnx_digests(own).get(file.version) != file.model_sha256:
                what = f"the repository has another {file.model} in version {file.version}, or none"
                raise SourceUnusable(model=self.spec.name, what=what)
        for name in names:
            if not (repository / name).exists():
                shutil.copytree(self.repository / name, repository / name)


def read_source_version(
    repository: Path, spec: ImageSpec, version: int | None, *, recalibrated: bool = False
) -> SourceVersion:
    """Read a version and check its files.

    Args:
        repository: Of entries.
        spec: The model.
        version: Which; None for the newest that will do.
        recalibrated: Whether one that is recalibrated will do; a variant never does.

    Raises:
        SourceUnusable: there is no such version, it will not do, or a file is not the recorded one.
    """
    held = records(repository / spec.name)
    chosen = [each for each in held if (each.version == version if version else _made_of(each, recalibrated) is None)]
    if not chosen:
        raise SourceUnusable(model=spec.name, what=f"the repository has no version {version or 'of it'}")
    record = chosen[-1]
    first = _made_of(record, recalibrated)
    if first is not None:
        what = f"version {record.version} was made of version {first}, which is to be taken instead"
        raise SourceUnusable(model=spec.name, what=what)
    contents = {file.model: _content(repository, file, spec.name) for file in _files(record)}
    return SourceVersion(repository=repository, spec=spec, record=record, contents=contents)


def _made_of(record: WeightsRecord, recalibrated: bool) -> int | None:
    """Return the version that is to be taken instead of one that will not do; None of one that will."""
    if record.variant is not None:
        return record.variant.of_version
    if record.recalibration is not None and not recalibrated:
        return record.recalibration.of_version
    return None


def _files(record: WeightsRecord) -> tuple[StepWeights, ...]:
    own = StepWeights(model=record.model, version=record.version, model_sha256=record.model_sha256)
    return record.steps or (own,)


def _content(repository: Path, file: StepWeights, model: str) -> bytes:
    path = repository / file.model / str(file.version) / ONNX_FILE
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != file.model_sha256:
        raise SourceUnusable(model=model, what=f"the ONNX file of {file.model} is not the one that its record names")
    return content
