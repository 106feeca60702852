"""A report of made-up answers, each figure counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from client.engine import ServedModel
from client.interpretation import MemberValue
from client.result import ResultRow, Status
from evaluation.characteristics import Characteristics
from evaluation.details import FindingDetails
from evaluation.errors import TooFewStudies
from evaluation.finding_report import FindingReport
from evaluation.fisher_table import FisherTable
from evaluation.map_shares import THIRDS
from evaluation.maps import EnergyShare
from evaluation.paired_discrimination import compare_areas
from evaluation.proportions import proportion
from evaluation.quantity_report import QuantityReport
from specs.aortic_stenosis import AORTIC_STENOSIS, MEMBERS
from specs.contract import Spec
from specs.ejection_fraction import EJECTION_FRACTION
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from tests.specs.records import contract
from tricorder.evaluation_report import ThumbnailAnswers, evaluation_report, require_enough_studies
from tricorder.evaluation_run import ScoredStudies, ScoredStudy
from tricorder.labeled_study import KnownFacts, LesionSites

GRADES = ("none", "none", "none", "mild", "moderate", "severe", "severe", "none")
TRUTH = np.array([grade != "none" for grade in GRADES])
VOTES = np.array(
    [
        [0.1, 0.2, 0.3],
        [0.3, 0.1, 0.2],
        [0.8, 0.6, 0.7],
        [0.2, 0.4, 0.3],
        [0.9, 0.5, 0.7],
        [0.8, 0.9, 0.7],
        [0.9, 0.9, 0.6],
        [0.1, 0.1, 0.1],
    ]
)


def served(spec: Spec) -> ServedModel:
    own = contract(spec, threshold=0.5)
    return ServedModel(contract=own, contract_sha256=own.sha256())


def study(model: ServedModel, facts: KnownFacts, *, value: float, votes: tuple[float, ...] = ()) -> ScoredStudy:
    fields = (
        dict.fromkeys(ResultRow.model_fields)
        | {"outcomes": (), "measurements": (), "remarks": (), "source_series": ()}
        | {
            "source": facts.name,
            "model": model.name,
            "version": model.version,
            "status": Status.SCORED,
            "value": value,
            "unit": model.contract.spec.head.unit,
            "contract_sha256": model.contract_sha256,
            "model_sha256": model.contract.weights.model_sha256,
            "demonstration": True,
            "retryable": False,
            "members": tuple(
                MemberValue(model=own.name, value=vote) for own, vote in zip(MEMBERS, votes, strict=False)
            ),
        }
    )
    energy = EnergyShare(share=value / 2, expected=0.1)
    return ScoredStudy(facts=facts, row=ResultRow.model_validate(fields), energy=energy, pixels=None)


def stenosis_studies() -> ScoredStudies:
    model = served(AORTIC_STENOSIS)
    studies = tuple(
        study(
            model,
            KnownFacts(
                name=str(place),
                truth=float(TRUTH[place]),
                characteristics=Characteristics(sex="F" if place < 4 else "M"),
                grade=grade,
            ),
            value=float(votes.mean()),
            votes=tuple(votes.tolist()),
        )
        for place, (grade, votes) in enumerate(zip(GRADES, VOTES, strict=True))
    )
    return ScoredStudies(name="eight", studies=studies, left_out={"the view is not PA or AP": 2})


def stenosis_details(thumbnails: ThumbnailAnswers | None = None) -> FindingDetails:
    report = evaluation_report(served(AORTIC_STENOSIS), stenosis_studies(), thumbnails=thumbnails)
    assert isinstance(report, FindingReport)
    assert (report.studies, report.positives, report.data_set) == (8, 4, "eight")
    return report.details


def test_each_grade_is_counted() -> None:
    grades = stenosis_details().grades
    assert grades is not None
    assert [(row.group, row.positive_calls, row.studies) for row in grades.groups] == [
        ("none", 1, 4),
        ("mild", 0, 1),
        ("moderate", 1, 1),
        ("severe", 2, 2),
    ]


def test_lesions_are_counted_by_site_and_disease() -> None:
    model = served(SARCOIDOSIS_LYMPHOMA)
    patients = [("lymphoma", {"lung": False, "skin": True}), ("sarcoidosis", {"lung": True, "skin": False})] * 3
    patients += [("lymphoma", {"lung": True, "skin": False})]
    studies = tuple(
        study(model, facts, value=0.1 + place / 10)
        for place, facts in enumerate(
            KnownFacts(
                name=str(place),
                truth=float(disease == "sarcoidosis"),
                characteristics=Characteristics(),
                lesions=LesionSites(disease=disease, positive=sites),
            )
            for place, (disease, sites) in enumerate(patients)
        )
    )
    table = reported_sites(model, studies)
    assert table is not None
    assert (table.first_group, table.first_people) == ("sarcoidosis", 3)
    assert (table.second_group, table.second_people) == ("lymphoma", 4)
    assert [(row.sign, row.first, row.second) for row in table.rows] == [
        ("lung", proportion(3, 3), proportion(1, 4)),
        ("skin", proportion(0, 3), proportion(3, 4)),
    ]
    assert table.rows[0].p_value == pytest.approx(
        5 / 35
    )  # of the 35 ways to choose four of seven, C(4, 1) as seen, one rarer
    unknown = replace(studies[0], facts=replace(studies[0].facts, lesions=None))
    assert reported_sites(model, (unknown, *studies[1:])) is None


def reported_sites(model: ServedModel, studies: tuple[ScoredStudy, ...]) -> FisherTable | None:
    report = evaluation_report(model, ScoredStudies(name="seven", studies=studies, left_out={}))
    assert isinstance(report, FindingReport)
    return report.details.lesion_sites


def test_each_sex_is_measured_and_what_is_not_known_is_left_out() -> None:
    women, men = stenosis_details().subgroups
    assert (women.group, women.studies, women.positives) == ("F", 4, 1)
    assert (women.sensitivity, women.specificity) == (proportion(0, 1), proportion(2, 3))
    assert (men.group, men.studies, men.positives) == ("M", 4, 3)
    assert (men.sensitivity, men.specificity) == (proportion(3, 3), proportion(1, 1))


def test_a_vote_is_compared_with_each_of_its_members() -> None:
    members = stenosis_details().members
    assert [member.model for member in members] == [member.name for member in MEMBERS]
    for place, member in enumerate(members):
        assert member.comparison == compare_areas(TRUTH, VOTES.mean(axis=1), VOTES[:, place])


def test_maps_are_averaged_by_grade_and_what_was_left_out_is_kept() -> None:
    details = stenosis_details()
    assert details.left_out == {"the view is not PA or AP": 2}
    assert details.maps is not None
    assert details.maps.regions == ("aortic_root", "left_ventricle")
    severe = details.maps.groups[-1]
    assert severe.share is not None
    assert severe.share.estimate == pytest.approx(0.4)


def test_thumbnails_are_compared_where_there_are_answers_of_theirs() -> None:
    answers = ThumbnailAnswers(values=VOTES[::-1, 0].copy(), training_studies=100)
    assert stenosis_details().baseline is None
    baseline = stenosis_details(answers).baseline
    assert baseline is not None
    assert baseline.comparison == compare_areas(TRUTH, VOTES.mean(axis=1), VOTES[::-1, 0])


def fraction_studies(count: int) -> ScoredStudies:
    model = served(EJECTION_FRACTION)
    studies = tuple(
        study(
            model,
            KnownFacts(name=str(place), truth=30.0 + 5 * place, characteristics=Characteristics()),
            value=(31.0 + 5 * place) / 100,
        )
        for place in range(count)
    )
    return ScoredStudies(name="fractions", studies=studies, left_out={})


def test_maps_of_a_quantity_are_averaged_by_thirds_of_the_truth() -> None:
    report = evaluation_report(served(EJECTION_FRACTION), fraction_studies(9))
    assert isinstance(report, QuantityReport)
    assert report.details.maps is not None
    assert [(row.group, row.studies) for row in report.details.maps.groups] == [(third, 3) for third in THIRDS]
    assert report.details.subgroups == ()


def test_two_values_are_too_few() -> None:
    require_enough_studies(served(EJECTION_FRACTION), fraction_studies(3))
    with pytest.raises(TooFewStudies, match="scored: 2; figures with intervals need at least 3"):
        require_enough_studies(served(EJECTION_FRACTION), fraction_studies(2))
