"""`tricorder score --prevalence`: what a call is worth where the finding is rarer or commoner."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from specs.weights import FindingPerformance, WeightsRecord
from tests.client.patients import table
from tests.conftest import CLONE
from tests.tricorder.conftest import RADIOGRAPH_MODELS, Tricorder
from tricorder import command_line

HERE = ("--in-process", "--readers", "0")
FINDINGS = ("aortic_stenosis", "mitral_regurgitation")


def score(*arguments: object, **environment: str) -> Result:
    result = CliRunner(env=environment).invoke(command_line.tricorder, ["score", *HERE, *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def rows(*arguments: object, **environment: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in score(*arguments, "--json", **environment).stdout.splitlines()]


def bayes(model: str, prevalence: float) -> tuple[float, float]:
    """Return PPV and NPV by Bayes' theorem from the counts of a committed record."""
    text = (CLONE / "model_repository" / model / "1" / "weights.json").read_text(encoding="utf-8")
    performance = WeightsRecord.from_json(text).performance
    assert isinstance(performance, FindingPerformance)
    counts = performance.operating_point.counts
    sensitivity = counts.true_positive / (counts.true_positive + counts.false_negative)
    specificity = counts.true_negative / (counts.true_negative + counts.false_positive)
    positive = sensitivity * prevalence / (sensitivity * prevalence + (1 - specificity) * (1 - prevalence))
    negative = specificity * (1 - prevalence) / (specificity * (1 - prevalence) + (1 - sensitivity) * prevalence)
    return positive, negative


@pytest.fixture(scope="module")
def radiograph(phantom_folder: Path) -> Path:
    return phantom_folder / "phantom_0000.dcm"


@pytest.mark.parametrize("prevalence", [0.02, 0.3])
def test_each_finding_has_the_values_of_bayes_theorem_and_nothing_else_changes(
    radiograph: Path, prevalence: float
) -> None:
    plain, asked = rows(radiograph), rows(radiograph, "--prevalence", prevalence)
    assert [row["model"] for row in asked] == list(RADIOGRAPH_MODELS)
    for before, row in zip(plain, asked, strict=True):
        found = row.pop("at_prevalence")
        assert before.pop("at_prevalence") is None
        assert row == before
        if row["model"] not in FINDINGS:
            assert found is None
            continue
        assert found["prevalence"] == prevalence
        for name, expected in zip(("positive", "negative"), bayes(row["model"], prevalence), strict=True):
            assert found[name]["estimate"] == pytest.approx(expected, rel=1e-9)
            assert 0 < found[name]["lower"] < found[name]["estimate"] < found[name]["upper"] < 1


def test_a_member_has_its_own_and_a_vote_of_the_client_that_of_its_ensemble(radiograph: Path) -> None:
    member, vote = "aortic_stenosis_resnet50", "aortic_stenosis"
    models = ("--model", member, "--model", vote)
    for options in ((), ("--client-vote",)):
        for row in rows(radiograph, *models, "--prevalence", "0.1", *options):
            found = row["at_prevalence"]
            estimates = (found["positive"]["estimate"], found["negative"]["estimate"])
            assert estimates == pytest.approx(bayes(row["model"], 0.1), rel=1e-9)
    assert bayes(member, 0.1) != bayes(vote, 0.1)


def test_table_page_and_lines_show_them_with_what_they_rest_on(
    tricorder: Tricorder, radiograph: Path, tmp_path: Path
) -> None:
    options = ("--model", "mitral_regurgitation", "--model", "xray_age", "--prevalence", "0.005", "--out", tmp_path)
    printed = tricorder("score", *HERE, radiograph, *options).stdout  # a process of its own, as wide as it asks for
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    positive, negative = bayes("mitral_regurgitation", 0.005)
    for text in (printed, page):
        assert f"PPV {positive:.3f} (" in text
        assert f"NPV {negative:.3f} (" in text
        assert "at a prevalence of 0.5 %" in text
        assert "are taken as those of the studies on which the operating point was chosen" in text
        assert text.count("PPV 0.") == 1
    written = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert written[0]["at_prevalence"]["positive"]["estimate"] == pytest.approx(positive)
    assert written[1]["at_prevalence"] is None


def test_unless_it_is_asked_for_nothing_is_said_of_it(radiograph: Path, tmp_path: Path) -> None:
    printed = score(radiograph, "--model", "mitral_regurgitation", "--out", tmp_path).stdout
    for text in (printed, (tmp_path / "index.html").read_text(encoding="utf-8")):
        assert "prevalence" not in text


def test_what_has_no_answer_has_no_values(radiograph: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not an image", encoding="utf-8")
    found = rows(radiograph, radiograph, tmp_path, "--model", "mitral_regurgitation", "--prevalence", "0.02")
    assert [row["status"] for row in found] == ["scored", "not_eligible", "failed"]
    assert [row["at_prevalence"] is None for row in found] == [False, True, True]


def test_a_model_of_outcomes_is_untouched(tmp_path: Path) -> None:
    patients = table(tmp_path, count=1)
    options = (patients, "--model", "heart_failure_outcome")
    assert rows(*options, "--prevalence", "0.02") == rows(*options)


@pytest.mark.parametrize("share", ["0", "1", "2", "-0.1", "nan", "inf", "2%", ""])
def test_a_share_that_is_none_is_a_wrong_command_line(radiograph: Path, share: str) -> None:
    done = score(radiograph, "--prevalence", share)
    assert done.exit_code == 2
    assert "no share between 0 and 1" in done.stderr


def test_a_deployment_may_set_it_and_the_command_line_goes_first(radiograph: Path) -> None:
    options = (radiograph, "--model", "mitral_regurgitation")
    (row,) = rows(*options, TRICORDER_PREVALENCE="0.04")
    assert row["at_prevalence"]["prevalence"] == 0.04
    (row,) = rows(*options, "--prevalence", "0.03", TRICORDER_PREVALENCE="0.04")
    assert row["at_prevalence"]["prevalence"] == 0.03
    done = score(*options, TRICORDER_PREVALENCE="1.5")
    assert done.exit_code == 2
    assert "The setting prevalence cannot be used" in done.stderr


def test_the_help_says_what_is_assumed() -> None:
    text = " ".join(CliRunner().invoke(command_line.tricorder, ["score", "--help"]).output.split())
    assumed = "sensitivity and specificity taken as those of the studies on which the operating point was chosen"
    assert f"{assumed}, which flatters them" in text
