"""One real Triton on the committed models for all tests of the client, and the engine in this process."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tritonclient.grpc as tritongrpc
from numpy.typing import NDArray
from pydicom.data import get_testdata_file

from client.call_settings import CallSettings
from client.engine import ServedModel
from client.in_process import InProcessEngine
from client.sources import Source
from client.triton import TritonEngine
from phantoms import Part, radiograph_cohort, write_cohort
from serving import EmbeddedTriton, TritonSettings
from specs.model import NetworkSpec
from tests.conftest import CLONE

PHANTOMS = 6


@pytest.fixture(scope="session")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTriton]:
    settings = TritonSettings(
        repository=CLONE / "model_repository",
        run_folder=tmp_path_factory.mktemp("serving"),
        environment=CLONE / ".venv-server",
    )
    with EmbeddedTriton(settings) as server:
        yield server


@pytest.fixture(scope="session")
def remote(triton: EmbeddedTriton) -> Iterator[TritonEngine]:
    with TritonEngine(CallSettings(address=triton.grpc_address)) as engine:
        yield engine


@pytest.fixture(scope="session")
def wired(triton: EmbeddedTriton) -> Iterator[TritonEngine]:
    """An engine that never shares memory."""
    with TritonEngine(CallSettings(address=triton.grpc_address, shared_memory=False)) as engine:
        yield engine


@pytest.fixture(scope="session")
def channel(triton: EmbeddedTriton) -> Iterator[tritongrpc.InferenceServerClient]:
    """NVIDIA's own client, as an independent oracle."""
    with tritongrpc.InferenceServerClient(triton.grpc_address) as client:
        yield client


@pytest.fixture(scope="session")
def in_process() -> Iterator[InProcessEngine]:
    with InProcessEngine(CLONE / "model_repository") as engine:
        yield engine


@pytest.fixture(scope="session")
def model(in_process: InProcessEngine) -> ServedModel:
    return in_process.served_model("mitral_regurgitation")


@pytest.fixture(scope="session")
def phantom_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phantoms")
    write_cohort(folder, radiograph_cohort(Part.TEST, count=PHANTOMS))
    return folder


@pytest.fixture(scope="session")
def radiographs(model: ServedModel) -> NDArray[np.uint8]:
    """A batch of wire pixels that differ, shape (16, 1, row, column)."""
    spec = model.contract.spec
    assert isinstance(spec, NetworkSpec)
    shape = (spec.deployment.largest_batch, *spec.recipe.pixels.shape)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def real_radiograph(name: str) -> Source:
    """A real file of the package pydicom-data."""
    path = Path(str(get_testdata_file(name, download=False)))
    return Source(path=path, name=path.name)


def registered(channel: tritongrpc.InferenceServerClient) -> set[str]:
    """Names of the regions that a server has mapped."""
    return set(channel.get_system_shared_memory_status().regions)


def shared_files() -> set[str]:
    """Files of regions that are not hidden."""
    return {path.name for path in Path("/dev/shm").glob("tricorder-wire-*")}
