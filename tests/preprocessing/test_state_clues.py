"""What a header says of stress or rest is read as it is written, and nothing else is."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from preprocessing.reading import read_dataset
from preprocessing.state_clues import StateClues
from specs.perfusion_pairing import PERFUSION_PAIRING as RULES
from specs.perfusion_pairing import Role
from tests.preprocessing.perfusion_images import agent, drug, perfusion_image, stress_image
from tests.preprocessing.tomography import coded_item


def of(**attributes: Any) -> StateClues:
    return StateClues.of(perfusion_image(**attributes), RULES)


def test_a_header_that_says_all_is_read_in_full() -> None:
    found = StateClues.of(stress_image(), RULES, given=Role.REST)
    assert found == StateClues(
        given=Role.REST,
        injection=datetime(2026, 1, 5, 9),
        acquisition=datetime(2026, 1, 5, 9, 45),
        dose_mbq=250.0,
        stressor=True,
        named=Role.STRESS,
    )


def test_a_header_that_says_nothing_leaves_all_open() -> None:
    bare = of(RadiopharmaceuticalInformationSequence=[], AcquisitionDate=None, AcquisitionTime=None)
    assert bare == StateClues()


@pytest.mark.parametrize(
    ("description", "named"),
    [
        ("STRESS TF SPECT", Role.STRESS),
        ("stress_sa", Role.STRESS),
        ("Str MIBI 2", Role.STRESS),
        ("EXERCISE", Role.STRESS),
        ("負荷時 短軸", Role.STRESS),
        ("Belastung", Role.STRESS),
        ("REST", Role.REST),
        ("RST1", Role.REST),
        ("安静", Role.REST),
        ("Rest/Stress SPECT", None),
        ("RESTORED", None),
        ("Arrest", None),
        ("Structure", None),
        ("Myocardium", None),
        (None, None),
    ],
)
def test_words_of_the_description_are_whole_words(description: str | None, named: Role | None) -> None:
    changed = {} if description is None else {"SeriesDescription": description}
    assert of(**changed).named is named


@pytest.mark.parametrize(
    ("code", "name", "is_stressor"),
    [
        (codes.cid3204.Adenosine, "", True),
        (codes.cid3204.AdenosineA2ReceptorAgonist, "Rapiscan", True),
        (Code("66859009", "SCT", "whatever"), "", True),
        (codes.cid3204.Atropine, "", False),
        (codes.cid10.Nitroglycerin, "", False),
        (None, "REGADENOSON 0.4 mg", True),
        (None, "adenosine", True),
        (None, "Nitroglycerin", False),
        (None, "", False),
    ],
)
def test_drugs_of_stress_are_told_from_others(code: Code | None, name: str, is_stressor: bool) -> None:
    item = drug(InterventionDrugName=name)
    if code is not None:
        item.InterventionDrugCodeSequence = [coded_item(code)]
    assert of(InterventionDrugInformationSequence=[item]).stressor is is_stressor


@pytest.mark.parametrize(
    ("start", "injection", "is_about"),
    [
        ("085700", "090000", True),
        ("090000", "090000", True),
        ("083000", "090000", True),
        ("082900", "090000", False),
        ("090500", "090000", False),
        ("130000", "090000", False),
        ("235800", "000200", True),
        ("", "090000", True),
    ],
)
def test_a_drug_that_was_given_for_the_other_state_tells_nothing(start: str, injection: str, is_about: bool) -> None:
    tracer = agent(RadiopharmaceuticalStartTime=injection)
    found = of(
        AcquisitionDate="20260105",
        AcquisitionTime="100000",
        RadiopharmaceuticalInformationSequence=[tracer],
        InterventionDrugInformationSequence=[drug(InterventionDrugStartTime=start)],
    )
    assert found.stressor is is_about


def test_an_injection_without_a_date_was_on_the_day_of_the_acquisition_or_on_the_day_before() -> None:
    for clock, day in (("093000", 5), ("233000", 4)):
        found = of(
            AcquisitionDate="20260105",
            AcquisitionTime="100000",
            RadiopharmaceuticalInformationSequence=[agent(RadiopharmaceuticalStartTime=clock)],
        )
        assert found.injection == datetime(2026, 1, day, int(clock[:2]), 30)


def test_a_stated_moment_is_believed_before_a_time_of_day() -> None:
    tracer = agent(RadiopharmaceuticalStartDateTime="20260103101500", RadiopharmaceuticalStartTime="093000")
    assert of(RadiopharmaceuticalInformationSequence=[tracer]).injection == datetime(2026, 1, 3, 10, 15)


@pytest.mark.parametrize("dose", [0.0, -1.0, None])
def test_a_dose_of_nothing_is_unknown(dose: float | None) -> None:
    tracer = agent() if dose is None else agent(RadionuclideTotalDose=dose)
    assert of(RadiopharmaceuticalInformationSequence=[tracer]).dose_mbq is None


def patient_state(*states: Code) -> list[Dataset]:
    found = []
    for state in states:
        item = Dataset()
        item.ConceptNameCodeSequence = [coded_item(codes.DCM.PatientState)]
        item.ConceptCodeSequence = [coded_item(state)]
        found.append(item)
    return found


@pytest.mark.parametrize(
    ("states", "role"),
    [
        ([codes.cid3101.CardiacStressState], Role.STRESS),
        ([codes.cid3101.RestingState], Role.REST),
        ([Code("F-05019", "SRT", "Cardiac Stress State")], Role.STRESS),
        ([Code("F-01604", "99SDM", "Resting State")], Role.REST),
        ([codes.cid3101.RedistributionState], None),
        ([codes.cid3101.RestingState, codes.cid3101.CardiacStressState], None),
        ([], None),
    ],
)
def test_the_patient_state_is_read_in_new_codes_and_old_ones(states: list[Code], role: Role | None) -> None:
    assert of(AcquisitionContextSequence=patient_state(*states)).coded is role


def test_only_the_patient_state_of_the_acquisition_context_is_one() -> None:
    (item,) = patient_state(codes.cid3101.RestingState)
    item.ConceptNameCodeSequence = [coded_item(codes.DCM.PatientPosition)]
    assert of(AcquisitionContextSequence=[item]).coded is None


def test_of_a_real_acquisition_the_old_code_of_stress_is_read(samples: Path) -> None:
    ds = read_dataset((samples / "spect" / "RIMD_case_NM_00001.dcm").read_bytes())
    assert StateClues.of(ds, RULES).coded is Role.STRESS
