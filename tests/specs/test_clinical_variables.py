"""What holds for every variable that is declared."""

import re

import pytest
from pydantic import ValidationError
from pydicom.sr.codedict import codes

from specs.clinical_variables import ClinicalVariables, GradeVariable, NumberVariable
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME
from specs.heart_failure_variables import HEART_FAILURE_VARIABLES as RECIPE
from specs.tabular import TabularSpec
from specs.tensors import ElementType, Tensor

SOURCE_VARIABLES = 13
"""Of the Nakajima report."""


def every_code() -> list[tuple[str, str]]:
    concepts = [code for item in (*RECIPE.measurements, *RECIPE.categories) for code in item.codes]
    return [(code.scheme, code.value) for code in concepts]


def test_there_are_the_variables_of_the_source() -> None:
    assert len(RECIPE.variables) == SOURCE_VARIABLES
    assert RECIPE.input == RECIPE.features
    assert RECIPE.input.element_type is ElementType.FLOAT32


def test_no_code_means_two_things_and_each_is_of_a_declared_system() -> None:
    found = every_code()
    assert len(set(found)) == len(found)
    assert {scheme for scheme, _ in found} == {system.scheme for system in RECIPE.code_systems}


def test_local_codes_are_of_a_scheme_that_says_so() -> None:
    for system in RECIPE.code_systems:
        assert system.is_local == system.scheme.startswith("99")
        assert re.match(r"(http://(loinc\.org|snomed\.info)|urn:uuid:)", system.uri)


def test_a_code_that_the_standard_dictionary_has_means_the_same_there() -> None:
    known = {
        (scheme, code.value): code.meaning.lower()
        for scheme in ("LN", "SCT")
        for code in getattr(codes, scheme).concepts.values()
    }
    found = [code for code in every_code() if code in known]
    assert ("SCT", "38341003") in found
    assert ("SCT", "414545008") in found
    assert ("LN", "18043-0") in found


def test_loinc_codes_have_their_check_digit() -> None:
    for scheme, value in every_code():
        if scheme == "LN":
            digits, _, check = value.partition("-")
            assert check == str(luhn(digits)), value


def luhn(digits: str) -> int:
    """Return the Mod 10 check digit of LOINC's numbers."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10


def test_snomed_codes_have_their_check_digit() -> None:
    for scheme, value in every_code():
        if scheme == "SCT":
            assert verhoeff(value) == 0, value


def verhoeff(digits: str) -> int:
    """Return 0 for a SNOMED CT identifier whose last digit checks the others."""
    permutation = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    table = [*permutation]
    for _ in range(6):
        table.append([table[-1][place] for place in permutation[1]])
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = dihedral(check, table[place % 8][int(digit)])
    return check


def dihedral(first: int, second: int) -> int:
    """Multiply in the dihedral group of order 10."""
    if first < 5:
        return (first + second) % 5 if second < 5 else 5 + (first + second - 5) % 5
    return 5 + (first - second - 5) % 5 if second < 5 else (first - second) % 5


def test_ranges_hold_their_boundaries() -> None:
    for variable in RECIPE.variables:
        if isinstance(variable, GradeVariable):
            for graded in variable.measurements:
                assert graded.measurement.lowest < graded.boundaries[0]
                assert graded.boundaries[-1] < graded.measurement.highest
    assert all(measurement.lowest < measurement.highest for measurement in RECIPE.measurements)


def test_a_recipe_that_does_not_fit_its_tensor_or_names_a_variable_twice_is_refused() -> None:
    declared = RECIPE.model_dump()
    with pytest.raises(ValidationError, match="one place for each variable"):
        ClinicalVariables.model_validate(
            declared | {"features": Tensor(name="x", element_type=ElementType.FLOAT32, shape=(12,))}
        )
    with pytest.raises(ValidationError, match="one name"):
        ClinicalVariables.model_validate(declared | {"variables": [RECIPE.variables[0], *RECIPE.variables[:12]]})
    with pytest.raises(ValidationError, match="stands before it"):
        ClinicalVariables.model_validate(declared | {"variables": RECIPE.variables[::-1]})


def test_a_spec_whose_parts_do_not_belong_together_is_refused() -> None:
    declared = HEART_FAILURE_OUTCOME.model_dump()
    with pytest.raises(ValidationError, match="lacks a variable"):
        TabularSpec.model_validate(declared | {"background": [[1.0, 2.0]]})
    with pytest.raises(ValidationError, match="does not take"):
        TabularSpec.model_validate(declared | {"head": declared["head"] | {"curve_variable": "weight"}})


def test_the_cut_offs_are_the_published_ones() -> None:
    cut_offs = {outcome.name: outcome.high_risk_above for outcome in HEART_FAILURE_OUTCOME.head.outcomes}
    assert cut_offs == {"heart_failure_death": 0.15, "arrhythmic_event": 0.11, "survival": None}


def test_one_variable_is_derived() -> None:
    derived = [item.name for item in RECIPE.variables if isinstance(item, NumberVariable) and item.equation]
    assert derived == ["egfr"]
