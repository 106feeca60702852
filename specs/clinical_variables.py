"""Variables of a patient as the input of a tabular model, declared as data.

A recipe of variables names every unit, range, word and code that is accepted. `preprocessing/` carries it out.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from specs.coding import CodedConcept
from specs.declared import Declared
from specs.tensors import Tensor


class CodeSystem(Declared):
    """A coding scheme under the two names that it has: DICOM's designator and FHIR's URI."""

    scheme: str = Field(description="Coding Scheme Designator (0008,0102); those that begin with 99 are local.")
    uri: str = Field(description="Coding.system of FHIR.")
    is_local: bool = Field(
        default=False,
        description="Whether this project defines its codes: the titles of the variables say what they mean.",
    )


class OtherUnit(Declared):
    """A unit that is converted."""

    unit: str = Field(description="UCUM code, case-sensitive.")
    factor: float = Field(gt=0, description="A value in this unit times the factor is in the unit of the measurement.")


class Measurement(Declared):
    """A number with its unit and the range beyond which it is a typing error or a wrong unit."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Column of a table.")
    title: str
    unit: str = Field(description="UCUM code; also what a number without a unit is in.")
    other_units: tuple[OtherUnit, ...] = ()
    lowest: float = Field(description="Least plausible value.")
    highest: float = Field(description="Largest plausible value.")
    ambiguous_below: float | None = Field(
        default=None,
        gt=0,
        exclude_if=lambda bound: bound is None,
        description="A number nearer to 0 than this, and not 0, is refused unless its unit is stated: it may be a "
        "fraction where the unit is %.",
    )
    codes: tuple[CodedConcept, ...] = Field(
        default=(), description="Of a FHIR Observation; empty where no code of a standard means it."
    )

    def factor(self, unit: str | None) -> float | None:
        """Return what a value in a unit is multiplied with; None where the unit is not accepted."""
        factors = {None: 1.0, self.unit: 1.0} | {other.unit: other.factor for other in self.other_units}
        return factors.get(unit)

    def is_ambiguous(self, value: float, unit: str | None) -> bool:
        """Tell whether a value may be meant in another unit than the one that it is taken to be in."""
        return unit is None and self.ambiguous_below is not None and 0 < abs(value) < self.ambiguous_below

    @property
    def accepted(self) -> str:
        """What is accepted, for messages."""
        bounds = f"{self.lowest:g} to {self.highest:g}"
        if self.unit == "1":
            return f"{bounds}, without a unit"
        units = " or ".join([self.unit, *(other.unit for other in self.other_units)])
        return f"{bounds} {self.unit}, given in {units}"


class CreatinineEquation(Declared):
    """Estimated glomerular filtration rate: coefficient x creatinine^a x age^b, times a factor for women.

    Creatinine in mg/dL, age in years, the result in mL/min/1.73 m2.
    """

    creatinine: Measurement
    age: str = Field(description="Name of the variable.")
    sex: str = Field(description="Name of the variable.")
    female: float = Field(description="Value of that variable for women.")
    coefficient: float
    creatinine_exponent: float
    age_exponent: float
    female_factor: float
    source: str


class NumberVariable(Declared):
    """A variable that enters the tensor as the number itself, in the unit of its measurement."""

    kind: Literal["number"] = "number"
    measurement: Measurement
    equation: CreatinineEquation | None = Field(default=None, description="What derives it where it is not given.")

    @property
    def name(self) -> str:
        """Name of the variable."""
        return self.measurement.name

    @property
    def title(self) -> str:
        """What it is, for people."""
        return self.measurement.title


class Choice(Declared):
    """One of the values that a category takes."""

    name: str
    value: float = Field(description="What stands in the tensor.")
    words: tuple[str, ...] = Field(description="How tables and FHIR write it, in lower case.")
    codes: tuple[CodedConcept, ...] = Field(default=(), description="Of the value of a FHIR Observation.")


class CategoryVariable(Declared):
    """A variable that takes one of a few values."""

    kind: Literal["category"] = "category"
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Column of a table.")
    title: str
    choices: tuple[Choice, ...] = Field(min_length=2)
    codes: tuple[CodedConcept, ...] = Field(default=(), description="Of a FHIR Observation.")

    @property
    def accepted(self) -> str:
        """What is accepted, for messages."""
        return " or ".join(choice.words[0] for choice in self.choices)


