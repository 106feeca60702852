"""The versions that a tuning chooses among, each made through the parity gate and kept for a search that is resumed."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from benchmarks.tuning import LeftOut
from export.entry import records
from export.errors import ParityFailed, SourceUnusable
from export.run import EntryVersion
from export.source_version import SourceVersion
from export.variants import PRECISIONS, GatedVariant, VariantChoice
from serving import ServerInstallation
from specs.declared import Declared
from specs.deployment import Engine, Precision
from specs.weights import WeightsRecord

Make = Callable[[VariantChoice], GatedVariant]
"""Makes a variant and takes it through the gate."""

ORIGINAL = (Engine.ONNXRUNTIME, Precision.FP32)
"""The version itself."""


def variant_choices() -> list[VariantChoice]:
    """Return what is tried on a CPU: everything but fp16, which is for GPUs."""
    return [
        VariantChoice(engine=engine, precision=precision)
        for engine, precisions in PRECISIONS.items()
        for precision in precisions
        if precision is not Precision.FP16
    ]


class Refusal(Declared):
    """That the gate refused a variant of some weights: to make it again would take as long."""

    model_sha256: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class TunedVariants:
    """Makes the versions.

    Attributes:
        source: What they are made of.
        folder: Where each gets a repository of its own.
        make: Makes one.
        installation: Whose engines there are.
    """

    source: SourceVersion
    folder: Path
    make: Make
    installation: ServerInstallation

    def collect(self) -> tuple[dict[tuple[Engine, Precision], Path], tuple[LeftOut, ...]]:
        """Make each version that is not there yet; return their repositories, and what could not be made and why."""
        original = self.folder / "original"
        if not self._is_of_the_source(original):
            shutil.rmtree(original, ignore_errors=True)
            self.source.bring_to(original)
        found, left_out = {ORIGINAL: original}, []
        for choice in variant_choices():
            reason = self._refusal(choice) or self._collect(choice, self._repository(choice))
            if reason:
                left_out.append(LeftOut(engine=choice.engine, precision=choice.precision, reason=reason))
            else:
                found[choice.engine, choice.precision] = self._repository(choice)
        return found, tuple(left_out)

    def write(self, engine: Engine, precision: Precision, target: EntryVersion) -> WeightsRecord:
        """Write one of them into a repository of the user's; as the newest version, unless it is that already.

        Raises:
            SourceUnusable: the original itself is wanted, and the repository has newer versions of it.
        """
        name = self.source.spec.name
        held = records(target.repository / name)
        if held and self._is_wanted(held[-1], engine, precision):
            return held[-1]
        if (engine, precision) != ORIGINAL:
            return self.make(VariantChoice(engine=engine, precision=precision)).write(target)
        self.source.bring_to(target.repository)
        if held and held[-1].version > self.source.record.version:
            what = (
                f"version {self.source.record.version} itself is best here, and that repository serves version "
                f"{held[-1].version} instead; remove that, or name another --repository"
            )
            raise SourceUnusable(model=name, what=what)
        return self.source.record

    def _repository(self, choice: VariantChoice) -> Path:
        return self.folder / f"{choice.engine}-{choice.precision}"

    def _collect(self, choice: VariantChoice, repository: Path) -> str:
        """Make one; return why it cannot be made, or nothing."""
        if not self.installation.has(choice.engine):
            return f"the server environment does not hold {choice.engine}"
        held = records(repository / self.source.spec.name)
        if not held or not self._is_wanted(held[-1], choice.engine, choice.precision):
            shutil.rmtree(repository, ignore_errors=True)
            try:
                self.make(choice).write(EntryVersion(repository=repository))
            except ParityFailed as failure:
                refusal = Refusal(model_sha256=self.source.record.model_sha256, reason=str(failure))
                self._refusal_file(choice).write_text(refusal.readable_json(), encoding="utf-8")
                return refusal.reason
        return ""

    def _refusal(self, choice: VariantChoice) -> str:
        """Return why the gate refused one of the same weights before; nothing where it did not."""
        try:
            refusal = Refusal.from_json(self._refusal_file(choice).read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return ""
        return refusal.reason if refusal.model_sha256 == self.source.record.model_sha256 else ""

    def _refusal_file(self, choice: VariantChoice) -> Path:
        return self.folder / f"{choice.engine}-{choice.precision}.refused.json"

    def _is_wanted(self, record: WeightsRecord, engine: Engine, precision: Precision) -> bool:
        if (record.engine, record.precision) != (engine, precision):
            return False
        made_of = record.model_sha256 if record.variant is None else record.variant.of_model_sha256
        return made_of == self.source.record.model_sha256

    def _is_of_the_source(self, repository: Path) -> bool:
        held = records(repository / self.source.spec.name)
        return bool(held) and held[-1] == self.source.record
