"""Ten thousand requests in random batches, from clients of which some crash: each answer its study's, nothing left."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
import psutil
import pytest
import tritonclient.grpc as tritongrpc
from numpy.typing import NDArray

from client.call_settings import CallSettings
from client.engine import TensorValue
from client.in_process import InProcessEngine
from client.triton import TritonEngine
from serving import EmbeddedTriton, TritonSettings
from specs.model import NetworkSpec
from tests.client.conftest import registered, shared_files
from tests.conftest import CLONE, IMAGE_SPECS
from tests.random_client import PIXELS, TOLERANCE, KnownStudies, RandomClient

REQUESTS, WARM_UP_REQUESTS = 10_000, 3_000
"""Answered by clients that are not killed; the warm-up is a part of them."""

CRASHES, WARM_UP_CRASHES = 20, 6
"""At least so many."""

SURVIVORS = 4
MOST_VICTIMS = 2
LONGEST_LIFE_S = 8.0
"""How long a client that is to crash is let alone after its first round, at most."""

WEIGHTS = {"dat_direct": 15.0, "mitral_regurgitation": 1.0}
"""The model that answers soonest and, more seldom, one whose inputs are six times as large: regions of any size."""

STUDIES = 32
CANDIDATES = 4 * STUDIES
SQUARE = 32
"""Side of the squares that a study is drawn of, pixels: probabilities of noise are too much alike."""

LEAST_DIFFERENCE = 100 * TOLERANCE
STORM_TIME_LIMIT_S = 1200.0

MEMORY_GROWTH_LIMIT_BYTES = 3 << 20
"""Of the server and its stubs from the end of the warm-up to the end, each time with no client there.

A request brings 76 kB on average: 1 to 6 studies of 16 kB, of one model in sixteen of 102 kB. At least 7,000 requests
lie between, so one input kept in every 170 is over it; a region that is kept is seen by its name as well. Triton's own
memory goes on growing for its first 2,000 to 3,000 requests, which the warm-up is for.
"""


@dataclass(frozen=True, kw_only=True)
class Storm:
    """What was seen of several clients at once, of which some were killed, again and again.

    Attributes:
        answered: Requests answered by the clients that were not killed, from the first to the last.
        survivors: How the names of their regions begin.
        crashed: How the names of the regions of those that were killed begin.
        orphans: Regions that the server still had of clients just killed.
    """

    answered: int
    survivors: tuple[str, ...]
    crashed: tuple[str, ...]
    orphans: frozenset[str]


@pytest.fixture(scope="module")
def known() -> tuple[KnownStudies, ...]:
    with InProcessEngine(CLONE / "model_repository") as engine:
        return tuple(known_studies(engine, name) for name in WEIGHTS)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedTriton]:
    repository = tmp_path / "repository"
    repository.mkdir()
    for name in WEIGHTS:
        (repository / name).symlink_to(CLONE / "model_repository" / name)
    settings = TritonSettings(
        repository=repository, run_folder=tmp_path / "serving", environment=CLONE / ".venv-server"
    )
    with EmbeddedTriton(settings) as server:
        yield server


@pytest.fixture
def channel(server: EmbeddedTriton) -> Iterator[tritongrpc.InferenceServerClient]:
    """NVIDIA's own client, as an independent oracle."""
    with tritongrpc.InferenceServerClient(server.grpc_address) as client:
        yield client


def known_studies(engine: InProcessEngine, name: str) -> KnownStudies:
    """Draw studies whose answers differ pairwise in every output, and ask about each alone."""
    model = engine.served_model(name)
    outputs = [output.name for output in IMAGE_SPECS[name].outputs]
    pixels = drawn_pixels((CANDIDATES, *IMAGE_SPECS[name].recipe.input.shape))
    alone = (engine.infer(model, {PIXELS: pixels[[study]]}, outputs) for study in range(CANDIDATES))
    answers = [{each: value.astype(np.float64) for each, value in answer.items()} for answer in alone]
    chosen: list[int] = []
    for study in range(CANDIDATES):
        others = [answers[other] for other in chosen]
        if all(distance(answers[study][each], other[each]) > LEAST_DIFFERENCE for other in others for each in outputs):
            chosen.append(study)
    chosen = chosen[:STUDIES]
    return KnownStudies(
        model=name,
        weight=WEIGHTS[name],
        pixels=pixels[chosen],
        answers={each: np.concatenate([answers[study][each] for study in chosen]) for each in outputs},
    )


