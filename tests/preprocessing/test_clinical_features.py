"""A patient's record as the input tensor: nothing is guessed, everything that is wrong is named at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocessing import Given, NotEligible
from preprocessing.clinical_features import filtration_rate
from specs.clinical_variables import Measurement, NumberVariable
from specs.heart_failure_variables import HEART_FAILURE_VARIABLES
from tests.preprocessing.patients import SOUND, SOUND_TENSOR, prepared, refusal, tensor

MEASUREMENTS = {measurement.name: measurement for measurement in HEART_FAILURE_VARIABLES.measurements}

EQUATION = next(
    variable.equation
    for variable in HEART_FAILURE_VARIABLES.variables
    if isinstance(variable, NumberVariable) and variable.equation
)


def alone(name: str) -> dict[str, str | Given | None]:
    """Take out what a measurement would be given beside, or in place of."""
    others = {"bnp": "nt_probnp", "nt_probnp": "bnp", "creatinine": "egfr"}
    return {others[name]: None} if name in others else {}


def test_the_tensor_has_the_declared_order_type_and_coding() -> None:
    assert tensor() == pytest.approx(SOUND_TENSOR)


def test_all_that_is_missing_is_named_at_once() -> None:
    everything: dict[str, str | Given | None] = dict.fromkeys(SOUND)
    (reason,) = refusal(everything)
    assert reason == (
        "missing: age, sex, nyha_class, egfr or creatinine, lvef, hemoglobin, late_hm_ratio, washout_rate, "
        "bnp or nt_probnp, ischemic_etiology, hypertension, diabetes, dialysis"
    )


@pytest.mark.parametrize("word", ["", "  ", "NA", "n/a", "null", "Unknown", "-"])
@pytest.mark.parametrize("name", SOUND)
def test_a_word_for_nothing_is_missing(name: str, word: str) -> None:
    (reason,) = refusal({name: word})
    assert reason.startswith("missing: ")
    assert name in reason


@pytest.mark.parametrize("text", ["high", "12,5", "<5", "1e999", "nan ", "inf", "1_0", "0x10", "five", "12.5 g/dL"])
@pytest.mark.parametrize("name", MEASUREMENTS)
def test_text_in_place_of_a_number_is_refused(name: str, text: str) -> None:
    (reason,) = refusal({**alone(name), name: Given(text=text)})
    assert reason.startswith((f"{name} is no number", f"{name} is out of range", "missing: "))
    assert text not in reason


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_a_number_out_of_range_is_refused_and_the_bounds_are_accepted(name: str) -> None:
    measurement = MEASUREMENTS[name]
    for value in (measurement.lowest - 0.01, measurement.highest * 1.01):
        (reason,) = refusal({**alone(name), name: f"{value:.6f}"})
        assert reason.startswith(f"{name} is out of range (accepted: {measurement.lowest:g} to {measurement.highest:g}")
    for value in (measurement.lowest, measurement.highest):
        found = prepared({**alone(name), name: repr(value)})
        reasons = found.reasons if isinstance(found, NotEligible) else ()
        assert all("derived from" in reason for reason in reasons)  # no kidney has the least creatinine at this age


@pytest.mark.parametrize("unit", ["", "stone", "mmol", "G/DL", "kg"])
@pytest.mark.parametrize("name", MEASUREMENTS)
def test_another_unit_is_refused(name: str, unit: str) -> None:
    (reason,) = refusal({**alone(name), name: Given(text="20", unit=unit)})
    assert reason.startswith(f"{name} is in another unit (accepted: ")
    assert MEASUREMENTS[name].accepted in reason


@pytest.mark.parametrize(
    ("name", "text", "unit", "place", "value"),
    [
        ("hemoglobin", "125", "g/L", 5, 12.5),
        ("age", "840", "mo", 0, 70.0),
        ("bnp", "57.8", "pmol/L", 8, 4.0),  # 200.2 pg/mL
        ("bnp", "57.7", "pmol/L", 8, 3.0),  # 199.9 pg/mL
        ("nt_probnp", "899.9", "ng/L", 8, 3.0),
    ],
)
def test_units_are_converted(name: str, text: str, unit: str, place: int, value: float) -> None:
    assert tensor({**alone(name), name: Given(text=text, unit=unit)})[place] == pytest.approx(value)


@pytest.mark.parametrize("measurement", MEASUREMENTS.values(), ids=lambda measurement: measurement.name)
def test_every_unit_has_a_factor_and_no_other_has(measurement: Measurement) -> None:
    assert measurement.factor(None) == measurement.factor(measurement.unit) == 1.0
    assert all(measurement.factor(other.unit) == other.factor for other in measurement.other_units)
    assert measurement.factor("furlong") is None


@pytest.mark.parametrize(
    ("bnp", "nt_probnp", "grade"),
    [("18.3", "54.9", 0), ("18.4", "55", 1), ("40", "125", 2), ("100", "400", 3), ("199", "899", 3), ("200", "900", 4)],
)
def test_either_peptide_gives_the_grade_from_its_boundary_up(bnp: str, nt_probnp: str, grade: int) -> None:
    assert tensor({"bnp": bnp, "nt_probnp": None})[8] == tensor({"nt_probnp": nt_probnp})[8] == grade


def test_both_peptides_at_once_are_refused() -> None:
    assert refusal({"bnp": "300"}) == ("bnp and nt_probnp are given at once (accepted: one of them)",)


def test_the_filtration_rate_is_derived_where_it_is_not_given() -> None:
    woman = tensor({"egfr": None, "creatinine": "1.0"})[3]
    man = tensor({"egfr": None, "creatinine": "1.0", "sex": "male"})[3]
    assert man == pytest.approx(194 * 70**-0.287, rel=1e-6)
    assert woman / man == pytest.approx(0.739)
    assert tensor({"egfr": None, "creatinine": Given(text="88.42", unit="umol/L")})[3] == pytest.approx(woman)
    assert tensor({"creatinine": "9"})[3] == 45.5


def test_the_equation_gives_what_a_pocket_calculator_does() -> None:
    man = filtration_rate(EQUATION, creatinine_mg_dl=1.0, age_years=60, is_female=False)
    woman = filtration_rate(EQUATION, creatinine_mg_dl=0.8, age_years=50, is_female=True)
    assert (round(man, 1), round(woman, 1)) == (59.9, 59.5)


def test_a_derived_rate_out_of_range_and_one_that_lacks_its_age_are_refused() -> None:
    (reason,) = refusal({"egfr": None, "creatinine": "0.2", "sex": "male"})
    assert reason.startswith("egfr derived from creatinine is out of range")
    assert refusal({"egfr": None, "creatinine": "1.0", "age": None}) == ("missing: age",)


@pytest.mark.parametrize(
    ("name", "accepted"),
    [("sex", "female or male"), ("nyha_class", "i or ii or iii or iv"), ("dialysis", "yes or no")],
)
def test_another_word_is_refused(name: str, accepted: str) -> None:
    assert refusal({name: "perhaps"}) == (f"{name} is none of the accepted words ({accepted})",)


@pytest.mark.parametrize("text", ["3", "III", " iii ", "NYHA III", "Class III", "3.0"])
def test_a_class_is_read_as_people_write_it(text: str) -> None:
    assert tensor({"nyha_class": text})[2] == 3


@given(name=st.sampled_from(list(SOUND)), text=st.text(alphabet="QXZ~^0123456789", min_size=4, max_size=12))
def test_no_reason_quotes_a_value(name: str, text: str) -> None:
    found = prepared({name: f"Q{text}"})
    assert isinstance(found, NotEligible)
    assert f"Q{text}" not in found.reason


@given(names=st.sets(st.sampled_from([name for name in SOUND if name not in ("egfr", "nt_probnp")]), min_size=1))
def test_each_missing_variable_is_named_and_no_other(names: set[str]) -> None:
    (reason,) = refusal(dict.fromkeys(names))
    assert set(reason.removeprefix("missing: ").split(", ")) == names


@pytest.mark.parametrize("fraction", ["0.3", "-0.05", ".999"])
def test_a_washout_rate_that_may_be_a_fraction_needs_its_unit(fraction: str) -> None:
    (reason,) = refusal({"washout_rate": fraction})
    assert reason == "washout_rate may be a fraction (state its unit: [%])"
    assert tensor({"washout_rate": Given(text=fraction, unit="%")})[7] == pytest.approx(float(fraction))
    assert tensor({"washout_rate": "0"})[7] == 0
