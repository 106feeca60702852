"""Worker processes: the same outcomes as without them, and a lost process costs one file."""

import multiprocessing
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from phantoms import Part, radiograph_cohort, write_cohort
from preprocessing import NotEligible, Prepared
from preprocessing.errors import NotDicom, ReaderLost
from preprocessing.prepared_input import PreparedInput
from preprocessing.readers import Readers
from specs.errors import TricorderError, UnexpectedFailure
from specs.policy import Policy
from specs.recipe import CHEST_RADIOGRAPH_320
from tests.conftest import CLONE
from tests.messages import EXAMPLES
from tests.preprocessing.radiographs import chest_dataset, file_bytes, ramp

RECIPES = (CHEST_RADIOGRAPH_320, CHEST_RADIOGRAPH_320.model_copy(update={"view_positions": ("LATERAL",)}))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three radiographs and a text."""
    folder = tmp_path_factory.mktemp("files")
    text = folder / "notes.txt"
    text.write_text("not an image", encoding="utf-8")
    return [*write_cohort(folder, radiograph_cohort(Part.TEST, count=3)), text]


def slow_picture(folder: Path) -> Path:
    """A sound file that takes about a second: 60 million pixels of noise as a PNG."""
    path = folder / "slow.png"
    noise = np.random.default_rng(0).integers(0, 65536, (7500, 8000), dtype=np.uint16)
    cv2.imwrite(str(path), noise, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return path


def assert_equal(first: PreparedInput, second: PreparedInput) -> None:
    assert first.identity == second.identity
    assert (type(first.error), str(first.error)) == (type(second.error), str(second.error))
    for one, other in zip(first.prepared, second.prepared, strict=True):
        if isinstance(one, NotEligible):
            assert one == other
        else:
            assert isinstance(one, Prepared)
            assert isinstance(other, Prepared)
            assert np.array_equal(one.pixels, other.pixels)
            assert one.placement == other.placement


def test_processes_give_what_the_calling_thread_gives(files: list[Path]) -> None:
    with Readers(processes=0) as here, Readers(processes=2) as elsewhere, ThreadPoolExecutor(4) as threads:
        plain = [here.prepare((path,), RECIPES) for path in files * 3]
        found = list(threads.map(lambda path: elsewhere.prepare((path,), RECIPES), files * 3))
    assert [len(file.prepared) for file in plain[:4]] == [2, 2, 2, 0]
    assert isinstance(plain[3].error, NotDicom)
    for one, other in zip(plain, found, strict=True):
        assert_equal(one, other)


def test_no_process_is_started_before_it_is_needed(files: list[Path]) -> None:
    before = len(multiprocessing.active_children())
    with Readers(processes=3) as readers:
        assert len(multiprocessing.active_children()) == before
        for path in files:
            readers.prepare((path,), RECIPES)
        assert len(multiprocessing.active_children()) == before + 1


def test_a_process_that_is_killed_costs_its_own_file_and_is_replaced(files: list[Path], tmp_path: Path) -> None:
    slow = slow_picture(tmp_path)
    before = set(multiprocessing.active_children())
    with Readers(processes=1) as readers, ThreadPoolExecutor(1) as thread:
        readers.prepare((files[0],), RECIPES)
        lost = thread.submit(readers.prepare, (slow,), RECIPES)
        time.sleep(0.1)
        (worker,) = set(multiprocessing.active_children()) - before
        os.kill(worker.pid or 0, signal.SIGKILL)
        assert isinstance(lost.result(timeout=60).error, ReaderLost)
        assert readers.prepare((files[0],), RECIPES).error is None


def test_an_idle_process_that_was_killed_is_noticed_and_replaced(files: list[Path]) -> None:
    before = set(multiprocessing.active_children())
    with Readers(processes=1) as readers:
        readers.prepare((files[0],), RECIPES)
        (worker,) = set(multiprocessing.active_children()) - before
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join(60)
        assert readers.prepare((files[0],), RECIPES).error is None


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    slow = slow_picture(tmp_path)
    with Readers(processes=1, longest_read_s=0.2) as readers:
        lost = readers.prepare((slow,), RECIPES)
        assert isinstance(lost.error, ReaderLost)
        assert "0.2 s" in str(lost.error)


def test_leaving_ends_processes_in_the_middle_of_a_file(files: list[Path], tmp_path: Path) -> None:
    slow = slow_picture(tmp_path)
    before = set(multiprocessing.active_children())
    with ThreadPoolExecutor(2) as threads:
        with Readers(processes=1) as readers:
            readers.prepare((files[0],), RECIPES)
            under_way, queued = (threads.submit(readers.prepare, (slow,), RECIPES) for _ in range(2))
            time.sleep(0.1)
        assert set(multiprocessing.active_children()) <= before
        assert isinstance(under_way.result(timeout=60).error, ReaderLost)
        assert isinstance(queued.result(timeout=60).error, ReaderLost)


OWNER = """
import sys, threading, time
from pathlib import Path
from multiprocessing import active_children
from preprocessing.readers import Readers
from specs.recipe import CHEST_RADIOGRAPH_320

if __name__ == "__main__":
    readers = Readers(processes=2).__enter__()
    paths = [Path(name) for name in sys.argv[1:]]
    readers.prepare((paths[0],), (CHEST_RADIOGRAPH_320,))
    threading.Thread(target=readers.prepare, args=((paths[1],), (CHEST_RADIOGRAPH_320,))).start()
    time.sleep(0.1)
    print(*(child.pid for child in active_children()), flush=True)
    time.sleep(60)
