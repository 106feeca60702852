"""From a version of a finding model and studies of another site to a version that is recalibrated to it."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.recalibration import (
    Recalibration,
    RecalibrationEffect,
    RecalibrationMethod,
    recalibration,
    recalibration_effect,
)
from export.entry import write_combining_entry, write_entry
from export.errors import NotRecalibrated
from export.parity import Answers, Compared, parity_figures, require_parity
from export.recalibrated_graph import recalibrated_graph
from export.run import EntryVersion, Workplace
from export.source_version import SourceVersion
from export.weights_record import provenance
from phantoms import Part
from specs.ensemble import EnsembleSpec
from specs.head import FindingProbability, MapUnit, OperatingPointPolicy
from specs.weights import (
    DataSet,
    Parity,
    Performance,
    SiteRecalibration,
    StepWeights,
    WeightsRecord,
    steps_sha256,
)
from training.performance import performance
from training.phantom_data import prepared_phantoms
from training.prepared_part import PreparedPart


@dataclass(frozen=True, kw_only=True)
class SiteStudies:
    """Studies of the other site, all of which the fit is of.

    Attributes:
        name: Of the data set, as an evaluation names it.
        used: Name of the part that is used, for the figures.
        description: One sentence for the record.
        phantoms: Whether they are phantoms.
        seed: Of the phantoms, or of the split that has set others apart.
        parts: One after the other.
        seen_patients_sha256: Tells the patients; None for phantoms.
    """

    name: str
    used: str
    description: str
    phantoms: bool
    seed: int
    parts: tuple[PreparedPart, ...]
    seen_patients_sha256: str | None

    @property
    def truth(self) -> NDArray[np.float32]:
        """1 or 0, shape (studies,)."""
        return np.concatenate([part.truth for part in self.parts])


@dataclass(frozen=True, kw_only=True)
class Fitting:
    """What is fitted, and how the operating point is chosen; None for the spec's own policy."""

    method: RecalibrationMethod
    policy: OperatingPointPolicy | None = None


@dataclass(frozen=True, kw_only=True)
class RecalibratedModel:
    """A recalibration that has passed the gate, not written yet.

    Attributes:
        source: The version that was recalibrated.
        fit: To the site.
        effect: Calibration on the studies of the fit, before and after.
        content: ONNX file of the entry that answers.
        performance: On the studies of the fit.
        figures: Of the ONNX file against the fit applied to the answers of the source.
        site: What it was fitted to, for the record.
        demonstration: Whether phantoms were fitted or measured on, now or before.
    """

    source: SourceVersion
    fit: Recalibration
    effect: RecalibrationEffect
    content: bytes
    performance: Performance
    figures: Parity
    site: SiteRecalibration
    demonstration: bool

    def write(self, target: EntryVersion) -> WeightsRecord:
        """Write it as one version beside the one it came from, which is brought along where it is not there.

        Raises:
            NotRecalibrated: the version is that of the source.
            SourceUnusable: the repository holds another in its place.
        """
        spec, source = self.source.spec, self.source.record
        if target.number == source.version:
            what = f"version {source.version} is the one it comes from; another --version is needed"
            raise NotRecalibrated(model=spec.name, what=what)
        self.source.bring_to(target.repository)
        number = target.resolved(spec.name)
        if isinstance(spec, EnsembleSpec):
            graph = spec.vote_graph
            write_combining_entry(
                target.repository, graph, self.content, version=number, largest_batch=spec.largest_batch
            )
        record = self._record(number)
        write_entry(target.repository, spec, record, None if record.steps else self.content)
        return record

    def _record(self, number: int) -> WeightsRecord:
        source, digest = self.source.record, hashlib.sha256(self.content).hexdigest()
        exchanged = StepWeights(model=self.source.answering_entry, version=number, model_sha256=digest)
        steps = tuple(exchanged if step.model == exchanged.model else step for step in source.steps)
        made = source.provenance
        return source.model_copy(
            update={
                "version": number,
                "demonstration": self.demonstration,
                "model_sha256": steps_sha256(steps) if steps else digest,
                "steps": steps,
                "performance": self.performance,
                "parity": (self.figures,),
                "provenance": provenance(parameters=made.parameters, weights_sha256=made.weights_sha256),
                "recalibration": self.site,
            }
        )


