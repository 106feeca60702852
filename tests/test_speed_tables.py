"""Tables of speed: figures are those of records, and any other figure in the README's section is found."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from specs.declared import Declared
from tests import generated
from tests.benchmarks.engine_records import ENGINES
from tests.benchmarks.records import FIDELITY, LOAD, PEERS, TRANSFER_SYNTAXES, URGENT, VOTE
from tests.conftest import CLONE
from tests.speed_tables import NO_RECORD, SCENARIOS, highlights_table, scenario_text
from tests.test_benchmark_records import RECORD_TYPES

RECORDS: dict[str, Declared] = {
    "engines": ENGINES,
    "fidelity": FIDELITY,
    "load": LOAD,
    "peers": PEERS,
    "transfer_syntaxes": TRANSFER_SYNTAXES,
    "urgent": URGENT,
    "vote": VOTE,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, record in RECORDS.items():
        (tmp_path / f"{name}.json").write_text(record.readable_json(), encoding="utf-8")
    return tmp_path


def test_what_is_shown_is_a_scenario_with_its_own_record() -> None:
    assert {name: scenario.record for name, scenario in SCENARIOS.items()}.items() <= RECORD_TYPES.items()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (
            "fidelity",
            (
                "- `mitral_regurgitation`: 12 of test 0-19, 3 of them (25.0%) within 0.1 of the operating point.",
                "int8 for onnxruntime | 2 (0.4%) | 0.03 | 0.04 (0.05) | 0.9400 | 0.9370 | 0.0030 | beyond: change of",
                "| `mitral_regurgitation` | int8 for openvino | – | – | – | – | – | – | refused by the gate |",
                "| `xray_age` | bf16 for openvino | 0.2 (1) | 4.10 | 4.12 | 0.02 | years | all met |",
            ),
        ),
        (
            "engines",
            (
                "`mitral_regurgitation` | paper | fp32 in onnxruntime | 20 | 18 | 1.00 (1.00 to 1.00) | 0.90 (0.90",
                "bf16 in openvino | 85 | 76.5 | 4.25 (4.25 to 4.25) |",
                "| 0.75 | 6.38 (6.38 to 6.38) |",
            ),
        ),
        ("load", ("| 8 | 333 |", "19.9", "166 (50%)", "| 2.5 |", "| 4 |")),
        ("peers", ("| 60 | 5 | 7.5 | 12.0 | 8.0 |", "| 20 | – | – | – | – |", "Absent: MLServer: make .venv-bench.")),
        ("transfer_syntaxes", ("| 90 | 300 | 0.93 |", "| 1.0 | 2.0 | 3.0 | 4.0 | 5.0 | 6.0 | 7.0 | 8.0 |")),
        (
            "vote",
            (
                "| 4 | fused | 125 | 1.25 (1.12 to 1.38) | 16 (15",
                "| 0.80 (0.80 to 0.80) | 16 | 0.80 (0.80 to 0.80) |",
                "by at most 3e-07",
            ),
        ),
        ("urgent", ("2.37 times", "(at most 2.6)", "it loses 6.2%", "| 1000 |")),
    ],
)
def test_the_figures_are_those_of_the_record(name: str, shown: tuple[str, ...], folder: Path) -> None:
    text = scenario_text(name, folder)
    for each in (*shown, "On Abacus, 2 processors, load 0.1 before the run; Triton 2.51.0."):
        assert each in text


def test_every_table_is_one_of_its_own_and_the_text_ends_its_line(folder: Path) -> None:
    for name in RECORDS:
        text = scenario_text(name, folder)
        headings = re.findall(r"^\|(?:---\|)+$", text, re.MULTILINE)
        parsed = MarkdownIt("commonmark").enable("table").parse(text)
        assert sum(token.type == "table_open" for token in parsed) == len(headings)
        assert text.endswith("\n")


def test_without_a_record_nothing_is_claimed(tmp_path: Path) -> None:
    assert all(scenario_text(name, tmp_path) == NO_RECORD for name in SCENARIOS)
    assert len(highlights_table(tmp_path).splitlines()) == 2  # the heading


def test_the_readme_tells_the_range_over_all_transfer_syntaxes(folder: Path) -> None:
    text = highlights_table(folder)
    assert "0.87 to 0.93" in text
    assert "12.00 to 12.00 times" in text
    assert "2.37; 6.2%" in text
    assert "4.25 to 4.25 times; 0.90 to 0.90" in text


def test_the_readme_has_room_for_every_record(folder: Path) -> None:
    lines = (CLONE / "README.md").read_text(encoding="utf-8").splitlines()
    shown = [name for name, record in RECORDS.items() if list(SCENARIOS[name].highlights(record))]
    unrecorded = [name for name in shown if not (CLONE / "benchmarks" / "records" / f"{name}.json").exists()]
    assert len(lines) + len(unrecorded) <= 200


@pytest.mark.parametrize(
    ("readme", "found"),
    [
        (f"## Speed\n\nNo figure.\n{generated.SPEED_BEGIN}| 12 |\n{generated.BLOCK_END}none\n\n## Next 7\n", 0),
        (f"## Speed\n\nUp to 12 times!\n{generated.SPEED_BEGIN}{generated.BLOCK_END}\n## Next\n", 1),
        (f"## Speed\n{generated.SPEED_BEGIN}{generated.BLOCK_END}At 3.5 ms.\n", 2),
    ],
)
def test_a_figure_from_no_record_is_found(readme: str, found: int) -> None:
    assert len(list(generated.stray_figures(readme))) == found


def test_a_page_whose_line_of_a_block_is_gone_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "SPEED_BEGIN", "<!-- gone -->\n")
    with pytest.raises(ValueError, match="gone"):
        list(generated.generated_files())
