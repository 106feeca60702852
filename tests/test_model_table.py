"""The table of models in the README, and what is said while a record is missing."""

import re
from pathlib import Path

import pytest

from evaluation.evaluation_records import other_site_file, record_file
from phantoms import Site
from specs import SPECS
from specs.contract import StudySpec
from specs.ensemble import CompoundSpec
from tests import generated
from tests.conftest import CLONE
from tests.evaluation.card_contracts import distinct_contract, report
from tests.model_table import HEADINGS, model_table
from tests.speed_plots import plots

CONTRACTS = [distinct_contract(spec) for spec in SPECS.values()]


def rows(folder: Path) -> dict[str, list[str]]:
    """Return the cells of each line by the name of the model, in order."""
    lines = model_table(CONTRACTS, folder).splitlines()[2:]
    return {re.findall(r"`(\w+)`", line)[0]: line.strip("| ").split(" | ") for line in lines}


def test_each_model_has_one_line_and_members_follow_their_ensemble(tmp_path: Path) -> None:
    names = list(rows(tmp_path))
    assert sorted(names) == sorted(SPECS)
    for spec in SPECS.values():
        if isinstance(spec, CompoundSpec):
            place = names.index(spec.name)
            members = [member.model for member in spec.members]
            assert names[place + 1 : place + 1 + len(members)] == members
            assert all(rows(tmp_path)[name][0].startswith("└ ") for name in members)


def test_a_figure_without_a_record_is_a_dash_and_every_card_is_linked(tmp_path: Path) -> None:
    for name, cells in rows(tmp_path).items():
        assert len(cells) == len(HEADINGS)
        assert cells[0].endswith(f"(model_repository/{name}/README.md)")
        assert cells[2:] == ["–"] * 4


def test_each_site_has_the_figures_of_its_own_record(tmp_path: Path) -> None:
    for made in CONTRACTS:
        name = made.spec.name
        record_file(tmp_path, name).write_text(report(made, "site A").readable_json(), encoding="utf-8")
    before = rows(tmp_path)
    other_site_file(tmp_path, "xray_age").write_text(
        report(distinct_contract(SPECS["xray_age"]), "site B").readable_json(), encoding="utf-8"
    )
    assert rows(tmp_path)["mitral_regurgitation"] == before["mitral_regurgitation"]
    assert before["mitral_regurgitation"][2].startswith("AUC 0.")
    assert re.fullmatch(r"\d\.\d\d \(.+\); \d\.\d\d \(.+\)", before["mitral_regurgitation"][3])
    assert re.fullmatch(r"error \d+\.\d \(.+\) years, r 0\.\d\d \(.+\)", before["xray_age"][2])
    assert before["xray_age"][3:] == ["–", "–", "–"]
    assert rows(tmp_path)["xray_age"] == [*before["xray_age"][:4], before["xray_age"][2], "–"]


def test_a_record_that_is_missing_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "RECORDS", generated.RECORDS / "none")
    said = list(generated.missing_records())
    assert all(": missing, run `make " in line for line in said)
    for name, spec in SPECS.items():
        has_sites = isinstance(spec, StudySpec) and generated.committed_contract(spec) is not None
        wanted = len(Site) if has_sites else 1  # a record each; its weights, or the one of patients, who have no site
        assert sum(f"/{name}/" in line or re.search(rf"-{name}[.-]", line) is not None for line in said) == wanted


def test_without_weights_nothing_of_a_model_is_generated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "REPOSITORY", CLONE / "none")
    said = list(generated.missing_records())
    assert said[0] == "none/mitral_regurgitation/1/weights.json: missing, run `make demonstration-weights`"
    assert len(said) == len(SPECS)
    assert {file for file, _ in generated.generated_files()} == {
        CLONE / "README.md",
        CLONE / "docs" / "benchmarks.md",
        CLONE / "tests" / "golden" / "messages.txt",
        *(CLONE / "docs" / name for name, _ in plots(generated.RECORDS)),
    }
