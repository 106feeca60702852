"""Figures of a perfusion model: known errors come back, defects that are filled in are noticed, text and JSON."""

from dataclasses import replace

import numpy as np
import pytest

from evaluation.agreement import agreement, mean_interval
from evaluation.evaluation_records import read_report
from evaluation.interval import Interval
from evaluation.perfusion_figures import DefectErrors, InferiorErrors, defect_errors, inferior_errors, score_agreements
from evaluation.perfusion_report import PerfusionReport, perfusion_report
from evaluation.perfusion_tables import perfusion_tables
from evaluation.quantity_report import ReportedModel
from specs.virtual_pet import VIRTUAL_PET
from tests.evaluation.perfusion import ARTERY, INFERIOR, OTHER, measured_patients

PATIENTS = measured_patients()
MODEL = ReportedModel(model="virtual_pet", version=2, contract_sha256="0123456789abcdef" * 4)
GROUPS = ("all", "at stress", "at rest", "women", "men")


def inferior() -> dict[str, InferiorErrors]:
    return {found.group: found for found in inferior_errors(PATIENTS)}


def test_inferior_errors_are_of_each_patient_s_mean_over_segments_and_states() -> None:
    found = inferior()["all"]
    errors = (PATIENTS.spect - PATIENTS.pet)[:, :, INFERIOR]
    assert found.spect.bias == mean_interval(errors.mean(axis=(1, 2)))
    assert found.spect.mean_absolute_error == mean_interval(np.abs(errors).mean(axis=(1, 2)))
    assert found.spect.bias.estimate == pytest.approx(-12, abs=1)
    assert found.spect.is_biased
    assert not found.virtual_pet.is_biased


def test_the_ratio_of_errors_has_an_interval_by_patient() -> None:
    ratio = inferior()["all"].error_ratio
    assert ratio is not None
    found = inferior()["all"]
    expected = found.virtual_pet.mean_absolute_error.estimate / found.spect.mean_absolute_error.estimate
    assert ratio.estimate == pytest.approx(expected)
    assert ratio.lower < ratio.estimate < ratio.upper < 0.2


def test_groups_are_states_and_sexes() -> None:
    assert tuple(inferior()) == GROUPS
    assert inferior()["women"].patients + inferior()["men"].patients == len(PATIENTS.pet)
    at_rest = (PATIENTS.virtual_pet - PATIENTS.pet)[:, 1][:, INFERIOR].mean(axis=1)
    assert inferior()["at rest"].virtual_pet.bias == mean_interval(at_rest)
    men_alone = replace(PATIENTS, sexes=["M"] * len(PATIENTS.sexes))
    assert "women" not in {found.group for found in inferior_errors(men_alone)}


def defects(filled: float = 0.0) -> dict[str, DefectErrors]:
    """Measure defects where virtual PET fills a share of each."""
    shown = [replace(defect, virtual_pet=defect.virtual_pet - 40 * filled) for defect in PATIENTS.defects]
    return {found.group: found for found in defect_errors(replace(PATIENTS, defects=shown))}


def test_defects_that_are_kept_are_told_from_those_that_are_filled_in() -> None:
    kept, filled = defects()["all"], defects(filled=0.8)["all"]
    assert (kept.defects, kept.patients) == (20, 20)
    assert kept.are_kept
    assert kept.difference.upper < 0
    assert not kept.virtual_pet.is_biased
    assert filled.virtual_pet.bias.estimate == pytest.approx(-32, abs=2)  # shown too shallow
    assert not filled.are_kept


@pytest.mark.parametrize(("lower", "upper", "are_kept"), [(-3.0, 0.0, True), (-3.0, 0.1, False), (0.1, 3.0, False)])
def test_defects_are_kept_only_where_chance_does_not_explain_it(lower: float, upper: float, are_kept: bool) -> None:
    difference = Interval(estimate=(lower + upper) / 2, lower=lower, upper=upper)
    assert defects()["all"].model_copy(update={"difference": difference}).are_kept is are_kept


def test_depth_is_measured_by_territory() -> None:
    found = defects()
    assert set(found) == {"all", ARTERY, OTHER}
    assert found[ARTERY].spect.bias.estimate == pytest.approx(12, abs=2)  # attenuation makes it deeper
    assert found[OTHER].spect.bias.estimate == pytest.approx(0, abs=2)
    assert found[ARTERY].defects + found[OTHER].defects == found["all"].defects


def test_a_defect_at_stress_and_rest_counts_its_patient_once() -> None:
    twice = [*PATIENTS.defects, *PATIENTS.defects]
    found = next(defect_errors(replace(PATIENTS, defects=twice)))
    assert (found.defects, found.patients) == (40, 20)


def test_without_defects_there_is_no_figure_of_them() -> None:
    assert list(defect_errors(replace(PATIENTS, defects=[]))) == []


def test_sums_of_scores_are_compared_with_those_of_pet() -> None:
    stress, _, difference = score_agreements(PATIENTS)
    assert (stress.score, difference.score) == ("SSS", "SDS")
    truth = PATIENTS.pet_sums[:, 0].astype(float)
    assert stress.spect == agreement(truth, truth + 5)
    assert abs(stress.virtual_pet.bias.estimate) < 0.5


@pytest.fixture(scope="module")
def report() -> PerfusionReport:
    """Return the report of all patients."""
    return perfusion_report(PATIENTS, MODEL, data_set="people", left_out={"not eligible: dark": 2})


def test_segments_that_differ_are_named_for_each_image_and_state(report: PerfusionReport) -> None:
    found = {compared.title: compared.significant for compared in report.segments}
    assert found == {
        "SPECT at stress": (4, 10, 15),
        "SPECT at rest": (4, 10, 15),
        "virtual PET at stress": (),
        "virtual PET at rest": (),
    }


def test_a_report_says_in_words_what_it_holds(report: PerfusionReport) -> None:
    text = str(report)
    assert text.startswith("virtual_pet version 2 on people: 60 patients")
    for part in (
        *GROUPS,
        "error ratio",
        f"{ARTERY}, 10 defects",
        "SPECT at stress",
        "none",
        "SDS",
        "not eligible: dark",
    ):
        assert part in text
    assert report.merit.startswith("inferior segments ")


def test_a_card_has_the_main_figures_with_intervals(report: PerfusionReport) -> None:
    column = report.column()
    assert column["patients"] == "60"
    assert column["inferior segments of SPECT: bias [%]"] == report.inferior[0].spect.bias.cell(2, signed=True)
    assert column["segments of virtual PET at rest that differ from PET"] == "none"


def test_a_record_is_read_back_as_it_was(report: PerfusionReport) -> None:
    assert read_report(report.readable_json(), VIRTUAL_PET.head) == report


def test_the_page_has_a_table_of_each_kind(report: PerfusionReport) -> None:
    tables = list(perfusion_tables(report))
    assert len(tables) == 2 + 4 + 1 + 1
    assert [row[0] for row in tables[0].rows] == list(GROUPS)
    assert len(tables[2].rows) == 17
    assert tables[-1].rows == (("2", "not eligible: dark"),)


def test_too_few_patients_are_refused() -> None:
    with pytest.raises(ValueError, match="three"):
        perfusion_report(measured_patients(2), MODEL, data_set="people", left_out={})
