"""What one embedded Triton is started with."""

from dataclasses import dataclass, field
from pathlib import Path

from serving.installation import DEFAULT_ROOT


@dataclass(frozen=True, kw_only=True)
class Ports:
    """A TCP port for each of Triton's endpoints; 0 stands for any free one."""

    grpc: int = 0
    http: int = 0
    metrics: int = 0


@dataclass(frozen=True, kw_only=True)
class TritonSettings:
    """What one embedded Triton is started with.

    Attributes:
        repository: Triton model repository; only read.
        run_folder: Where `server-N/triton.log`, the assembled backends and TensorRT's engines go; servers may share it.
        host: Address that all three endpoints listen on.
        ports: Where they listen.
        start_timeout_s: How long loading and warm-up may take together.
        environment: Folder of the server environment.
    """

    repository: Path
    run_folder: Path
    host: str = "127.0.0.1"
    ports: Ports = field(default_factory=Ports)
    start_timeout_s: float = 120.0
    environment: Path = DEFAULT_ROOT

    @property
    def engine_folder(self) -> Path:
        """Where TensorRT's engines are kept from start to start."""
        return self.run_folder.resolve() / "engines"