def recalibrated(
    source: SourceVersion, studies: SiteStudies, *, fitting: Fitting, workplace: Workplace
) -> RecalibratedModel:
    """Fit the probabilities of a version to a site, and put the fit into its graph; nothing is written.

    Args:
        source: The version.
        studies: Of the site; the operating point is chosen on them too.
        fitting: What is fitted.
        workplace: Cache and progress.

    Raises:
        NotRecalibrated: the studies determine no fit.
        NotMeasurable: there are too few studies of either kind.
        OperatingPointUnreachable: no point is as sensitive or specific as wanted.
        ParityFailed: the ONNX file is too far from the fit.
    """
    spec, head = source.spec, source.spec.head
    if not isinstance(head, FindingProbability):
        raise NotRecalibrated(model=spec.name, what="its answer is no probability of a finding")
    before = source.contents[source.answering_entry]
    answers = _answers(source, studies, workplace)
    fit = _fit(source, studies, answers, fitting.method)
    policy = fitting.policy or head.operating_point_policy
    found = performance(
        head.model_copy(update={"operating_point_policy": policy}),
        studies.truth,
        fit.applied(answers),
        data_set=studies.used,
    )
    shown = head.activation_map if head.map_unit is MapUnit.LOG_ODDS else None
    content = recalibrated_graph(before, fit, answer=head.answer.name, evidence=None if shown is None else shown.name)
    figures = _gated(source, fit, content, found, workplace=workplace)
    return RecalibratedModel(
        source=source,
        fit=fit,
        effect=recalibration_effect(fit, studies.truth > 0, answers, data_set=studies.used),
        content=content,
        performance=found,
        figures=figures,
        site=_site(source, fit, studies),
        demonstration=source.record.demonstration or studies.phantoms,
    )


def _answers(source: SourceVersion, studies: SiteStudies, workplace: Workplace) -> Answers:
    """Return the version's probabilities, shape (studies,), with a bar while they are computed."""
    with workplace.progress() as bar:
        task = bar.add_task(f"Answering {studies.used}", total=sum(len(part.truth) for part in studies.parts))
        found = []
        for part in studies.parts:
            found.append(source.answers(part.pixels, answering=source.contents[source.answering_entry]))
            bar.advance(task, len(part.truth))
    return np.concatenate(found)


def _fit(source: SourceVersion, studies: SiteStudies, answers: Answers, method: RecalibrationMethod) -> Recalibration:
    try:
        return recalibration(studies.truth > 0, answers, method=method, data_set=studies.used)
    except ValueError as problem:
        raise NotRecalibrated(model=source.spec.name, what=str(problem)) from None


def _gated(
    source: SourceVersion, fit: Recalibration, content: bytes, found: Performance, *, workplace: Workplace
) -> Parity:
    """Compare the new ONNX file with the fit applied to the answers of the old one."""
    with workplace.progress() as bar:
        part = prepared_phantoms(
            Part.PARITY, source.spec, count=workplace.parity_studies, cache=workplace.cache, progress=bar
        )
    before = source.answers(part.pixels, answering=source.contents[source.answering_entry])
    compared = Compared(
        original=fit.applied(before),
        variant=source.answers(part.pixels, answering=content),
        truth=part.truth,
        data_set=part.name,
    )
    figures = parity_figures(compared, found)
    require_parity(figures, source.spec)
    return figures


def _site(source: SourceVersion, fit: Recalibration, studies: SiteStudies) -> SiteRecalibration:
    return SiteRecalibration(
        of_version=source.record.version,
        of_model_sha256=source.record.model_sha256,
        intercept=fit.intercept.estimate,
        slope=None if fit.slope is None else fit.slope.estimate,
        data_set=DataSet(
            name=studies.name,
            description=studies.description,
            training_studies=fit.studies,
            validation_studies=fit.studies,
            seed=studies.seed,
            seen_patients_sha256=studies.seen_patients_sha256,
        ),
    )
