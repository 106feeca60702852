"""From scored studies to the report of a model, in the terms of its head."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from client.engine import ServedModel
from evaluation.agreement import FEWEST_STUDIES
from evaluation.baseline import finding_baseline, quantity_baseline
from evaluation.characteristics import Grouping, GroupNames, groupings
from evaluation.details import FindingDetails, MemberComparison, OtherModel, QuantityDetails
from evaluation.discrimination import FEWEST_OF_EITHER, Truth
from evaluation.errors import TooFewStudies
from evaluation.finding_report import FindingReport, finding_report, operating_threshold
from evaluation.finding_subgroups import finding_subgroups
from evaluation.fisher_table import FisherTable, SignCounts, fisher_table
from evaluation.map_shares import THIRDS, MapShares, map_shares, thirds
from evaluation.paired_discrimination import compare_areas
from evaluation.patient_bootstrap import Patients, area_by_patient, error_by_patient
from evaluation.quantity_report import QuantityReport, ReportedModel, quantity_report
from evaluation.quantity_subgroups import quantity_subgroups
from evaluation.subgroups import CallsByGroup, calls_by_group
from phantoms import Grade
from specs.head import FindingProbability, ImageHead, MeasuredQuantity
from tricorder.evaluation_run import ScoredStudies, ScoredStudy

Values = NDArray[np.float64]
"""One number a study: probabilities, or a quantity in its unit."""

_GRADES = tuple(grade.name.lower() for grade in Grade)


@dataclass(frozen=True, kw_only=True)
class ThumbnailAnswers:
    """What the thumbnail regression says of the same studies, and how many phantoms it was fitted on."""

    values: Values
    training_studies: int


def evaluation_report(
    model: ServedModel, scored: ScoredStudies, *, thumbnails: ThumbnailAnswers | None = None
) -> FindingReport | QuantityReport:
    """Compute the figures of a model, and every detail that is known of the studies.

    Args:
        model: Whose answers they are.
        scored: Enough studies for `require_enough_studies`.
        thumbnails: What the thumbnail regression says of the same ones.
    """
    head = _image_head(model)
    match head:
        case FindingProbability():
            return _finding(model, scored, thumbnails)
        case MeasuredQuantity():
            return _quantity(model, head, scored, thumbnails)
        case _:
            assert_never(head)


def require_enough_studies(model: ServedModel, scored: ScoredStudies) -> None:
    """Check that the studies determine the figures of a model.

    Raises:
        TooFewStudies: they do not.
    """
    truth, _ = truths_and_values(scored)
    positives, head = int(np.sum(truth > 0)), _image_head(model)
    negatives = truth.size - positives
    match head:
        case FindingProbability():
            enough, needed = min(positives, negatives) >= FEWEST_OF_EITHER, f"{FEWEST_OF_EITHER} of either"
            found = f"{positives} with the finding and {negatives} without"
        case MeasuredQuantity():
            enough, needed = truth.size >= FEWEST_STUDIES, f"{FEWEST_STUDIES}"
            found = f"{truth.size}"
        case _:
            assert_never(head)
    if not enough:
        raise TooFewStudies(found=found, needed=needed, left_out=scored.left_out)


def _image_head(model: ServedModel) -> ImageHead:
    head = model.contract.spec.head
    if not isinstance(head, ImageHead):
        raise TypeError(f"{model.name} looks at no image")
    return head


def truths_and_values(scored: ScoredStudies) -> tuple[Values, Values]:
    """Return what is true and what the model said, each of shape (studies,), in the unit of the head."""
    truth = np.array([study.facts.truth for study in scored.studies], np.float64)
    return truth, np.array([study.value for study in scored.studies], np.float64)


def _finding(model: ServedModel, scored: ScoredStudies, thumbnails: ThumbnailAnswers | None) -> FindingReport:
    known, probabilities = truths_and_values(scored)
    truth, threshold = known > 0, operating_threshold(model.contract)
    grades, patients = _grades(scored.studies), _patients(scored.studies)
    details = FindingDetails(
        left_out=dict(scored.left_out),
        grades=_calls_by_grade(grades, probabilities, threshold=threshold),
        subgroups=finding_subgroups(truth, probabilities, _groupings(scored), threshold=threshold),
        members=_member_comparisons(truth, probabilities, scored.studies),
        others=tuple(_other_models(scored)),
        maps=_map_shares(model, scored.studies, grades, order=_GRADES),
        by_patient=None if patients is None else area_by_patient(truth, probabilities, patients),
        baseline=thumbnails
        and finding_baseline(truth, probabilities, thumbnails.values, training_studies=thumbnails.training_studies),
        lesion_sites=_lesion_sites(truth, scored.studies),
    )
    return finding_report(truth, probabilities, model.contract, data_set=scored.name, details=details)


def _quantity(
    model: ServedModel, head: MeasuredQuantity, scored: ScoredStudies, thumbnails: ThumbnailAnswers | None
) -> QuantityReport:
    truth, values = truths_and_values(scored)
    patients = _patients(scored.studies)
    details = QuantityDetails(
        left_out=dict(scored.left_out),
        subgroups=quantity_subgroups(truth, values, _groupings(scored)),
        maps=_map_shares(model, scored.studies, thirds(truth), order=THIRDS),
        by_patient=None if patients is None else error_by_patient(truth, values, patients),
        baseline=thumbnails
        and quantity_baseline(truth, values, thumbnails.values, training_studies=thumbnails.training_studies),
    )
    reported = ReportedModel(model=model.name, version=model.version, contract_sha256=model.contract_sha256)
    return quantity_report(truth, values, reported, data_set=scored.name, unit=head.unit, details=details)


def _groupings(scored: ScoredStudies) -> tuple[Grouping, ...]:
    return groupings([study.facts.characteristics for study in scored.studies])


def _patients(studies: Sequence[ScoredStudy]) -> Patients | None:
    patients = [study.facts.patient for study in studies if study.facts.patient is not None]
    return np.array(patients) if len(patients) == len(studies) else None


def _grades(studies: Sequence[ScoredStudy]) -> GroupNames | None:
    grades = [study.facts.grade for study in studies if study.facts.grade is not None]
    return np.array(grades) if len(grades) == len(studies) else None


def _calls_by_grade(grades: GroupNames | None, probabilities: Values, *, threshold: float) -> CallsByGroup | None:
    return None if grades is None else calls_by_group(grades, probabilities, threshold=threshold, order=_GRADES)


def _lesion_sites(truth: Truth, studies: Sequence[ScoredStudy]) -> FisherTable | None:
    known = [study.facts.lesions for study in studies if study.facts.lesions is not None]
    if len(known) < len(studies):
        return None
    first, second = ([each for each, has in zip(known, truth, strict=True) if has == of_group] for of_group in (1, 0))
    return fisher_table(
        tuple(
            SignCounts(
                sign=site,
                in_first=sum(each.positive[site] for each in first),
                in_second=sum(each.positive[site] for each in second),
            )
            for site in known[0].positive
        ),
        groups=(first[0].disease, second[0].disease),
        people=(len(first), len(second)),
    )


def _member_comparisons(
    truth: Truth, probabilities: Values, studies: Sequence[ScoredStudy]
) -> tuple[MemberComparison, ...]:
    members = studies[0].row.members
    return tuple(
        MemberComparison(
            model=member.model,
            comparison=compare_areas(
                truth, probabilities, np.array([study.row.members[place].value for study in studies], np.float64)
            ),
        )
        for place, member in enumerate(members)
    )


_FEWEST_COMPARED = 2
"""Studies of either kind that a variance of an AUC needs."""


def _other_models(scored: ScoredStudies) -> Iterator[OtherModel]:
    for place, other in enumerate(scored.others):
        pairs = [(study, value) for study in scored.studies if (value := study.others[place]) is not None]
        with_finding = sum(study.facts.truth > 0 for study, _ in pairs)
        if min(with_finding, len(pairs) - with_finding) < _FEWEST_COMPARED:
            continue
        yield OtherModel(
            model=other.name,
            contract_sha256=other.contract_sha256,
            studies=len(pairs),
            comparison=compare_areas(
                np.array([study.facts.truth > 0 for study, _ in pairs]),
                np.array([study.value for study, _ in pairs], np.float64),
                np.array([value for _, value in pairs], np.float64),
            ),
        )


def _map_shares(
    model: ServedModel, studies: Sequence[ScoredStudy], groups: GroupNames | None, *, order: Sequence[str]
) -> MapShares | None:
    shares = [study.energy for study in studies if study.energy is not None]
    if groups is None or len(shares) < len(studies):
        return None
    return map_shares(shares, groups, order=order, regions=model.contract.spec.truth.phantom_regions)
