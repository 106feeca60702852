"""Codes of agents and drugs of perfusion are those of DICOM, and rules that contradict themselves are refused."""

import pytest
from pydantic import ValidationError
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from specs.coding import CodedConcept
from specs.perfusion_pairing import PERFUSION_PAIRING, Role
from specs.perfusion_slices import PERFUSION_SLICES_48, PERFUSION_TRACER, PerfusionSlices
from specs.tracer import FDG


def code(concept: CodedConcept) -> Code:
    return Code(concept.value, concept.scheme, concept.meaning)


def test_agents_are_the_technetium_ones_of_nuclear_cardiology() -> None:
    assert [code(concept) for concept in PERFUSION_TRACER.codes] == [
        codes.cid3111.Tc99mTetrofosmin,
        codes.cid3111.Tc99mSestamibi,
    ]
    assert code(PERFUSION_TRACER.codes[0]) == codes.cid25.TechnetiumTc99mTetrofosmin


def test_stressors_are_those_of_the_standard_without_what_is_only_added_to_one() -> None:
    of_standard = {codes.cid3204.Adenosine, codes.cid3204.AdenosineA2ReceptorAgonist, codes.cid3204.Dipyridamole}
    found = {code(concept) for concept in PERFUSION_PAIRING.stressors}
    assert found == of_standard | {codes.cid3204.Dobutamine}


def test_each_state_is_the_other_of_its_other() -> None:
    assert [role.other for role in Role] == [Role.REST, Role.STRESS]


def test_reasons_call_agents_by_a_name_where_there_are_several() -> None:
    assert PERFUSION_TRACER.shown_name == "tetrofosmin or sestamibi, with 99mTc"
    assert FDG.shown_name == "Fluorodeoxyglucose F^18^"
    assert "name" not in FDG.model_dump()


def test_a_tensor_that_is_not_of_two_states_is_refused() -> None:
    held = PERFUSION_SLICES_48.model_dump()
    held["slices"]["shape"] = (1, *PERFUSION_SLICES_48.slices.shape[1:])
    with pytest.raises(ValidationError, match="not of the slices of two states"):
        PerfusionSlices.model_validate(held)
