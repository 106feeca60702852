"""TensorRT as the server's start sees it: a program that builds engines, and a machine that has it or not."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from serving import tensorrt_builder
from serving.engine_manifest import BatchProfile, GpuMachine
from serving.startup_log import hide_folders

_VERSION_TIMEOUT_S = 60.0
_GPU_QUERY = ("nvidia-smi", "--query-gpu=compute_cap,driver_version", "--format=csv,noheader")


class EngineUnavailable(Exception):
    """A model is not served by the engine that it asks for; the text is the reason, without a full stop."""


@dataclass(frozen=True, kw_only=True)
class EngineBuilder:
    """Builds engines in a process of their own: one that fails, hangs or crashes keeps no server down.

    Attributes:
        python: The interpreter that has TensorRT.
        script: What it runs; other programs take the same arguments.
        timeout_s: How long one engine may take.
    """

    python: Path
    script: Path = Path(tensorrt_builder.__file__)
    timeout_s: float = 1800.0

    def machine(self) -> GpuMachine | None:
        """Look for TensorRT and the GPU.

        Returns:
            None where one of them is missing, and where GPUs are of several kinds, for an engine is made for one.
        """
        version = _output((str(self.python), "-I", str(self.script), "version"))
        kinds = {line.strip() for line in (_output(_GPU_QUERY) or "").splitlines()}
        if version is None or len(kinds) != 1:
            return None
        compute_capability, separator, driver = kinds.pop().partition(", ")
        if not separator:
            return None
        return GpuMachine(tensorrt=version.strip(), compute_capability=compute_capability, driver=driver)

    def build(self, onnx: Path, profile: BatchProfile, *, timing_cache: Path, plan: Path) -> None:
        """Build one engine.

        Args:
            onnx: The ONNX file.
            profile: The batches.
            timing_cache: Kept between builds; need not exist.
            plan: Where the engine goes.

        Raises:
            EngineUnavailable: it was not written.
        """
        files = (onnx, profile.canonical_json(), timing_cache, plan)
        command = [str(word) for word in (self.python, "-I", self.script, "build", *files)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=self.timeout_s)
        except subprocess.TimeoutExpired:
            raise EngineUnavailable(f"its TensorRT engine was not built within {self.timeout_s:g} s") from None
        except OSError as error:
            raise EngineUnavailable(f"TensorRT's Python does not start ({error.strerror})") from None
        if done.returncode or not plan.is_file():
            last_line = hide_folders((done.stderr.strip().splitlines() or ["nothing"])[-1])
            raise EngineUnavailable(f"TensorRT built no engine, and said: {last_line.rstrip('.')}")


def _output(command: tuple[str, ...]) -> str | None:
    """Return what a program prints; None where it is missing, fails or hangs."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_VERSION_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout
