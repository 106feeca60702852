"""`tricorder evaluate` of an organ model: phantoms of cardiac MIBG as DICOM files, through the whole client."""

import shutil
import tempfile
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from client.engine import Engine, ServedModel
from client.errors import ContractError, InputError
from client.result import Status
from client.scoring import ScoredInput, ScoringSettings, score_sources
from client.sources import Source
from evaluation.dice import dice
from evaluation.organ_report import MeasuredPatient, OrganReport, organ_report
from evaluation.quantity_report import ReportedModel
from phantoms import MibgCohort, MibgPhantom, Part, Site, mibg_cohort
from preprocessing.mibg_names import WashoutName, heart_counts_name
from preprocessing.organ_masks import OrganMasks
from specs.mibg import MibgTime
from training.organ_data import true_masks
from tricorder.terminal import progress_bar
from tricorder.written_ahead import written_ahead

if TYPE_CHECKING:
    from tricorder.evaluation_folder import EvaluationContent


@dataclass(frozen=True, kw_only=True)
class MeasuredOrgans:
    """What was measured.

    Attributes:
        report: The figures.
        patients: Of whom.
        demonstration: Whether the weights were fitted on phantoms.
    """

    report: OrganReport
    patients: tuple[MeasuredPatient, ...]
    demonstration: bool

    def folder_content(self) -> "EvaluationContent":
        """Return what an evaluation leaves in a folder; needs the extra `report`."""
        from tricorder.organ_content import organ_content

        return organ_content(self.report, self.patients, demonstration=self.demonstration)


def evaluate_organs(
    engine: Engine, model: ServedModel, settings: ScoringSettings, *, count: int, site: Site
) -> MeasuredOrgans:
    """Score held-out phantoms as a user's own studies and compare with what is true of them.

    A patient whose study is not eligible is left out and counted.

    Args:
        engine: Runs the model.
        model: The model.
        settings: Of scoring.
        count: How many patients.
        site: Where they were examined.

    Raises:
        TricorderError: a study could not be scored.
        ContractError: every study was refused.
    """
    cohort = mibg_cohort(Part.TEST, count=count, site=site)
    patients, refused = [], Counter[str]()
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder, progress_bar() as bar:
        way = _Way(cohort=cohort, folder=Path(folder))
        task = bar.add_task(f"{model.name} on {cohort.name}", total=count)
        for scored in score_sources(way.sources(), engine, [model], settings):
            phantom = way.take()
            if scored.error is not None:
                raise scored.error
            if scored.row.status is Status.SCORED:
                patients.append(_measured(phantom, scored))
            else:
                refused[f"not eligible: {scored.row.reason}"] += 1
            bar.advance(task)
    if not patients:
        raise ContractError(model=model.name, what=f"its recipe refuses every phantom ({refused.most_common(1)[0][0]})")
    report = organ_report(
        patients,
        ReportedModel(model=model.name, version=model.version, contract_sha256=model.contract_sha256),
        data_set=f"{cohort.name} 0-{count - 1}",
        left_out=refused,
    )
    return MeasuredOrgans(report=report, patients=tuple(patients), demonstration=model.contract.weights.demonstration)


@dataclass(frozen=True, kw_only=True)
class _Study:
    """A phantom that is written when its files are asked for."""

    cohort: MibgCohort
    index: int

    def files(self, folder: Path) -> tuple[Path, ...]:
        return tuple(self.cohort[self.index].write(folder))


@dataclass(kw_only=True)
class _Way:
    """Phantoms on their way through the client; results come in the order of the files."""

    cohort: MibgCohort
    folder: Path
    _waiting: deque[tuple[int, Path]] = field(default_factory=deque)

    def sources(self) -> Iterator[Source]:
        studies = [_Study(cohort=self.cohort, index=index) for index in range(len(self.cohort))]
        for study, place, files in written_ahead(studies, self.folder):
            if isinstance(files, InputError):
                raise files
            first, *others = files
            self._waiting.append((study.index, place))
            yield Source(path=first, name=f"phantom {study.index}", others=tuple(others))

    def take(self) -> MibgPhantom:
        """Return the phantom whose result has come, and remove its files."""
        index, place = self._waiting.popleft()
        shutil.rmtree(place)
        return self.cohort[index]


def _measured(phantom: MibgPhantom, scored: ScoredInput) -> MeasuredPatient:
    if scored.volume is None:
        raise ValueError("a scored study has what its volumes say")
    truth, found = phantom.truth, scored.volume.masks
    true = (true_masks(phantom.early_organs), true_masks(phantom.late_organs))
    known = {measurement.name: measurement.value for measurement in scored.row.measurements}
    return MeasuredPatient(
        disease=truth.disease.value,
        nearly_no_uptake=truth.nearly_no_uptake,
        uptake=(truth.heart_uptake(truth.early), truth.heart_uptake(truth.late)),
        true_washout_percent=truth.washout_percent,
        dice={organ: _dice(organ, true, found) for organ in ("heart", "lungs", "liver")},
        heart_found=(bool(found[0].heart.any()), bool(found[1].heart.any())),
        heart_counts=(known.get(heart_counts_name(MibgTime.EARLY)), known.get(heart_counts_name(MibgTime.LATE))),
        washout_percent=known.get(WashoutName.OF_HEART),
    )


def _dice(organ: str, true: Sequence[OrganMasks], found: Sequence[OrganMasks]) -> tuple[float, float]:
    early, late = (dice(getattr(one, organ), getattr(other, organ)) for one, other in zip(true, found, strict=True))
    return early, late
