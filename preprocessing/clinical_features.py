"""A patient's record as the input tensor of a tabular model, or the reasons why there is none. Nothing is imputed."""

import re
from dataclasses import dataclass, field
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from preprocessing.clinical_record import ClinicalRecord
from preprocessing.eligibility import NotEligible
from preprocessing.identity import Identity
from specs.clinical_variables import (
    CategoryVariable,
    ClinicalVariables,
    ConditionVariable,
    CreatinineEquation,
    GradeVariable,
    Measurement,
    NumberVariable,
    Variable,
)

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
"""What counts as a number. A decimal comma does not: "1,500" would have two meanings."""


@dataclass(frozen=True, kw_only=True)
class PreparedRecord:
    """A patient as a row of numbers.

    `tensor` has one axis (variable,), in the order, units and coding of the recipe. A record has no UIDs.
    """

    tensor: NDArray[np.float32]
    identity: Identity = field(default_factory=Identity)


def prepare_record(record: ClinicalRecord, recipe: ClinicalVariables) -> PreparedRecord | NotEligible:
    """Turn a record into the input tensor, or name everything that is missing or cannot be used.

    A reason names the variable and what is accepted, never the value, which is patient data.

    Args:
        record: What is given.
        recipe: Variables in the order of the tensor.
    """
    reader = _Reader(record)
    for variable in recipe.variables:
        reader.found[variable.name] = reader.value(variable)
    reasons = reader.reasons()
    if reasons:
        return NotEligible(identity=Identity(), reasons=reasons)
    return PreparedRecord(tensor=np.array(list(reader.found.values()), dtype=recipe.features.element_type))


def filtration_rate(
    equation: CreatinineEquation, *, creatinine_mg_dl: float, age_years: float, is_female: bool
) -> float:
    """Estimate the glomerular filtration rate.

    Args:
        equation: The equation.
        creatinine_mg_dl: Of serum, mg/dL.
        age_years: Age in years.
        is_female: Whether the factor for women is applied.

    Returns:
        mL/min/1.73 m2.

    Source:
        The equation's own.
    """
    rate: float = (
        equation.coefficient * creatinine_mg_dl**equation.creatinine_exponent * age_years**equation.age_exponent
    )
    return rate * equation.female_factor if is_female else rate


@dataclass
class _Reader:
    """Reads one record and remembers what is wrong with it."""

    record: ClinicalRecord
    found: dict[str, float | None] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def reasons(self) -> tuple[str, ...]:
        missing = (f"missing: {', '.join(self.missing)}",) if self.missing else ()
        return (*missing, *dict.fromkeys(self.faults))

    def value(self, variable: Variable) -> float | None:
        """Return what stands in the tensor; None after a reason was noted."""
        match variable:
            case NumberVariable():
                return self._number(variable)
            case CategoryVariable():
                choices = {word: choice.value for choice in variable.choices for word in choice.words}
                return self._chosen(variable, choices)
            case ConditionVariable():
                present, absent = dict.fromkeys(variable.present_words, 1.0), dict.fromkeys(variable.absent_words, 0.0)
                return self._chosen(variable, present | absent)
            case GradeVariable():
                return self._grade(variable)
            case _:
                assert_never(variable)

    def _number(self, variable: NumberVariable) -> float | None:
        if self._is_given(variable.name):
            return self._measured(variable.measurement)
        if variable.equation is None:
            self.missing.append(variable.name)
            return None
        return self._derived(variable, variable.equation)

    def _derived(self, variable: NumberVariable, equation: CreatinineEquation) -> float | None:
        """Estimate the filtration rate; where age or sex cannot be used, their own reasons say so."""
        if not self._is_given(equation.creatinine.name):
            self.missing.append(f"{variable.name} or {equation.creatinine.name}")
            return None
        creatinine = self._measured(equation.creatinine)
        age, sex = self.found.get(equation.age), self.found.get(equation.sex)
        if creatinine is None or age is None or sex is None:
            return None
        rate = filtration_rate(equation, creatinine_mg_dl=creatinine, age_years=age, is_female=sex == equation.female)
        measurement = variable.measurement
        if measurement.lowest <= rate <= measurement.highest:
            return rate
        derived = f"{variable.name} derived from {equation.creatinine.name}"
        self.faults.append(f"{derived} is out of range (accepted: {measurement.accepted})")
        return None

    def _chosen(self, variable: CategoryVariable | ConditionVariable, choices: dict[str, float]) -> float | None:
        given = self.record.given(variable.name)
        if given is None and variable.name not in self.record.contradictory:
            self.missing.append(variable.name)
            return None
        if self._is_contradictory(variable.name):
            return None
        value = choices.get(given.word) if given else None
        if value is None:
            self.faults.append(f"{variable.name} is none of the accepted words ({variable.accepted})")
        return value

    def _grade(self, variable: GradeVariable) -> float | None:
        given = [graded for graded in variable.measurements if self._is_given(graded.measurement.name)]
        if not given:
            self.missing.append(" or ".join(variable.names))
            return None
        if len(given) > 1:
            self.faults.append(f"{' and '.join(variable.names)} are given at once (accepted: one of them)")
            return None
        value = self._measured(given[0].measurement)
        return None if value is None else float(np.searchsorted(given[0].boundaries, value, side="right"))

    def _is_given(self, name: str) -> bool:
        return self.record.given(name) is not None or name in self.record.contradictory

    def _is_contradictory(self, name: str) -> bool:
        if name in self.record.contradictory:
            self.faults.append(f"{name} is given more than once, and differently")
        return name in self.record.contradictory

    def _measured(self, measurement: Measurement) -> float | None:
        """Read a number that is given, in the unit of its measurement."""
        given = self.record.given(measurement.name)
        if self._is_contradictory(measurement.name) or given is None:
            return None
        factor = measurement.factor(given.unit)
        text = given.text.strip()
        if factor is None:
            self.faults.append(f"{measurement.name} is in another unit (accepted: {measurement.accepted})")
        elif not _NUMBER.fullmatch(text):
            self.faults.append(f"{measurement.name} is no number (accepted: {measurement.accepted})")
        elif not measurement.lowest <= float(text) * factor <= measurement.highest:
            self.faults.append(f"{measurement.name} is out of range (accepted: {measurement.accepted})")
        elif measurement.is_ambiguous(float(text), given.unit):
            self.faults.append(f"{measurement.name} may be a fraction (state its unit: [{measurement.unit}])")
        else:
            return float(text) * factor
        return None
