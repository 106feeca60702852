"""The values that R printed are those of the script beside them, and ours are R's."""

import shutil
import subprocess
from pathlib import Path

import pytest

from evaluation.discrimination import area_under_roc
from evaluation.paired_discrimination import compare_areas
from tests.evaluation.r_reference import FOLDER, SCRIPT, WRITTEN, assert_as_printed, columns, printed


@pytest.mark.parametrize("score", ["good", "fair", "coarse"])
def test_the_area_and_delongs_interval_are_those_of_proc(score: str) -> None:
    data = columns("roc.csv")
    assert_as_printed(area_under_roc(data["truth"] > 0, data[score]), f"auc {score}", tolerance=1e-9)


@pytest.mark.parametrize("other", ["fair", "coarse"])
def test_delongs_paired_test_is_that_of_proc(other: str) -> None:
    data = columns("roc.csv")
    compared = compare_areas(data["truth"] > 0, data["good"], data[other])
    assert_as_printed(compared.difference, f"auc good less {other}", tolerance=1e-9)
    assert compared.p_value == pytest.approx(printed(f"auc good less {other} p"), rel=1e-8)


@pytest.mark.slow
def test_r_prints_the_stored_values_again(tmp_path: Path) -> None:
    r = shutil.which("Rscript")
    if r is None or subprocess.run([r, "-e", "library(pROC)"], capture_output=True, check=False).returncode != 0:
        pytest.skip("R and pROC are not here: apt-get install --no-install-recommends r-cran-proc r-cran-survival")
    subprocess.run([r, str(SCRIPT), str(tmp_path)], check=True, capture_output=True)
    for name in WRITTEN:
        written, stored = ((folder / name).read_text(encoding="utf-8") for folder in (tmp_path, FOLDER))
        # Versions stand in the first lines of what was printed.
        assert [line for line in written.splitlines() if not _version(line)] == [
            line for line in stored.splitlines() if not _version(line)
        ]


def _version(line: str) -> bool:
    return line.startswith(('"R"', '"pROC"', '"survival"'))