"""


def test_processes_end_with_an_owner_that_is_killed(files: list[Path], tmp_path: Path) -> None:
    script = tmp_path / "owner.py"
    script.write_text(OWNER, encoding="utf-8")
    owner = subprocess.Popen(
        [sys.executable, str(script), str(files[0]), str(slow_picture(tmp_path))],
        env={**os.environ, "PYTHONPATH": str(CLONE)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    workers = [int(pid) for pid in owner.stdout.readline().split()]
    owner.kill()
    owner.communicate()
    assert workers
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < deadline, "a worker outlived its owner"
        time.sleep(0.05)


def test_recipes_and_refusals_travel(files: list[Path]) -> None:
    refusing = CHEST_RADIOGRAPH_320.model_copy(update={"pictures": Policy.REFUSE})
    with Readers(processes=1) as readers:
        _, lateral = readers.prepare((files[0],), (refusing, RECIPES[1])).prepared
    assert isinstance(lateral, NotEligible)
    assert "not LATERAL" in lateral.reason


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_error_travels_as_it_is(error: TricorderError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.exit_code, copy.retryable) == (
        type(error), str(error), error.exit_code, error.retryable,
    )  # fmt: skip
    assert copy.__dict__ == error.__dict__


def test_closing_while_many_wait_leaves_nobody_waiting(files: list[Path]) -> None:
    readers = Readers(processes=1)
    readers.__enter__()
    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(readers.prepare, (files[0],), RECIPES) for _ in range(8)]
        readers.__exit__(None, None, None)
        outcomes = [future.result(timeout=60) for future in waiting]
    assert any(isinstance(outcome.error, ReaderLost) for outcome in outcomes)


@pytest.fixture(scope="module")
def small_picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is prepared within a few milliseconds, whose answer fills more than a pipe."""
    path = tmp_path_factory.mktemp("small") / "small.png"
    cv2.imwrite(str(path), np.random.default_rng(1).integers(0, 256, (256, 256), dtype=np.uint8))
    return path


def keep_preparing(readers: Readers, path: Path, closed: threading.Event) -> list[PreparedInput]:
    outcomes = []
    while not closed.is_set():
        outcomes.append(readers.prepare((path,), RECIPES[:1]))
    return outcomes


@pytest.mark.parametrize("delay_ms", range(0, 60, 3))
def test_closing_at_any_moment_also_within_an_answer_ends_soon(small_picture: Path, delay_ms: int) -> None:
    closed = threading.Event()
    with ThreadPoolExecutor(2) as threads:
        with Readers(processes=2) as readers:
            readers.prepare((small_picture,), RECIPES[:1])
            working = [threads.submit(keep_preparing, readers, small_picture, closed) for _ in range(2)]
            time.sleep(0.1 + delay_ms / 1000)
        closed.set()
        for future in working:
            assert all(
                outcome.error is None or isinstance(outcome.error, ReaderLost) for outcome in future.result(timeout=60)
            )


def test_processes_killed_at_any_moment_cost_a_file_each(small_picture: Path) -> None:
    closed, before = threading.Event(), set(multiprocessing.active_children())
    with Readers(processes=2) as readers, ThreadPoolExecutor(2) as threads:
        working = [threads.submit(keep_preparing, readers, small_picture, closed) for _ in range(2)]
        killed = 0
        while killed < 20:
            time.sleep(0.04 + 0.001 * killed)
            for worker in list(set(multiprocessing.active_children()) - before)[:1]:
                worker.kill()
                killed += 1
        closed.set()
        outcomes = [outcome for future in working for outcome in future.result(timeout=60)]
    lost = [outcome for outcome in outcomes if outcome.error is not None]
    assert 1 <= len(lost) <= killed
    assert len(lost) < len(outcomes)


def test_a_process_that_cannot_be_started_costs_a_file(files: list[Path]) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Readers(processes=1) as readers:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))  # nothing more can be opened
        try:
            lost = readers.prepare((files[0],), RECIPES)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert isinstance(lost.error, ReaderLost)
        assert readers.prepare((files[0],), RECIPES).error is None


@pytest.mark.parametrize("processes", [0, 1])
def test_a_bug_costs_its_recipe_is_named_by_its_place_and_keeps_the_identity(files: list[Path], processes: int) -> None:
    broken = CHEST_RADIOGRAPH_320.model_copy(update={"view_positions": None})
    with Readers(processes=processes) as readers:
        outcome = readers.prepare((files[0],), (broken, CHEST_RADIOGRAPH_320))
    bug, sound = outcome.prepared
    assert isinstance(bug, UnexpectedFailure)
    assert "TypeError at preprocessing.eligibility:" in str(bug)
    assert outcome.identity.sop_instance_uid
    assert isinstance(sound, Prepared)


QUIET = """
import sys
from pathlib import Path
from preprocessing.readers import Readers
from specs.recipe import CHEST_RADIOGRAPH_320

if __name__ == "__main__":
    with Readers(processes=int(sys.argv[1])) as readers:
        for name in sys.argv[2:]:
            readers.prepare((Path(name),), (CHEST_RADIOGRAPH_320,))
"""


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, when the file is written
@pytest.mark.parametrize("processes", [0, 1])
def test_what_libraries_warn_of_is_not_printed(processes: int, tmp_path: Path) -> None:
    ds = chest_dataset(ramp(8, 8), PatientName="Zyxwvut^Sentinel")
    ds.SpecificCharacterSet = "ZYXWVUT"
    (tmp_path / "charset.dcm").write_bytes(file_bytes(ds))
    (tmp_path / "script.py").write_text(QUIET, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py"), str(processes), str(tmp_path / "charset.dcm")],
        env={**os.environ, "PYTHONPATH": str(CLONE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
