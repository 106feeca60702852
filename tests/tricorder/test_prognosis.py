"""From radiographs through the real X-ray age to a hazard ratio: the interval holds the one that was simulated."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from client.errors import TricorderError
from client.result import ResultRow
from evaluation.errors import HazardsUndetermined, NobodyFollowed, OutcomeTableFaults, ResultFaults
from evaluation.prognosis import GAP, PrognosisReport
from phantoms import Part, radiograph_cohort, write_cohort
from tests.tricorder.conftest import Tricorder
from tests.tricorder.light import run_light
from tricorder.command_line import tricorder as command_line

HAZARD_RATIO = 1.15
"""For a year of the gap; far above the published 1.019, so that eighty patients show it."""

PATIENTS = 80

Row = dict[str, object]


@pytest.fixture(scope="module")
def ages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up results of xray_age: ages that shrink to the mean, each with its gap."""
    folder = tmp_path_factory.mktemp("ages")
    generator = np.random.default_rng(2)
    age = generator.uniform(30, 90, PATIENTS)
    value = 60 + 0.8 * (age - 60) + generator.normal(0, 7, PATIENTS)
    rows = [
        ResultRow.model_validate(
            {
                **dict.fromkeys(ResultRow.model_fields),
                "members": (),
                "outcomes": (),
                "retryable": False,
                "unit": "years",
                "demonstration": True,
                "model": "xray_age",
                "version": 1,
                "status": "scored",
                "contract_sha256": "a" * 64,
                "model_sha256": "b" * 64,
                "source": f"study {n}",
                "study_instance_uid": f"1.2.{n}",
                "sop_instance_uid": f"1.2.{n}.1",
                "value": float(value[n]),
                "age_gap_years": float(value[n] - age[n]),
            }
        )
        for n in range(PATIENTS)
    ]
    (folder / "results.jsonl").write_text("\n".join(row.canonical_json() for row in rows), encoding="utf-8")
    return folder


def scored_phantoms(tricorder: Tricorder, folder: Path, *, count: int) -> Path:
    """Return results of phantoms scored with the committed xray_age, as the command printed them."""
    write_cohort(folder / "cohort", radiograph_cohort(Part.TEST, count=count))
    done = tricorder("score", folder / "cohort", "--model", "xray_age", "--in-process", "--json")
    assert done.returncode == 0, done.stderr
    (folder / "results.jsonl").write_text(done.stdout, encoding="utf-8")
    return folder


def result_rows(ages: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (ages / "results.jsonl").read_text(encoding="utf-8").splitlines()]


def simulated_outcomes(ages: Path, *, age_ratio: float = 1.03) -> list[Row]:
    """Draw follow-up whose hazard is HAZARD_RATIO times higher for each year of the gap, and another for one of age."""
    generator, rows = np.random.default_rng(1), result_rows(ages)
    value, gap = (np.array([row[name] for row in rows], np.float64) for name in ("value", "age_gap_years"))
    age, male = value - gap, generator.integers(0, 2, len(rows))
    hazard = 0.1 * np.exp(math.log(HAZARD_RATIO) * gap + math.log(age_ratio) * (age - age.mean()) + 0.4 * male)
    to_event, to_censoring = generator.exponential(1 / hazard), generator.uniform(2, 12, len(rows))
    return [
        {
            "sop_instance_uid": row["sop_instance_uid"],
            "patient": f"TANAKA {number}",
            "follow_up_years": f"{min(to_event[number], to_censoring[number]):.4f}",
            "event": int(to_event[number] <= to_censoring[number]),
            "sex": "M" if male[number] else "F",
            "egfr": f"{generator.normal(60, 15):.1f}",
        }
        for number, row in enumerate(rows)
    ]