def drawn_pixels(shape: tuple[int, ...]) -> TensorValue:
    rows, columns = shape[-2:]
    squares = np.random.default_rng(0).integers(0, 256, (*shape[:-2], rows // SQUARE, columns // SQUARE), np.uint8)
    return squares.repeat(SQUARE, axis=-2).repeat(SQUARE, axis=-1)


def distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.abs(one - other).max())


def test_the_answers_that_are_compared_differ_by_far_more_than_the_tolerance(known: tuple[KnownStudies, ...]) -> None:
    """Without this, a mix-up could pass unseen."""
    for studies in known:
        assert len(studies.pixels) == STUDIES
        for values in studies.answers.values():
            distances = [distance(values[one], values[other]) for one in range(STUDIES) for other in range(one)]
            assert min(distances) > LEAST_DIFFERENCE


@pytest.mark.slow
def test_each_of_ten_thousand_answers_is_its_studys_and_crashes_leave_no_region_and_no_memory(
    server: EmbeddedTriton,
    channel: tritongrpc.InferenceServerClient,
    known: tuple[KnownStudies, ...],
    tmp_path: Path,
) -> None:
    for studies in known:
        studies.write(tmp_path)
    ask_in_every_batch(server, known)
    warm_up = storm(server, channel, tmp_path, requests=WARM_UP_REQUESTS, crashes=WARM_UP_CRASHES)
    require_nothing_left(server, channel, warm_up)
    before = resident_bytes(server)
    main = storm(server, channel, tmp_path, requests=REQUESTS - WARM_UP_REQUESTS, crashes=CRASHES - WARM_UP_CRASHES)
    require_nothing_left(server, channel, main)
    assert warm_up.answered + main.answered >= REQUESTS
    assert len(warm_up.crashed) + len(main.crashed) >= CRASHES
    growth = {process: held - before[process] for process, held in resident_bytes(server).items()}
    assert sum(growth.values()) < MEMORY_GROWTH_LIMIT_BYTES, growth


def ask_in_every_batch(server: EmbeddedTriton, known: tuple[KnownStudies, ...]) -> None:
    """Let ONNX Runtime take the memory of every size of batch: it keeps what the first two of a size needed."""
    with TritonEngine(CallSettings(address=server.grpc_address)) as engine:
        for studies in known:
            model, outputs = engine.served_model(studies.model), tuple(studies.answers)
            spec = model.contract.spec
            assert isinstance(spec, NetworkSpec)
            for size in range(1, spec.deployment.largest_batch + 1):
                for asked in (outputs[:1], outputs) * 2:
                    engine.infer(model, {PIXELS: studies.pixels[:size]}, asked)


def storm(
    server: EmbeddedTriton, channel: tritongrpc.InferenceServerClient, folder: Path, *, requests: int, crashes: int
) -> Storm:
    """Let clients ask; kill some and start others in their place, until there was enough of both.

    A client with a wrong answer ends by itself, which the next look at it shows.
    """
    rng, seeds = np.random.default_rng(requests), count(requests)
    crashed: list[str] = []
    orphans: set[str] = set()
    until_s = time.monotonic() + STORM_TIME_LIMIT_S
    with ExitStack() as running:

        def start(clients: int) -> list[RandomClient]:
            address = server.grpc_address
            started = [running.enter_context(RandomClient(address, folder, seed=next(seeds))) for _ in range(clients)]
            for client in started:
                client.wait_until_answered()
            return started

        survivors = start(SURVIVORS)
        while len(crashed) < crashes or sum(client.answered for client in survivors) < requests:
            assert time.monotonic() < until_s
            victims = start(int(rng.integers(1, MOST_VICTIMS, endpoint=True)))
            time.sleep(rng.uniform(0, LONGEST_LIFE_S))
            for victim in victims:
                victim.crash()
                crashed.append(victim.region_prefix)
            orphans |= {name for name in registered(channel) if name.startswith(tuple(crashed))}
        for survivor in survivors:
            survivor.stop()
        return Storm(
            answered=sum(client.answered for client in survivors),
            survivors=tuple(client.region_prefix for client in survivors),
            crashed=tuple(crashed),
            orphans=frozenset(orphans),
        )


def require_nothing_left(server: EmbeddedTriton, channel: tritongrpc.InferenceServerClient, storm: Storm) -> None:
    """Require that who left has left no region, and who crashed none as soon as another client has come and gone.

    What this client asks waits behind what they asked: the server reads none of their regions any more.
    """
    assert storm.orphans
    assert not {name for name in registered(channel) | shared_files() if name.startswith(storm.survivors)}
    with TritonEngine(CallSettings(address=server.grpc_address, smallest_shared_bytes=1)) as engine:
        for name in WEIGHTS:
            pixels = drawn_pixels((1, *IMAGE_SPECS[name].recipe.input.shape))
            engine.infer(engine.served_model(name), {PIXELS: pixels}, ["probability"])
        held = registered(channel)
        assert held == mapped_regions(server) != set()
    assert not registered(channel)
    assert not mapped_regions(server)
    assert not {name for name in shared_files() if name in held or name.startswith(storm.crashed)}


def server_processes(server: EmbeddedTriton) -> list[psutil.Process]:
    """Triton and its stubs, in which the engines run."""
    process = psutil.Process(server.pid)
    return [process, *process.children(recursive=True)]


def mapped_regions(server: EmbeddedTriton) -> set[str]:
    """Regions of clients that the server has in memory, whether or not it says so; their files are hidden by then."""
    paths = [each.path for process in server_processes(server) for each in process.memory_maps(grouped=False)]
    return {name for path in paths for name in re.findall(r"tricorder-wire-[0-9a-f-]+", path)}


def resident_bytes(server: EmbeddedTriton) -> dict[str, int]:
    """Memory of each of the server's processes, by its name and id."""
    return {f"{process.name()} {process.pid}": process.memory_info().rss for process in server_processes(server)}
