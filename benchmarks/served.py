"""A real Triton on some of the committed models, for one run of a scenario."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from benchmarks.machine import Machine
from benchmarks.server_times import ServerStatistics
from client.engine import ServedModel
from serving import EmbeddedTriton, ServerInstallation, TritonSettings
from specs import SPECS
from specs.declared import Declared
from specs.ensemble import CompoundSpec
from tricorder.places import COMMITTED_REPOSITORY, SERVER_ENVIRONMENT
from tricorder.terminal import say

_QUIET_LOAD = 0.25
"""Most processes a core that want to run beside a benchmark; our choice."""


class ServedEntry(Declared):
    """What was served: the digests of the contract and of the weights."""

    model: str
    contract_sha256: str
    weights_sha256: str | None = Field(description="Of the ONNX file; None of an ensemble, whose contract names them.")
    demonstration: bool

    @classmethod
    def of(cls, model: ServedModel) -> "ServedEntry":
        """Take them from a served model."""
        weights = model.contract.weights
        return cls(
            model=model.name,
            contract_sha256=model.contract_sha256,
            weights_sha256=weights.model_sha256,
            demonstration=weights.demonstration,
        )


class Conditions(Declared):
    """On what a run was made, and how quiet it was.

    `load` is the mean number of processes that wanted to run over the last minute, before the run: where it is more
    than a fraction of a core, the figures are those of a shared machine.
    """

    machine: Machine
    triton: str = Field(description="Version of Triton.")
    server_packages: dict[str, str]
    load: float


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that runs."""

    address: str
    pid: int
    models: tuple[str, ...]
    statistics: ServerStatistics
    load: float

    def conditions(self) -> Conditions:
        """Describe what the run is made on."""
        return Conditions(
            machine=Machine.here(),
            triton=self.statistics.version(),
            server_packages=ServerInstallation.open(SERVER_ENVIRONMENT).packages(),
            load=self.load,
        )


@contextmanager
def served(
    names: Sequence[str],
    *,
    repository: Path = COMMITTED_REPOSITORY,
    load: float | None = None,
    others: Sequence[str] = (),
) -> Iterator[Server]:
    """Start a Triton that serves these models, with what their ensembles run, and nothing else.

    Args:
        names: Of the models.
        repository: That holds them.
        load: Of the machine, where it was looked at before; None looks now.
        others: Entries of the repository that are served beside them and are no models of this project.

    Raises:
        ServerStartError: it cannot start.
    """
    load = checked_load() if load is None else load
    models = tuple(dict.fromkeys([*(entry for name in names for entry in entries_of(name)), *others]))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tricorder-")))
        (folder / "repository").mkdir()
        for model in models:
            (folder / "repository" / model).symlink_to(repository / model)
        settings = TritonSettings(
            repository=folder / "repository", run_folder=folder / "run", environment=SERVER_ENVIRONMENT
        )
        server = stack.enter_context(EmbeddedTriton(settings))
        yield Server(
            address=server.grpc_address,
            pid=server.pid or 0,
            models=models,
            statistics=ServerStatistics(server.grpc_address),
            load=load,
        )


def entries_of(name: str) -> tuple[str, ...]:
    """Name the repository entries that a model needs, itself the last."""
    spec = SPECS[name]
    steps = [step.model for step in spec.steps] if isinstance(spec, CompoundSpec) else []
    return (*dict.fromkeys(steps), name)


def checked_load() -> float:
    """Return the load of the machine, and say so where it is too much for figures to keep."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load > _QUIET_LOAD * cores:
        say(f"The machine is busy: load {load:.1f} on {cores} processors. Figures to keep need a quiet one.")
    return load
