"""The thirteen variables of the heart-failure outcome model.

The names are the source's; units, ranges, words, codes and coding are not in it: our choice. LOINC and SNOMED CT
codes: pydicom's code dictionary (hypertension, ischemic heart disease, ejection fraction by ultrasound), the US Core
and registry guides of HL7 (creatinine, NYHA class), loinc.org (NT-proBNP), laboratories' published test catalogs (BNP),
value sets in public implementation guides (the rest). MIBG has no LOINC code that could be found: a local one.
"""

from specs.clinical_variables import (
    CategoryVariable,
    Choice,
    ClinicalVariables,
    CodeSystem,
    ConditionVariable,
    CreatinineEquation,
    GradedMeasurement,
    GradeVariable,
    Measurement,
    NumberVariable,
    OtherUnit,
    PatientElements,
)
from specs.coding import CodedConcept
from specs.tensors import ElementType, Tensor

_LOCAL_SCHEME = "99TRICORDER"

_PRESENT = ("yes", "y", "true", "1", "present")
_ABSENT = ("no", "n", "false", "0", "absent")

_AGE = Measurement(
    name="age",
    title="age",
    unit="a",
    other_units=(OtherUnit(unit="years", factor=1.0), OtherUnit(unit="mo", factor=1 / 12)),
    lowest=18.0,
    highest=110.0,
)

_CREATININE = Measurement(
    name="creatinine",
    title="serum creatinine",
    unit="mg/dL",
    other_units=(OtherUnit(unit="umol/L", factor=1 / 88.42), OtherUnit(unit="µmol/L", factor=1 / 88.42)),
    lowest=0.2,
    highest=20.0,
    codes=(CodedConcept(value="2160-0", scheme="LN", meaning="Creatinine [Mass/volume] in Serum or Plasma"),),
)

_FILTRATION = Measurement(
    name="egfr",
    title="estimated glomerular filtration rate by the Japanese equation",
    unit="mL/min/{1.73_m2}",
    other_units=(OtherUnit(unit="mL/min/1.73m2", factor=1.0), OtherUnit(unit="mL/min/1.73 m2", factor=1.0)),
    lowest=1.0,
    highest=200.0,
)
"""Without a code: those of LOINC name the MDRD, CKD-EPI or another equation, whose values are not the same."""

_EJECTION_FRACTION = Measurement(
    name="lvef",
    title="left-ventricular ejection fraction",
    unit="%",
    lowest=5.0,
    highest=90.0,
    codes=(
        CodedConcept(value="10230-1", scheme="LN", meaning="Left ventricular Ejection fraction"),
        CodedConcept(value="18043-0", scheme="LN", meaning="Left Ventricular Ejection Fraction by US"),
    ),
)

_HEMOGLOBIN = Measurement(
    name="hemoglobin",
    title="hemoglobin",
    unit="g/dL",
    other_units=(OtherUnit(unit="g/L", factor=0.1),),
    lowest=3.0,
    highest=25.0,
    codes=(CodedConcept(value="718-7", scheme="LN", meaning="Hemoglobin [Mass/volume] in Blood"),),
)

_HEART_TO_MEDIASTINUM = Measurement(
    name="late_hm_ratio",
    title="late heart-to-mediastinum ratio of 123I-MIBG, standardized to a medium-energy collimator",
    unit="1",
    other_units=(OtherUnit(unit="{ratio}", factor=1.0),),
    lowest=0.9,
    highest=5.0,
    codes=(CodedConcept(value="MIBG-LATE-HMR", scheme=_LOCAL_SCHEME, meaning="MIBG late heart-to-mediastinum ratio"),),
)

_WASHOUT = Measurement(
    name="washout_rate",
    title="washout rate of 123I-MIBG",
    unit="%",
    lowest=-50.0,
    highest=100.0,
    ambiguous_below=1.0,
    codes=(CodedConcept(value="MIBG-WR", scheme=_LOCAL_SCHEME, meaning="MIBG washout rate"),),
)

_BNP = Measurement(
    name="bnp",
    title="brain natriuretic peptide",
    unit="pg/mL",
    other_units=(OtherUnit(unit="ng/L", factor=1.0), OtherUnit(unit="pmol/L", factor=3.464)),
    lowest=1.0,
    highest=20_000.0,
    codes=(
        CodedConcept(value="30934-4", scheme="LN", meaning="Natriuretic peptide B [Mass/volume] in Serum or Plasma"),
    ),
)

_NT_PROBNP = Measurement(
    name="nt_probnp",
    title="N-terminal pro-brain natriuretic peptide",
    unit="pg/mL",
    other_units=(OtherUnit(unit="ng/L", factor=1.0), OtherUnit(unit="pmol/L", factor=8.457)),
    lowest=1.0,
    highest=200_000.0,
    codes=(CodedConcept(value="33762-6", scheme="LN", meaning="NT-proBNP [Mass/volume] in Serum or Plasma"),),
)