class ConditionVariable(Declared):
    """A disease or state that is present (1) or absent (0) in the tensor; what nothing is said of is missing."""

    kind: Literal["condition"] = "condition"
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Column of a table.")
    title: str
    present_words: tuple[str, ...]
    absent_words: tuple[str, ...]
    codes: tuple[CodedConcept, ...] = Field(
        description="Of a FHIR Condition that is active, or refuted, or of an Observation that is true or false."
    )

    @property
    def accepted(self) -> str:
        """What is accepted, for messages."""
        return f"{self.present_words[0]} or {self.absent_words[0]}"


class GradedMeasurement(Declared):
    """A measurement with the boundaries of its grades, each the least value of the next grade."""

    measurement: Measurement
    boundaries: tuple[float, ...] = Field(min_length=1)


class GradeVariable(Declared):
    """A grade, 0 and up in the tensor, of whichever of several equivalent measurements is given; never of two."""

    kind: Literal["grade"] = "grade"
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    measurements: tuple[GradedMeasurement, ...] = Field(min_length=2)
    source: str

    @model_validator(mode="after")
    def _grades_are_the_same(self) -> Self:
        if len({len(graded.boundaries) for graded in self.measurements}) != 1:
            raise ValueError("equivalent measurements have the same number of grades")
        if any(list(graded.boundaries) != sorted(set(graded.boundaries)) for graded in self.measurements):
            raise ValueError("boundaries rise")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of a table, one of which is given."""
        return tuple(graded.measurement.name for graded in self.measurements)


Variable = Annotated[NumberVariable | CategoryVariable | ConditionVariable | GradeVariable, Field(discriminator="kind")]
"""The closed union of variables; a consumer matches on it and ends in `assert_never`."""


class PatientElements(Declared):
    """Which variables a FHIR Patient states: birth date and gender."""

    age: str = Field(description="Whole years at the date of the dated measurement.")
    sex: str
    dated: str = Field(description="Measurement whose date is that of the examination; the newest of a patient.")


class ClinicalVariables(Declared):
    """A patient as a row of numbers. Nothing is imputed: a patient who lacks a variable is not eligible.

    The order of the variables is that of the tensor, whose one axis is (variable,).
    """

    kind: Literal["clinical_variables"] = "clinical_variables"
    features: Tensor = Field(
        description="Input tensor, one axis (variable,), in the units and coding of the variables."
    )
    variables: tuple[Variable, ...] = Field(min_length=1)
    patient: PatientElements
    code_systems: tuple[CodeSystem, ...]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.features.shape != (len(self.variables),):
            raise ValueError("the tensor has one place for each variable")
        if len(set(self.columns)) != len(self.columns):
            raise ValueError("two variables have one name")
        for place, variable in enumerate(self.variables):
            equation = variable.equation if isinstance(variable, NumberVariable) else None
            if equation is not None and not {equation.age, equation.sex} <= set(self.names[:place]):
                raise ValueError("what a variable is derived from stands before it")
        return self

    @property
    def input(self) -> Tensor:
        """The input tensor."""
        return self.features

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables, in the order of the tensor."""
        return tuple(variable.name for variable in self.variables)

    @property
    def measurements(self) -> tuple[Measurement, ...]:
        """Everything that is measured in a unit, those included from which a variable is derived."""
        found: list[Measurement] = []
        for variable in self.variables:
            if isinstance(variable, NumberVariable):
                found += [variable.measurement, *([variable.equation.creatinine] if variable.equation else [])]
            elif isinstance(variable, GradeVariable):
                found += [graded.measurement for graded in variable.measurements]
        return tuple(found)

    @property
    def categories(self) -> tuple[CategoryVariable | ConditionVariable, ...]:
        """Everything that is said in words."""
        return tuple(
            variable for variable in self.variables if isinstance(variable, CategoryVariable | ConditionVariable)
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names that a table may have."""
        return tuple(item.name for item in (*self.measurements, *self.categories))
