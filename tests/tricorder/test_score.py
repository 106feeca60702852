"""`tricorder score`: rows, exit codes, folders, interruption."""

import json
import os
import re
import shlex
import subprocess
import sys
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from pydicom.data import get_testdata_file

from phantoms import Part, radiograph_cohort
from tests.conftest import CLONE, IMAGE_SPECS
from tests.tricorder.conftest import RADIOGRAPH_MODELS, SCORING_MODELS, Tricorder

FIELDS = [
    "source",
    "study_instance_uid",
    "series_instance_uid",
    "sop_instance_uid",
    "model",
    "version",
    "status",
    "value",
    "unit",
    "call",
    "operating_point",
    "reason",
    "contract_sha256",
    "model_sha256",
    "demonstration",
    "finding",
    "positive_predictive_value",
    "negative_predictive_value",
    "at_prevalence",
    "members",
    "outcomes",
    "measurements",
    "age_gap_years",
    "retryable",
]

RADIOGRAPHS = len(RADIOGRAPH_MODELS)
"""Rows of one."""


def rows(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def real(name: str) -> str:
    return str(get_testdata_file(name, download=False))


def test_every_input_gets_one_json_line_with_the_promised_fields(tricorder: Tricorder, phantom_folder: Path) -> None:
    done = tricorder("score", phantom_folder, real("RG1_UNCR.dcm"), real("RG3_UNCR.dcm"), "--in-process", "--json")
    assert done.returncode == 0, done.stderr
    found = rows(done.stdout)
    inputs = [*(f"phantom_{index:04d}.dcm" for index in range(4)), "RG1_UNCR.dcm", "RG3_UNCR.dcm"]
    assert [(row["source"], row["model"]) for row in found] == list(product(inputs, RADIOGRAPH_MODELS))
    for row in found:
        assert row["status"] == ("not_eligible" if row["source"] == "RG3_UNCR.dcm" else "scored")
        assert list(row) == FIELDS


def test_a_table_names_source_model_value_and_call_or_reason(tricorder: Tricorder, phantom_folder: Path) -> None:
    done = tricorder("score", phantom_folder, real("RG3_UNCR.dcm"), "--in-process")
    assert done.returncode == 0
    assert "phantom_0000.dcm" in done.stdout
    assert "EXTREMITY" in done.stdout
    assert "not a medical device" in done.stdout
    assert "Demonstration weights" in done.stdout


def test_a_broken_input_sets_the_exit_code_and_costs_nothing_but_itself(
    tricorder: Tricorder, phantom_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("not an image", encoding="utf-8")
    done = tricorder("score", tmp_path, phantom_folder, "--in-process", "--json")
    assert done.returncode == 3
    statuses = {(row["source"], row["model"]): row["status"] for row in rows(done.stdout)}
    assert [statuses.pop(("notes.txt", model)) for model in SCORING_MODELS] == ["failed"] * len(SCORING_MODELS)
    assert list(statuses.values()) == ["scored"] * 4 * RADIOGRAPHS


def test_a_folder_for_results_gets_page_lines_and_overlays(
    tricorder: Tricorder, phantom_folder: Path, tmp_path: Path
) -> None:
    done = tricorder("score", phantom_folder, "--in-process", "--out", tmp_path / "out")
    assert done.returncode == 0
    assert (tmp_path / "out" / "index.html").is_file()
    mapped = [name for name in RADIOGRAPH_MODELS if IMAGE_SPECS[name].head.activation_map is not None]
    assert len(list((tmp_path / "out" / "overlays").iterdir())) == 4 * len(mapped)
    assert len((tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()) == 4 * RADIOGRAPHS


def test_without_a_server_the_remedy_is_named(tricorder: Tricorder, phantom_folder: Path) -> None:
    done = tricorder("score", phantom_folder, "--server", "127.0.0.1:1")
    assert done.returncode == 5
    assert "tricorder serve" in done.stderr
    assert done.stdout == ""


def test_each_model_says_what_it_alone_can_say(tricorder: Tricorder, phantom_folder: Path) -> None:
    done = tricorder("score", phantom_folder, "--in-process", "--json")
    by_model: dict[str, list[dict[str, Any]]] = {}
    for row in rows(done.stdout):
        by_model.setdefault(str(row["model"]), []).append(row)
    for row, phantom in zip(by_model["xray_age"], radiograph_cohort(Part.TEST, count=4), strict=True):
        assert row["age_gap_years"] == pytest.approx(row["value"] - phantom.truth.age_years)
        assert row["members"] == []
    for row in by_model["aortic_stenosis"]:
        assert row["age_gap_years"] is None
        assert row["value"] == pytest.approx(mean(member["value"] for member in row["members"]), abs=1e-6)
        assert len({member["value"] for member in row["members"]}) == 3


def test_the_client_votes_as_the_ensemble_does(tricorder: Tricorder, phantom_folder: Path) -> None:
    options = ("--in-process", "--json", "--model", "aortic_stenosis")
    plain, voting = (
        rows(tricorder("score", phantom_folder, *options, *more).stdout) for more in ((), ("--client-vote",))
    )
    assert len(plain) == 4
    for ours, theirs in zip(plain, voting, strict=True):
        assert ours.pop("value") == pytest.approx(theirs.pop("value"), abs=1e-6)
        assert ours == theirs


@pytest.mark.parametrize("model", [*RADIOGRAPH_MODELS, "aortic_stenosis_densenet121"])
def test_a_model_that_is_named_scores_alone(tricorder: Tricorder, phantom_folder: Path, model: str) -> None:
    done = tricorder("score", phantom_folder, "--in-process", "--json", "--model", model)
    assert done.returncode == 0, done.stderr
    assert [row["model"] for row in rows(done.stdout)] == [model] * 4


def test_an_unknown_model_is_named(tricorder: Tricorder, phantom_folder: Path) -> None:
    done = tricorder("score", phantom_folder, "--in-process", "--model", "crystal_ball")
    assert done.returncode == 5
    assert "crystal_ball" in done.stderr


def test_the_help_states_the_order_of_exit_codes(tricorder: Tricorder) -> None:
    done = tricorder("score", "--help")
    assert done.returncode == 0
    assert "the gravest" in done.stdout
    for code in (0, *range(2, 10), 130):
        assert re.search(rf"^ +{code}  \S", done.stdout, re.MULTILINE)


def test_an_environment_variable_and_a_file_set_what_the_command_line_does_not(
    tricorder: Tricorder, phantom_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "tricorder.toml").write_text('server = "127.0.0.1:2"\n', encoding="utf-8")
    from_file = tricorder("score", phantom_folder, cwd=tmp_path)
    assert "127.0.0.1:2 is not available" in from_file.stderr
    from_command_line = tricorder("score", phantom_folder, "--server", "127.0.0.1:3", cwd=tmp_path)
    assert "127.0.0.1:3 is not available" in from_command_line.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--server", "127.0.0.1:1", "--in-process"], "--in-process"),
        (["--no-shared-memory", "--in-process"], "--in-process"),
        (["--repository", "."], "--in-process"),
        (["--deadline", "0"], "--deadline"),
        (["--workers", "0"], "--workers"),
        (["--readers", "-1"], "--readers"),
    ],
)
def test_options_that_cannot_be_used_are_a_wrong_command_line(
    tricorder: Tricorder, phantom_folder: Path, options: list[str], said: str
) -> None:
    done = tricorder("score", phantom_folder, *options)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_settings_file_that_does_not_parse_is_named(
    tricorder: Tricorder, phantom_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "tricorder.toml").write_text("server: 1", encoding="utf-8")
    assert "tricorder.toml" in tricorder("score", phantom_folder, cwd=tmp_path).stderr
    (tmp_path / "tricorder.toml").write_text('workers = "many"', encoding="utf-8")
    done = tricorder("score", phantom_folder, cwd=tmp_path)
    assert done.returncode == 2
    assert "workers" in done.stderr


def test_an_empty_repository_is_an_error_and_an_empty_folder_is_none(tricorder: Tricorder, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    nothing_served = tricorder("score", tmp_path, "--in-process", "--repository", tmp_path / "empty")
    assert nothing_served.returncode == 5
    assert "No model is served" in nothing_served.stderr
    nothing_named = tricorder("score", tmp_path / "empty", "--in-process", "--json")
    assert nothing_named.returncode == 0
    assert "no files" in nothing_named.stderr


def test_a_reader_that_has_had_enough_is_no_failure(phantom_folder: Path, tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m tricorder score {shlex.quote(str(phantom_folder))} --in-process --json"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{command} --out {shlex.quote(str(tmp_path))} | head -n 1"],
        cwd=CLONE,
        env={**os.environ, "PYTHONPATH": str(CLONE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(rows(done.stdout)) == 1
    assert len((tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()) == 4 * RADIOGRAPHS
    assert (tmp_path / "index.html").is_file()


def test_standard_output_that_is_full_is_a_delivery_error(phantom_folder: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tricorder", "score", str(phantom_folder), "--in-process", "--json"],
            cwd=CLONE,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 7
    assert "No space left" in done.stderr


@pytest.mark.parametrize("address", ["foo", ":8001", "http://127.0.0.1:8001"])
def test_an_address_that_is_none_is_a_wrong_command_line(
    tricorder: Tricorder, phantom_folder: Path, address: str
) -> None:
    done = tricorder("score", phantom_folder, "--server", address)
    assert done.returncode == 2
    assert "server" in done.stderr


@pytest.mark.parametrize("share", [0.002, 0.1, 0.5, 0.99])
def test_a_file_that_was_cut_short_fails_and_is_not_passed_off_as_refused(
    tricorder: Tricorder, tmp_path: Path, share: float
) -> None:
    content = Path(real("RG1_J2KR.dcm")).read_bytes()
    (tmp_path / "cut.dcm").write_bytes(content[: int(share * len(content))])
    done = tricorder("score", tmp_path, "--in-process", "--json")
    assert done.returncode == 3
    assert [row["status"] for row in rows(done.stdout)] == ["failed"] * len(SCORING_MODELS)


def test_urgent_work_needs_a_server_to_go_before_others_at(tricorder: Tricorder, phantom_folder: Path) -> None:
    refused = tricorder("score", phantom_folder, "--in-process", "--urgent")
    assert refused.returncode == 2
    assert "--urgent goes with a server" in refused.stderr
