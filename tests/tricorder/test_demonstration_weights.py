"""What the committed weights are worth on held-out phantoms of both sites: `make evaluation-records` writes it."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from client.in_process import InProcessEngine
from evaluation.evaluation_records import answers_file
from evaluation.finding_report import FindingReport
from evaluation.interval import Interval
from evaluation.quantity_report import QuantityReport
from phantoms import Site
from specs import SPECS
from specs.contract import AnswerSpec
from specs.dat_parkinsonism import DAT_PARKINSONISM
from specs.ensemble import CompoundSpec
from specs.head import FindingProbability
from specs.model import ModelSpec
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from specs.stacking import StackedSpec
from tests.conftest import ANSWER_SPECS, CLONE, IMAGE_SPECS, RADIOGRAPH_SPECS
from tests.evaluation.published import SITES
from tests.generated import evaluation_record
from tests.tricorder.conftest import Tricorder
from tricorder.evaluation_folder import ANSWERS_FILE

ImageReport = FindingReport | QuantityReport

HELD_OUT_PHANTOMS = 1000
STUDIES_AGAIN = 100
"""Phantoms of a cohort are the same ones in the same order, however many are asked for."""
LARGEST_CHANGE = {"finding_probability": 1e-3, "measured_quantity": 1e-2}
"""Of one answer on another processor, which rounds otherwise: of a probability, in percent or years."""
LEAST_LOWER_BOUND = 0.88
LEAST_AUC_OF_TRANSPORTERS = 0.93
LEAST_LEAD_OVER_THUMBNAILS = 0.10
"""Of an AUC."""
LARGEST_MEAN_ABSOLUTE_ERROR = {"%": 5.0, "years": 5.0}
"""In the unit of the quantity."""
LARGEST_RATIO_TO_THUMBNAILS = 2 / 3
"""Of a mean absolute error."""


@pytest.fixture(params=ANSWER_SPECS.values(), ids=lambda spec: spec.name, name="spec")
def spec_of_studies(request: pytest.FixtureRequest) -> AnswerSpec:
    """In place of every model: outcomes have a module of their own."""
    declared: AnswerSpec = request.param
    return declared


COMPOUNDS = [spec for spec in ANSWER_SPECS.values() if isinstance(spec, CompoundSpec)]
MEMBERS = {member.model for spec in COMPOUNDS for member in spec.members}
COMPARED = {name for spec in COMPOUNDS if isinstance(spec, StackedSpec) for name in spec.compared_with}
FINAL = [spec for spec in IMAGE_SPECS.values() if spec.name not in MEMBERS | COMPARED]
"""The models that a person asks for; what only votes, or only is compared with, need not be as good."""
ASKED_AGAIN = [spec for spec in ANSWER_SPECS.values() if spec.name not in MEMBERS | COMPARED]
"""Members, and models to compare with, are asked with the model that names them."""


def each(specs: Iterable[ModelSpec]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("spec", list(specs), ids=lambda spec: spec.name)


final = each(FINAL)


graded_finding = each(
    spec for spec in FINAL if isinstance(spec.head, FindingProbability) and spec.name in RADIOGRAPH_SPECS
)
mapped = each(spec for spec in FINAL if spec.truth.phantom_regions)
ensemble = each(COMPOUNDS)


def image_record(spec: ModelSpec, site: Site = Site.A) -> ImageReport:
    report = evaluation_record(spec, site)
    assert isinstance(report, ImageReport)
    return report


def merit(report: ImageReport) -> Interval:
    """Return the figure by which a model is judged: AUC, or mean absolute error in the unit of the quantity."""
    return report.auc if isinstance(report, FindingReport) else report.agreement.mean_absolute_error


def thumbnail_merit(report: ImageReport) -> Interval:
    """Return the same figure of the thumbnail regression."""
    if isinstance(report, FindingReport):
        assert report.details.baseline is not None
        return report.details.baseline.comparison.second
    assert report.details.baseline is not None
    return report.details.baseline.mean_absolute_error


def finding_record(spec: ModelSpec, site: Site = Site.A) -> FindingReport:
    report = image_record(spec, site)
    assert isinstance(report, FindingReport)
    return report


@pytest.mark.parametrize("site", list(Site))
def test_each_site_has_a_record_of_the_committed_weights(spec: ModelSpec, site: Site) -> None:
    report = image_record(spec, site)
    with InProcessEngine(CLONE / "model_repository") as engine:
        assert report.contract_sha256 == engine.served_model(spec.name).contract_sha256
    assert report.studies == HELD_OUT_PHANTOMS
    assert report.details.left_out == {}
    assert ("site B" in report.data_set) == (site is Site.B)


@final
def test_the_recorded_figures_are_good(spec: ModelSpec) -> None:
    report = image_record(spec)
    if isinstance(report, FindingReport):
        assert report.auc.lower >= LEAST_LOWER_BOUND
        assert report.auc.estimate < 1.0
    else:
        assert 0.0 < report.agreement.mean_absolute_error.estimate <= LARGEST_MEAN_ABSOLUTE_ERROR[report.unit]


@final
def test_the_recorded_figures_are_far_better_than_a_thumbnail_s(spec: ModelSpec) -> None:
    report = image_record(spec)
    if isinstance(report, FindingReport):
        assert report.auc.estimate - thumbnail_merit(report).estimate >= LEAST_LEAD_OVER_THUMBNAILS
    else:
        error = report.agreement.mean_absolute_error.estimate
        assert error <= LARGEST_RATIO_TO_THUMBNAILS * thumbnail_merit(report).estimate


@each(IMAGE_SPECS.values())
def test_the_thumbnail_regression_was_fitted_on_as_many_phantoms_as_the_weights(spec: ModelSpec) -> None:
    baseline = image_record(spec).details.baseline
    assert baseline is not None
    with InProcessEngine(CLONE / "model_repository") as engine:
        assert baseline.training_studies == engine.served_model(spec.name).contract.weights.data_set.training_studies


@graded_finding
def test_sensitivity_rises_with_the_grade(spec: ModelSpec) -> None:
    grades = finding_record(spec).details.grades
    assert grades is not None
    none, mild, moderate, severe = (row.called_positive for row in grades.groups)
    assert none is not None
    assert mild is not None
    assert moderate is not None
    assert severe is not None
    assert none.upper < mild.lower
    assert mild.estimate < moderate.estimate <= severe.estimate


@mapped
def test_the_map_s_share_in_the_true_region_is_recorded_with_that_of_its_area(spec: ModelSpec) -> None:
    maps = image_record(spec).details.maps
    assert maps is not None
    assert maps.regions == spec.truth.phantom_regions
    assert all(row.share is not None and row.expected is not None for row in maps.groups)


@graded_finding
def test_the_map_moves_into_the_true_region_with_the_disease(spec: ModelSpec) -> None:
    maps = finding_record(spec).details.maps
    assert maps is not None
    none, severe = maps.groups[0], maps.groups[-1]
    assert none.share is not None
    assert severe.share is not None
    assert severe.expected is not None
    assert severe.share.lower > max(none.share.upper, severe.expected)


@pytest.mark.parametrize("site", list(Site))
def test_the_sites_of_lesions_are_recorded_as_the_source_has_them(site: Site) -> None:
    report = finding_record(SARCOIDOSIS_LYMPHOMA, site)
    table = report.details.lesion_sites
    assert table is not None
    assert (table.first_people, table.first_people + table.second_people) == (report.positives, report.studies)
    rows = {row.sign: row for row in table.rows}
    assert len(rows) == len(SITES)
    for name in ("mediastinal lymph nodes", "lung"):
        assert rows[name].first.estimate > rows[name].second.estimate
        assert rows[name].p_value < 0.001
    assert rows["cervical lymph nodes"].first.estimate < rows["cervical lymph nodes"].second.estimate


@ensemble
@pytest.mark.parametrize("site", list(Site))
def test_a_vote_is_compared_with_each_member_and_not_worse_than_the_best(spec: CompoundSpec, site: Site) -> None:
    report = finding_record(spec, site)
    assert [member.model for member in report.details.members] == [member.model for member in spec.members]
    best = report.details.best_member
    assert best is not None
    assert best.comparison.first == report.auc
    assert best.comparison.difference.upper >= 0


@pytest.mark.parametrize("site", list(Site))
def test_uptake_symmetry_shape_and_age_find_disease_at_the_site_that_no_weights_have_seen(site: Site) -> None:
    report = finding_record(DAT_PARKINSONISM, site)
    assert report.auc.estimate >= LEAST_AUC_OF_TRANSPORTERS
    assert [other.model for other in report.details.others] == list(DAT_PARKINSONISM.compared_with)
    assert report.details.others[0].comparison.difference.lower > 0  # over M1, as the README says
    assert report.details.others[1].comparison.difference.lower <= 0  # not over M2
    for other in report.details.others:
        assert other.comparison.first == report.auc
        assert other.comparison.second == finding_record(SPECS[other.model], site).auc
        difference = other.comparison.difference
        assert difference.estimate == pytest.approx(report.auc.estimate - other.comparison.second.estimate)
        assert other.comparison.p_value is not None
        assert (other.comparison.p_value < 0.05) == (not difference.lower <= 0 <= difference.upper)


@each(ASKED_AGAIN)
def test_the_recorded_figures_follow_from_the_recorded_answers(spec: ModelSpec) -> None:
    answers, record = recorded_answers(spec), image_record(spec)
    assert answers.index.to_list() == list(range(record.studies))
    if isinstance(record, QuantityReport):
        assert merit(record).estimate == pytest.approx((answers["value"] - answers["truth"]).abs().mean())
        return
    diseased = answers["truth"] > 0
    assert record.auc.estimate == pytest.approx(roc_auc_score(diseased, answers["value"]))
    for member in record.details.members:
        assert member.comparison.second.estimate == pytest.approx(roc_auc_score(diseased, answers[member.model]))


@pytest.mark.slow
@each(ASKED_AGAIN)
def test_evaluating_again_gives_the_recorded_answers(tricorder: Tricorder, tmp_path: Path, spec: ModelSpec) -> None:
    options = ("--data", f"phantoms:{STUDIES_AGAIN}", "--in-process", "--out", tmp_path)
    done = tricorder("evaluate", spec.name, *options)
    assert done.returncode == 0, done.stderr
    recorded, again = recorded_answers(spec)[:STUDIES_AGAIN], read_answers(tmp_path / ANSWERS_FILE)
    pd.testing.assert_index_equal(again.columns, recorded.columns)
    np.testing.assert_allclose(again, recorded, atol=LARGEST_CHANGE[spec.head.kind])


def recorded_answers(spec: ModelSpec) -> pd.DataFrame:
    """Read what `tricorder evaluate NAME --out` found of each held-out phantom with the committed weights."""
    return read_answers(answers_file(CLONE / "benchmarks" / "records", spec.name))


def read_answers(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, index_col="study")
