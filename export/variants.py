"""From a version of an image model to a variant of it in another precision or for another engine, through the gate.

A variant is a version of its own, in a repository of the user's, whose record says which version it was made of. It
is compared as it will be served: whoever calls hands in what asks a server.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from export.ensemble import voted
from export.entry import records, write_entry
from export.errors import NoSuchVariant, SourceUnusable
from export.lower_precision import Feed, in_fp16, in_int8
from export.parity import Answers, Compared, parity_figures, require_numbers, require_parity
from export.run import EntryVersion
from export.source_version import SourceVersion, read_source_version
from export.weights_record import provenance
from specs import member_specs
from specs.deployment import Engine, Precision
from specs.ensemble import EnsembleSpec
from specs.model import NetworkSpec
from specs.weights import Parity, StepWeights, Variant, WeightsRecord, steps_sha256
from training.prepared_part import Pixels, PreparedPart

PRECISIONS = {
    Engine.ONNXRUNTIME: (Precision.FP16, Precision.INT8),
    Engine.OPENVINO: (Precision.FP32, Precision.BF16, Precision.INT8),
}
"""What each engine has variants in. In fp16 CPUs compute more slowly, not faster; it is for GPUs."""

_PACKAGES = ("numpy", "onnx", "onnxruntime")
_CALIBRATED_AT_A_TIME = 8

Answering = Callable[[Path, NetworkSpec, Pixels], Answers]
"""Serves the newest version of a model of a repository and returns its answers to studies, shape (studies,)."""


@dataclass(frozen=True, kw_only=True)
class VariantChoice:
    """What a variant is for.

    Raises:
        NoSuchVariant: the engine does not compute in that precision.
    """

    engine: Engine
    precision: Precision

    def __post_init__(self) -> None:
        accepted = PRECISIONS[self.engine]
        if self.precision not in accepted:
            raise NoSuchVariant(engine=self.engine, precision=self.precision, accepted=", ".join(accepted))


@dataclass(frozen=True, kw_only=True)
class VariantStudies:
    """Studies that ranges of int8 are measured on, and others on which variant and original are compared."""

    calibration: PreparedPart
    compared: PreparedPart


@dataclass(frozen=True, kw_only=True)
class GatedVariant:
    """A variant of one network, or of an ensemble through those of its members; not written yet.

    Attributes:
        source: The version that it was made of.
        variant: What its record will say of it.
        content: Of a network its ONNX file; None of an ensemble.
        members: Of an ensemble.
        compared: Answers of original and variant.
        figures: How far they are apart.
    """

    source: SourceVersion
    variant: Variant
    content: bytes | None
    members: tuple["GatedVariant", ...]
    compared: Compared
    figures: Parity

    def write(self, target: EntryVersion) -> WeightsRecord:
        """Write it as one version beside the one it was made of, which is brought along where it is not there.

        Raises:
            SourceUnusable: the version is that of the source, the repository holds another in its place, or has an
                ensemble that runs it on another engine.
        """
        source, name = self.source.record, self.source.spec.name
        if target.number is not None and target.number <= source.version:
            what = f"version {target.number} is not above version {source.version}, which the variant is made of"
            raise SourceUnusable(model=name, what=what)
        if self.content is not None and self.variant.engine is not Engine.ONNXRUNTIME:
            self._require_no_ensemble(target.repository)
        return self._written(target)

    def _written(self, target: EntryVersion) -> WeightsRecord:
        source, name = self.source.record, self.source.spec.name
        self.source.bring_to(target.repository)
        written = [member._written(EntryVersion(repository=target.repository)) for member in self.members]
        number = target.resolved(name)
        record = _record(source, self.variant, (self.figures,), content=self.content, members=written, version=number)
        write_entry(target.repository, self.source.spec, record, self.content)
        return record

    def _require_no_ensemble(self, repository: Path) -> None:
        """Refuse to take from an ensemble the version that it runs: one entry is served by one engine."""
        name = self.source.spec.name
        for entry in sorted(repository.glob("*")):
            if any(step.model == name for record in records(entry)[-1:] for step in record.steps):
                what = f"{entry.name} of that repository runs it on ONNX Runtime; make the variant of {entry.name}"
                raise SourceUnusable(model=name, what=what)


def gated_variant(
    source: SourceVersion, choice: VariantChoice, studies: VariantStudies, *, answering: Answering
) -> GatedVariant:
    """Make a variant and compare it with the version it is made of, in ONNX Runtime; nothing is written.

    Args:
        source: The version.
        choice: Engine and precision.
        studies: For the calibration, and for the comparison.
        answering: Serves the candidate.

    Raises:
        ParityFailed: the variant, or one of a member, is too far from its original.
        SourceUnusable: a member's version is itself made of another.
    """
    match source.spec:
        case NetworkSpec():
            return _network_variant(source, source.spec, choice, studies, answering=answering)
        case EnsembleSpec():
            return _ensemble_variant(source, source.spec, choice, studies, answering=answering)
        case _:
            assert_never(source.spec)


def _network_variant(
    source: SourceVersion,
    spec: NetworkSpec,
    choice: VariantChoice,
    studies: VariantStudies,
    *,
    answering: Answering,
) -> GatedVariant:
    variant, original = _variant(source.record, choice, studies), source.contents[spec.name]
    content = _content(original, spec, choice.precision, studies.calibration)
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
        # With the figures of its original, until it has its own.
        candidate = _record(source.record, variant, source.record.parity, content=content, version=1)
        write_entry(Path(folder), spec, candidate, content)
        answers = answering(Path(folder), spec, studies.compared.pixels)
    require_numbers(answers, spec)
    compared = Compared(
        original=source.answers(studies.compared.pixels, answering=original),
        variant=answers,
        truth=studies.compared.truth,
        data_set=studies.compared.name,
        engine=choice.engine,
    )
    return _gated(source, variant, compared, content=content)


def _ensemble_variant(
    source: SourceVersion,
    spec: EnsembleSpec,
    choice: VariantChoice,
    studies: VariantStudies,
    *,
    answering: Answering,
) -> GatedVariant:
    versions = {step.model: step.version for step in source.record.steps}
    members = tuple(
        _network_variant(
            read_source_version(source.repository, member, versions[member.name], recalibrated=True),
            member,
            choice,
            studies,
            answering=answering,
        )
        for member in member_specs(spec)
    )
    vote = source.contents[spec.vote_graph.name]
    compared = Compared(
        original=voted([member.compared.original for member in members], vote, spec),
        variant=voted([member.compared.variant for member in members], vote, spec),
        truth=studies.compared.truth,
        data_set=studies.compared.name,
        engine=choice.engine,
    )
    return _gated(source, _variant(source.record, choice, studies), compared, members=members)


def _gated(
    source: SourceVersion,
    variant: Variant,
    compared: Compared,
    *,
    content: bytes | None = None,
    members: tuple[GatedVariant, ...] = (),
) -> GatedVariant:
    figures = parity_figures(compared, source.record.performance)
    require_parity(figures, source.spec, precision=variant.precision)
    return GatedVariant(
        source=source, variant=variant, content=content, members=members, compared=compared, figures=figures
    )


def _content(original: bytes, spec: NetworkSpec, precision: Precision, calibration: PreparedPart) -> bytes:
    match precision:
        case Precision.FP32 | Precision.BF16:  # for bf16 an engine is told so; the file stays
            return original
        case Precision.FP16:
            return in_fp16(original)
        case Precision.INT8:
            return in_int8(original, _feeds(spec, calibration.pixels), answer=spec.head.answer.name)
        case _:
            assert_never(precision)


def _feeds(spec: NetworkSpec, pixels: Pixels) -> Iterator[Feed]:
    for start in range(0, len(pixels), _CALIBRATED_AT_A_TIME):
        yield {spec.recipe.input.name: pixels[start : start + _CALIBRATED_AT_A_TIME]}


def _variant(source: WeightsRecord, choice: VariantChoice, studies: VariantStudies) -> Variant:
    return Variant(
        engine=choice.engine,
        precision=choice.precision,
        of_version=source.version,
        of_model_sha256=source.model_sha256,
        calibrated_on=studies.calibration.name if choice.precision is Precision.INT8 else None,
    )


def _record(
    source: WeightsRecord,
    variant: Variant,
    parity: tuple[Parity, ...],
    *,
    content: bytes | None,
    version: int,
    members: list[WeightsRecord] | None = None,
) -> WeightsRecord:
    """Take what is known of the source, for what a variant does not change."""
    exchanged: Mapping[str, StepWeights] = {
        member.model: StepWeights(model=member.model, version=member.version, model_sha256=member.model_sha256)
        for member in members or ()
    }
    steps = tuple(exchanged.get(step.model, step) for step in source.steps)
    digest = steps_sha256(steps) if content is None else hashlib.sha256(content).hexdigest()
    made = source.provenance
    return source.model_copy(
        update={
            "version": version,
            "model_sha256": digest,
            "steps": steps,
            "parity": parity,
            "variant": variant,
            "provenance": provenance(
                parameters=made.parameters, weights_sha256=made.weights_sha256, packages=_PACKAGES
            ),
        }
    )
