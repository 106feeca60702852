"""What the committed weights of volumes are worth on held-out phantoms: `make evaluation-records` writes it."""

import pytest

from client.in_process import InProcessEngine
from evaluation.evaluation_records import Report, read_report
from evaluation.interval import Interval
from evaluation.organ_report import OrganReport
from evaluation.perfusion_report import PerfusionReport
from phantoms import Site
from specs import SPECS
from specs.mibg_organs import MIBG_ORGANS
from specs.virtual_pet import VIRTUAL_PET
from specs.volume import VolumeSpec
from tests.conftest import CLONE
from tests.generated import evaluation_record
from tests.tricorder.conftest import Tricorder

FEWEST_PATIENTS = 200
LONGEST_EVALUATION_S = 3600
LEAST_DICE = {"heart": 0.85, "lungs": 0.90, "liver": 0.90}
LEAST_DICE_OF_FAINT_HEARTS = 0.75
LEAST_R2_OF_COUNTS = 0.9
LARGEST_ERROR_RATIO = 0.5

sites = pytest.mark.parametrize("site", list(Site))
volume_models = pytest.mark.parametrize(
    "spec", [spec for spec in SPECS.values() if isinstance(spec, VolumeSpec)], ids=lambda spec: spec.name
)


def perfusion_record(site: Site = Site.A) -> PerfusionReport:
    report = evaluation_record(VIRTUAL_PET, site)
    assert isinstance(report, PerfusionReport)
    return report


def organ_record(site: Site = Site.A) -> OrganReport:
    report = evaluation_record(MIBG_ORGANS, site)
    assert isinstance(report, OrganReport)
    return report


def known(interval: Interval | None) -> Interval:
    assert interval is not None
    return interval


@sites
@volume_models
def test_each_site_has_a_record_of_the_committed_weights_on_enough_patients(spec: VolumeSpec, site: Site) -> None:
    report = evaluation_record(spec, site)
    with InProcessEngine(CLONE / "model_repository") as engine:
        assert report.contract_sha256 == engine.served_model(spec.name).contract_sha256
    assert report.studies >= FEWEST_PATIENTS
    assert ("site B" in report.data_set) == (site is Site.B)


@sites
def test_the_error_of_inferior_segments_is_cut_by_half(site: Site) -> None:
    found = perfusion_record(site).inferior[0]
    assert found.group == "all"
    ratio = found.virtual_pet.mean_absolute_error.estimate / found.spect.mean_absolute_error.estimate
    assert ratio <= LARGEST_ERROR_RATIO


def test_spect_is_biased_in_inferior_segments() -> None:
    assert perfusion_record().inferior[0].spect.is_biased


def test_virtual_pet_is_not_biased_in_inferior_segments() -> None:
    found = perfusion_record().inferior[0]
    assert not found.virtual_pet.is_biased


def test_true_defects_are_kept() -> None:
    found = perfusion_record().defects[0]
    assert found.group == "all"
    assert found.are_kept


@sites
def test_organs_are_found_at_either_site(site: Site) -> None:
    report = organ_record(site)
    assert {organ.organ for organ in report.organs} == set(LEAST_DICE)
    for organ in report.organs:
        assert known(organ.dice).estimate >= LEAST_DICE[organ.organ]


@pytest.mark.parametrize(
    "site",
    [
        Site.A,
        pytest.param(
            Site.B, marks=pytest.mark.xfail(reason="short of it where the weights were not fitted", strict=True)
        ),
    ],
)
def test_hearts_with_almost_no_uptake_are_found(site: Site) -> None:
    assert known(organ_record(site).faint_heart_dice).estimate >= LEAST_DICE_OF_FAINT_HEARTS


@sites
def test_heart_counts_follow_the_true_uptake(site: Site) -> None:
    report = organ_record(site)
    assert known(report.early_counts_r2).estimate >= LEAST_R2_OF_COUNTS
    assert known(report.late_counts_r2).estimate >= LEAST_R2_OF_COUNTS


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_EVALUATION_S)
@volume_models
def test_evaluating_again_gives_the_record(tricorder: Tricorder, spec: VolumeSpec) -> None:
    record = evaluation_record(spec)
    options = ("--data", f"phantoms:{record.studies}", "--in-process", "--json")
    done = tricorder("evaluate", spec.name, *options, timeout_s=LONGEST_EVALUATION_S)
    assert done.returncode == 0, done.stderr
    again = read_report(done.stdout, spec.head)
    assert again.studies == record.studies
    assert merits(again) == pytest.approx(merits(record), rel=0.02)  # other processors round otherwise


def merits(report: Report) -> list[float]:
    """Return the figures by which a model is judged."""
    if isinstance(report, PerfusionReport):
        inferior, defects = report.inferior[0], report.defects[0]
        return [
            each.mean_absolute_error.estimate
            for each in (inferior.spect, inferior.virtual_pet, defects.spect, defects.virtual_pet)
        ]
    assert isinstance(report, OrganReport)
    return [*(known(organ.dice).estimate for organ in report.organs), known(report.late_counts_r2).estimate]