def _condition(name: str, title: str, code: CodedConcept) -> ConditionVariable:
    return ConditionVariable(name=name, title=title, present_words=_PRESENT, absent_words=_ABSENT, codes=(code,))


def _nyha_class(roman: str, place: int, *, answer: str, finding: str) -> Choice:
    return Choice(
        name=roman,
        value=float(place),
        words=(roman.lower(), str(place), f"{place}.0", f"class {roman.lower()}", f"nyha {roman.lower()}"),
        codes=(
            CodedConcept(value=answer, scheme="LN", meaning=f"Class {roman}"),
            CodedConcept(
                value=finding, scheme="SCT", meaning=f"New York Heart Association Classification - Class {roman}"
            ),
        ),
    )


HEART_FAILURE_VARIABLES = ClinicalVariables(
    features=Tensor(name="variables", element_type=ElementType.FLOAT32, shape=(13,)),
    variables=(
        NumberVariable(measurement=_AGE),
        CategoryVariable(
            name="sex",
            title="sex",
            choices=(
                Choice(name="female", value=0.0, words=("female", "f", "woman")),
                Choice(name="male", value=1.0, words=("male", "m", "man")),
            ),
        ),
        CategoryVariable(
            name="nyha_class",
            title="functional class of the New York Heart Association",
            choices=(
                _nyha_class("I", 1, answer="LA28404-4", finding="420300004"),
                _nyha_class("II", 2, answer="LA28405-1", finding="421704003"),
                _nyha_class("III", 3, answer="LA28406-9", finding="420913000"),
                _nyha_class("IV", 4, answer="LA28407-7", finding="422293003"),
            ),
            codes=(CodedConcept(value="88020-3", scheme="LN", meaning="Functional capacity NYHA"),),
        ),
        NumberVariable(
            measurement=_FILTRATION,
            equation=CreatinineEquation(
                creatinine=_CREATININE,
                age="age",
                sex="sex",
                female=0.0,
                coefficient=194.0,
                creatinine_exponent=-1.094,
                age_exponent=-0.287,
                female_factor=0.739,
                source="Matsuo S et al., American Journal of Kidney Diseases 2009;53:982-992, equation 4.",
            ),
        ),
        NumberVariable(measurement=_EJECTION_FRACTION),
        NumberVariable(measurement=_HEMOGLOBIN),
        NumberVariable(measurement=_HEART_TO_MEDIASTINUM),
        NumberVariable(measurement=_WASHOUT),
        GradeVariable(
            name="natriuretic_peptide",
            title="grade of BNP or NT-proBNP",
            measurements=(
                GradedMeasurement(measurement=_BNP, boundaries=(18.4, 40.0, 100.0, 200.0)),
                GradedMeasurement(measurement=_NT_PROBNP, boundaries=(55.0, 125.0, 400.0, 900.0)),
            ),
            source=(
                "The source's boundaries were not found: our choice, the equivalent cut-offs of the statement of the "
                "Japanese Heart Failure Society before its revision of 2023 (background knowledge, not looked up)."
            ),
        ),
        _condition(
            "ischemic_etiology",
            "ischemic etiology",
            CodedConcept(value="414545008", scheme="SCT", meaning="Ischemic heart disease"),
        ),
        _condition(
            "hypertension",
            "hypertension",
            CodedConcept(value="38341003", scheme="SCT", meaning="Hypertensive disorder"),
        ),
        _condition(
            "diabetes", "diabetes mellitus", CodedConcept(value="73211009", scheme="SCT", meaning="Diabetes mellitus")
        ),
        _condition(
            "dialysis",
            "dialysis",
            CodedConcept(value="105502003", scheme="SCT", meaning="Dependence on renal dialysis"),
        ),
    ),
    patient=PatientElements(age="age", sex="sex", dated=_HEART_TO_MEDIASTINUM.name),
    code_systems=(
        CodeSystem(scheme="LN", uri="http://loinc.org"),
        CodeSystem(scheme="SCT", uri="http://snomed.info/sct"),
        CodeSystem(scheme=_LOCAL_SCHEME, uri="urn:uuid:2f0c8a52-6a0e-4d0b-9f4e-5b1c1f1d7a31", is_local=True),
    ),
)
"""Age in years, sex 1 for men, NYHA class 1 to 4, eGFR, ejection fraction in %, hemoglobin in g/dL, late H/M ratio,
washout rate in %, grade of the natriuretic peptide 0 to 4, then 1 for each condition that is present."""