def write_table(file: Path, rows: list[Row]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def run(ages: Path, outcomes: Path, *options: object) -> Result:
    return CliRunner().invoke(command_line, ["prognosis", str(ages), str(outcomes), *map(str, options)])


def report(ages: Path, outcomes: Path, *options: object) -> PrognosisReport:
    result = run(ages, outcomes, "--json", *options)
    assert result.exception is None, result.exception
    return PrognosisReport.from_json(result.stdout)


def refusal(ages: Path, outcomes: Path, *options: object) -> TricorderError:
    error = run(ages, outcomes, *options).exception
    assert isinstance(error, TricorderError)
    return error


@pytest.mark.slow
def test_of_scored_phantoms_the_interval_holds_the_simulated_hazard_ratio_and_not_1(
    tricorder: Tricorder, tmp_path: Path
) -> None:
    ages = scored_phantoms(tricorder, tmp_path, count=PATIENTS)
    gap = report(ages, write_table(tmp_path / "outcomes.csv", simulated_outcomes(ages))).cox.of(GAP).ratio
    assert 1 < gap.lower < HAZARD_RATIO < gap.upper < 1.4


def test_what_score_prints_of_phantoms_joins_their_outcomes(tricorder: Tricorder, tmp_path: Path) -> None:
    ages = scored_phantoms(tricorder, tmp_path, count=8)
    outcomes = [{**row, "event": 1} for row in simulated_outcomes(ages)]
    found = report(ages, write_table(tmp_path / "outcomes.csv", outcomes))
    assert (found.model, found.version, found.patients, found.events) == ("xray_age", 1, 8, 8)
    gaps = [row["age_gap_years"] for row in result_rows(ages)]
    assert found.mean_gap_years == pytest.approx(np.mean(np.array(gaps, np.float64)))
    assert not found.left_out


def test_the_interval_holds_the_simulated_hazard_ratio_and_not_1(ages: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "outcomes.csv", simulated_outcomes(ages))
    found = report(ages, table, "--covariate", "sex", "--covariate", "egfr", "--out", tmp_path / "out")
    gap = found.cox.of(GAP).ratio
    assert 1 < gap.lower < HAZARD_RATIO < gap.upper < 1.4
    assert [ratio.covariate for ratio in found.cox.hazard_ratios] == [GAP, "age_years", "sex_is_male", "egfr"]
    assert found.proportional_hazards[GAP] > 0.01  # it was simulated so
    assert found.proportional_hazards.keys() == {ratio.covariate for ratio in found.cox.hazard_ratios}
    assert (found.model, found.version, found.patients) == ("xray_age", 1, PATIENTS)
    assert not found.left_out
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "report.json",
        "survival.png",
        "hazard_ratios.png",
    }
    assert (tmp_path / "out" / "report.json").read_text(encoding="utf-8") == found.readable_json()


def test_where_age_alone_changes_nothing_the_curves_of_the_groups_differ(ages: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "outcomes.csv", simulated_outcomes(ages, age_ratio=1.0))
    found = report(ages, table)
    not_above, above = found.groups
    gaps = [row["age_gap_years"] for row in result_rows(ages)]
    older = sum(isinstance(gap, float) and gap > 0 for gap in gaps)
    assert (not_above.at_risk[0], above.at_risk[0]) == (PATIENTS - older, older)
    assert above.curve.at(2).estimate < not_above.curve.at(2).estimate
    assert found.log_rank_p_value is not None
    assert found.log_rank_p_value < 0.05


def test_the_text_has_the_ratios_the_notices_and_no_patient(ages: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "outcomes.csv", simulated_outcomes(ages))
    said = run(ages, table, "--groups", "tertiles").stdout
    assert "log-rank p" in said
    assert "by thirds of the gap (our choice)" in said
    assert "not a medical device" in said
    assert "Demonstration weights" in said
    assert "TANAKA" not in said


def test_a_patient_counts_once_and_what_is_left_out_is_counted(ages: Path, tmp_path: Path) -> None:
    rows = simulated_outcomes(ages)
    rows[5]["patient"] = rows[4]["patient"]
    rows[6]["egfr"] = ""
    rows[7]["sop_instance_uid"] = "1.2.3"
    found = report(ages, write_table(tmp_path / "outcomes.csv", rows), "--covariate", "egfr")
    assert found.patients == PATIENTS - 3
    assert found.left_out == {
        "outcomes of a patient who has one above": 1,
        "outcomes have no egfr": 1,
        "outcomes that no result joins": 1,
        "results that no outcome joins": 1,
    }


def test_the_age_of_the_table_goes_before_that_of_the_study(ages: Path, tmp_path: Path) -> None:
    rows = simulated_outcomes(ages)
    plain = report(ages, write_table(tmp_path / "plain.csv", rows))
    for number, (row, scored) in enumerate(zip(rows, result_rows(ages), strict=True)):
        assert isinstance(scored["value"], float)
        assert isinstance(scored["age_gap_years"], float)
        row["age_years"] = "" if number % 2 else scored["value"] - scored["age_gap_years"] - 2
    older = report(ages, write_table(tmp_path / "older.csv", rows))
    assert older.mean_gap_years == pytest.approx(plain.mean_gap_years + 1)


@pytest.mark.parametrize("key", ["source", "study_instance_uid"])
def test_every_key_joins(ages: Path, tmp_path: Path, key: str) -> None:
    rows = [
        {key: scored[key], "follow_up_years": row["follow_up_years"], "event": row["event"]}
        for row, scored in zip(simulated_outcomes(ages), result_rows(ages), strict=True)
    ]
    assert report(ages, write_table(tmp_path / "outcomes.csv", rows)).patients == PATIENTS


