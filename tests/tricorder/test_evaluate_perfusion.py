"""A perfusion model is measured through the whole client, against the phantoms' own PET."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from client.engine import ServedModel, TensorValue
from client.scoring import ScoringSettings
from evaluation.errors import TooFewStudies
from phantoms import Part, PerfusionState, Site, perfusion_cohort
from preprocessing.perfusion_study import shares_on_wire
from specs.perfusion_slices import PERFUSION_SLICES_48
from specs.virtual_pet import VIRTUAL_PET
from tests.client.perfusion import served
from tricorder.evaluate_perfusion import MeasuredPerfusion, evaluate_perfusion
from tricorder.perfusion_content import perfusion_content

PATIENTS = 7
"""From the start of the test part at site A: the first in which two are without disease."""


class Unchanging:
    """An engine whose one model answers with the SPECT that it is given."""

    def is_live(self) -> bool:
        return True

    def model_names(self) -> tuple[str, ...]:
        return (VIRTUAL_PET.name,)

    def served_model(self, name: str) -> ServedModel:
        return served()

    def infer(
        self, model: ServedModel, inputs: Mapping[str, TensorValue], outputs: Sequence[str]
    ) -> dict[str, TensorValue]:
        (given,) = inputs.values()
        return {name: shares_on_wire(given.astype(np.uint16), PERFUSION_SLICES_48) for name in outputs}


def evaluated(count: int) -> MeasuredPerfusion:
    return evaluate_perfusion(Unchanging(), served(), ScoringSettings(workers=1), count=count, site=Site.A)


@pytest.fixture(scope="module")
def measured() -> MeasuredPerfusion:
    """Return what is measured of a model that changes nothing."""
    return evaluated(PATIENTS)


def test_a_model_that_changes_nothing_errs_as_spect_does(measured: MeasuredPerfusion) -> None:
    for patient in measured.patients:
        np.testing.assert_allclose(patient.virtual_pet, patient.spect, atol=0.05)  # the wire's steps
        for defect in patient.defects:
            assert defect.virtual_pet == pytest.approx(defect.spect, abs=0.05)
    found = measured.report.inferior[0]
    assert found.error_ratio is not None
    assert found.error_ratio.estimate == pytest.approx(1, abs=0.01)
    assert found.spect.bias.estimate < -5
    assert measured.report.defects[0].difference.estimate == pytest.approx(0, abs=0.05)


def test_pet_shows_what_is_true(measured: MeasuredPerfusion) -> None:
    cohort = perfusion_cohort(Part.TEST, count=PATIENTS)
    for patient, phantom in zip(measured.patients, cohort, strict=True):
        assert (patient.name, patient.truth) == (f"{phantom.index}", phantom.truth)
        for place, state in enumerate(PerfusionState):
            np.testing.assert_allclose(patient.pet[place, 6:], phantom.pet_percent(state)[6:], atol=8)


def test_every_defect_is_measured_at_each_state_at_which_it_is_there(measured: MeasuredPerfusion) -> None:
    for patient in measured.patients:
        there = [
            (defect, state) for state in PerfusionState for defect in patient.truth.defects if defect.depth(state) > 0
        ]
        assert len(patient.defects) == len(there)
        for shown, (defect, state) in zip(patient.defects, there, strict=True):
            # Its mean over the places that it fills, blurred, beside natural variation: below the depth in its middle.
            assert 0 < shown.pet < 100 * defect.depth(state) + 12
            assert shown.territory == defect.artery.value
    deepest = max(shown.pet for patient in measured.patients for shown in patient.defects)
    assert deepest > 25


def test_the_report_counts_everyone(measured: MeasuredPerfusion) -> None:
    report = measured.report
    assert report.patients == len(measured.patients) == PATIENTS
    assert report.data_set == f"phantom perfusion, test 0-{PATIENTS - 1}"
    assert report.left_out == {}
    assert report.contract_sha256 == served().contract_sha256


def test_what_is_left_in_a_folder_has_a_row_a_patient_and_state(measured: MeasuredPerfusion) -> None:
    content = perfusion_content(measured)
    header, *rows = content.answers
    assert len(header) == 2 + 3 * 17
    assert [(row[0], row[1]) for row in rows[:2]] == [("0", "stress"), ("0", "rest")]
    assert len(rows) == 2 * PATIENTS
    assert set(content.pictures) == {"segments_stress", "segments_rest"}


def test_too_few_people_without_disease_are_refused() -> None:
    with pytest.raises(TooFewStudies, match="1 patients, 0 of them without disease"):
        evaluated(1)
