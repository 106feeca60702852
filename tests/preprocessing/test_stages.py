"""Every stage has its own time, wherever it was gone through."""

import time
from pathlib import Path

import pytest

from phantoms import Part, radiograph_cohort, write_cohort
from preprocessing.readers import Readers
from preprocessing.stages import Stage, add_stages, collected_stages, stage
from specs.recipe import CHEST_RADIOGRAPH_320


def test_a_stage_leaves_out_those_within_it_and_all_together_are_the_whole() -> None:
    started_s = time.perf_counter()
    with collected_stages() as times_s, stage(Stage.PREPARE):
        with stage(Stage.DECODE):
            time.sleep(0.02)
        with stage(Stage.DECODE):
            time.sleep(0.02)
    whole_s = time.perf_counter() - started_s
    assert times_s[Stage.DECODE] >= 0.04
    assert sum(times_s.values()) == pytest.approx(whole_s, abs=0.01)
    assert times_s[Stage.PREPARE] < 0.02


def test_what_another_process_took_is_not_counted_twice() -> None:
    with collected_stages() as times_s, stage(Stage.HANDOVER):
        time.sleep(0.02)
        add_stages({Stage.DECODE: 0.015})
    assert times_s[Stage.DECODE] == 0.015
    assert times_s[Stage.HANDOVER] < 0.015


def test_nothing_is_collected_where_nobody_asks() -> None:
    with stage(Stage.READ):
        add_stages({Stage.DECODE: 1.0})
    with collected_stages(wanted=False) as times_s, stage(Stage.READ):
        pass
    assert times_s == {}


@pytest.mark.parametrize("processes", [0, 1])
def test_a_file_has_its_stages_in_this_process_and_in_another(processes: int, tmp_path: Path) -> None:
    (file,) = write_cohort(tmp_path, radiograph_cohort(Part.TEST, count=1))
    with Readers(processes=processes, timed=True) as readers:
        prepared = readers.prepare([file], [CHEST_RADIOGRAPH_320])
    assert set(prepared.stages_s) == {Stage.READ, Stage.DECODE, Stage.PREPARE}
    assert all(0 < own_s < 60 for own_s in prepared.stages_s.values())


def test_a_damaged_file_has_the_stages_that_it_went_through(tmp_path: Path) -> None:
    (tmp_path / "no.dcm").write_bytes(b"nothing")
    with Readers(processes=0, timed=True) as readers:
        prepared = readers.prepare([tmp_path / "no.dcm"], [CHEST_RADIOGRAPH_320])
    assert prepared.error is not None
    assert set(prepared.stages_s) == {Stage.READ}