def test_every_fault_of_the_table_is_told_at_once_by_line_and_column_and_no_cell_is_shown(
    ages: Path, tmp_path: Path
) -> None:
    rows = simulated_outcomes(ages)
    rows[0]["follow_up_years"] = "SECRET"
    rows[1]["follow_up_years"] = "0"
    rows[2]["follow_up_years"] = "1825"
    rows[3]["event"] = "dead SECRET"
    rows[4]["event"] = ""
    rows[5]["sex"] = "SECRET"
    rows[6]["egfr"] = "6O"
    rows[7]["patient"] = ""
    rows[8]["sop_instance_uid"] = ""
    rows[10]["sop_instance_uid"] = rows[9]["sop_instance_uid"]
    rows[12]["patient"] = "tanaka  11"
    table = write_table(tmp_path / "outcomes.csv", rows)
    error = refusal(ages, table, "--covariate", "sex", "--covariate", "egfr")
    assert isinstance(error, OutcomeTableFaults)
    assert sorted((fault.line, fault.column) for fault in error.faults) == [
        (2, "follow_up_years"),
        (3, "follow_up_years"),
        (4, "follow_up_years"),
        (5, "event"),
        (6, "event"),
        (7, "sex"),
        (8, "egfr"),
        (9, "patient"),
        (10, "sop_instance_uid"),
        (12, "sop_instance_uid"),
        (14, "patient"),
    ]
    assert error.exit_code == 8
    for secret in ("SECRET", "1825", "6O", "TANAKA", str(tmp_path)):
        assert secret not in str(error)


def test_columns_that_are_missing_are_told_together(ages: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "outcomes.csv", [{"patient": "P", "follow_up_years": 1}])
    error = refusal(ages, table, "--covariate", "egfr")
    assert isinstance(error, OutcomeTableFaults)
    assert {fault.column for fault in error.faults} == {
        "event",
        "egfr",
        "sop_instance_uid or study_instance_uid or source",
    }


def test_results_of_two_versions_or_of_no_age_model_are_refused(ages: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "outcomes.csv", simulated_outcomes(ages))
    rows = result_rows(ages)
    mixed, other = tmp_path / "mixed.jsonl", tmp_path / "other.jsonl"
    mixed.write_text("\n".join(json.dumps({**row, "contract_sha256": str(n)}) for n, row in enumerate(rows[:2])))
    other.write_text(json.dumps({**rows[0], "model": "ejection_fraction"}) + "\nSECRET\n")
    assert "several contracts" in str(refusal(mixed, table))
    error = refusal(other, table)
    assert isinstance(error, ResultFaults)
    assert "line 2: it is no row of a result" in str(error)
    assert "no row is a scored one of xray_age" in str(error)
    assert "SECRET" not in str(error)


def test_rows_that_were_not_scored_are_counted(ages: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "outcomes.csv", simulated_outcomes(ages))
    rows = result_rows(ages)
    refused = {**rows[0], "status": "not_eligible", "value": None, "age_gap_years": None}
    file = tmp_path / "results.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in (refused, *rows[1:])), encoding="utf-8")
    left_out = report(file, table).left_out
    assert left_out == {"results were not scored": 1, "outcomes that no result joins": 1}


def test_what_the_statistics_refuse_is_an_error_with_a_remedy(ages: Path, tmp_path: Path) -> None:
    rows = simulated_outcomes(ages)
    for row in rows:
        row["twin"] = row["egfr"]
    table = write_table(tmp_path / "outcomes.csv", rows)
    error = refusal(ages, table, "--covariate", "egfr", "--covariate", "twin")
    assert isinstance(error, HazardsUndetermined)
    assert "follows from the others" in str(error)
    no_event = write_table(tmp_path / "none.csv", [{**row, "event": 0} for row in rows])
    assert "more events" in str(refusal(ages, no_event))
    unknown = write_table(
        tmp_path / "unknown.csv", [{**row, "sop_instance_uid": f"9.{n}"} for n, row in enumerate(rows)]
    )
    assert isinstance(refusal(ages, unknown), NobodyFollowed)


def test_a_column_that_joins_is_no_covariate(ages: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "outcomes.csv", simulated_outcomes(ages))
    assert run(ages, table, "--covariate", "event").exit_code == 2


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"source;follow_up_years;event\n", {(1, "")}),
        ("source,follow_up_years,event\n".encode("utf-16"), {(0, "")}),
        (b"source,follow_up_years,event\n", {(0, "")}),
        (b"source,follow_up_years,event,TANAKA,TANAKA\nA,1,1,,\n", {(1, "5")}),
        (b"", {(1, "follow_up_years"), (1, "event")}),
    ],
)
def test_a_table_that_is_wrong_as_a_whole_is_told_apart(
    ages: Path, tmp_path: Path, content: bytes, expected: set[tuple[int, str]]
) -> None:
    (tmp_path / "outcomes.csv").write_bytes(content)
    error = refusal(ages, tmp_path / "outcomes.csv")
    assert isinstance(error, OutcomeTableFaults)
    assert {(fault.line, fault.column) for fault in error.faults} == expected
    assert "TANAKA" not in str(error)


def test_without_the_report_extra_the_remedy_is_said(ages: Path, tmp_path: Path) -> None:
    table = write_table(tmp_path / "outcomes.csv", simulated_outcomes(ages))
    done = run_light("prognosis", ages, table)
    assert done.returncode == 8
    assert "Hazard ratios and survival curves need the report extra" in done.stderr
    assert "[report]" in done.stderr
