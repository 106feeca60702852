"""`tricorder evaluate` on phantoms of FDG PET, each a study of many files."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from client.in_process import InProcessEngine
from client.scoring import ScoringSettings
from evaluation.details import LESION_SITES
from phantoms import LesionSite, Part, Site, pet_cohort, radiograph_cohort
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA as SPEC
from tests.conftest import CLONE
from tests.evaluation.pages import Page
from tests.tricorder.evaluations import evaluate, evaluated
from tricorder.evaluation_run import score_studies
from tricorder.labeled_study import LabeledStudies, LabeledStudy, PhantomStudies

COMMITTED = CLONE / "model_repository"


def test_a_phantom_is_scored_with_all_its_files_and_its_facts_are_its_truth() -> None:
    cohort = pet_cohort(Part.TEST, count=2)
    data = PhantomStudies(cohort=cohort, spec=SPEC)
    with InProcessEngine(COMMITTED) as engine:
        scored = score_studies(data, engine, engine.served_model(SPEC.name), ScoringSettings(workers=1, inputs=True))
    assert (scored.name, scored.left_out) == ("phantom PET, test 0-1", {})
    for study, phantom in zip(scored.studies, cohort, strict=True):
        truth, facts = phantom.truth, study.facts
        assert study.row.series_instance_uid == phantom.series_uid
        assert study.pixels is not None
        assert study.pixels.shape == SPEC.recipe.pixels.shape
        assert (facts.truth, facts.grade, facts.regions) == (float(truth.sarcoidosis), None, ())
        known = facts.characteristics
        assert (known.sex, known.age_years, known.view) == (truth.sex, truth.age_years, None)
        assert facts.lesions is not None
        assert facts.lesions.disease == truth.disease
        assert list(facts.lesions.positive) == [site.value for site in LesionSite]
        assert {site for site, is_positive in facts.lesions.positive.items() if is_positive} == truth.positive_sites


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Studies that count the folders that are there when each is asked for."""

    studies: LabeledStudies
    folder: Path
    seen: list[int] = field(default_factory=list)
    left_out: Mapping[str, int] = field(default_factory=dict)
    name: str = "watched"

    def __len__(self) -> int:
        return len(self.studies)

    def __iter__(self) -> Iterator[LabeledStudy]:
        for study in self.studies:
            self.seen.append(len(list(self.folder.glob("*/*"))))
            yield study


def test_files_are_removed_once_they_were_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    studies = PhantomStudies(cohort=radiograph_cohort(Part.TEST, count=8), spec=MITRAL_REGURGITATION)
    watched = Watched(studies=studies, folder=tmp_path)
    with InProcessEngine(COMMITTED) as engine:
        model = engine.served_model(MITRAL_REGURGITATION.name)
        scored = score_studies(watched, engine, model, ScoringSettings(workers=1))
    assert len(scored.studies) == 8
    assert max(watched.seen) <= 2  # as many as wait for one worker
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_report_has_the_sites_of_lesions_and_the_thumbnails_of_both_views(tmp_path: Path) -> None:
    options = ("--data", "phantoms:24", "--site", "B", "--baseline", 64)
    run = evaluated(COMMITTED, tmp_path, *options, model=SPEC.name)
    report, cohort = run.report, pet_cohort(Part.TEST, count=24, site=Site.B)
    assert (report.data_set, report.details.left_out) == ("phantom PET, test, site B 0-23", {})
    assert (report.details.grades, report.details.maps) == (None, None)
    assert {row.characteristic for row in report.details.subgroups} == {"sex", "age in years"}
    assert report.details.baseline is not None
    assert report.details.baseline.training_studies == 64
    table = report.details.lesion_sites
    assert table is not None
    with_it = [phantom.truth for phantom in cohort if phantom.truth.sarcoidosis]
    assert (table.first_group, table.first_people, table.second_people) == (
        "sarcoidosis",
        len(with_it),
        24 - len(with_it),
    )
    for row in table.rows:
        count = sum(LesionSite(row.sign) in truth.positive_sites for truth in with_it)
        assert row.first.estimate == pytest.approx(count / len(with_it))
    page = Page.of((run.folder / "report.html").read_text(encoding="utf-8"))
    assert LESION_SITES in page.text
    assert page.row("lung")[1] == next(row.first.cell() for row in table.rows if row.sign == "lung")


@pytest.mark.parametrize("count", ["63", "-1", "many"])
def test_a_baseline_is_a_number_that_can_be_fitted_or_that_of_the_weights(count: str) -> None:
    result = evaluate(COMMITTED, "--data", "phantoms:20", "--baseline", count)
    assert result.exit_code == 2
    assert "neither a number of at least 64 nor the word same" in result.output
