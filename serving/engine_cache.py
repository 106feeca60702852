"""The TensorRT engines that one machine keeps, by the digest of their ONNX file, outside of every repository."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from serving.engine_builder import EngineBuilder, EngineUnavailable
from serving.engine_manifest import BatchProfile, EngineFacts, EngineManifest, EngineState, GpuMachine, judge
from specs.contract import Contract
from specs.deployment import PreferredEngine
from specs.entry import PLAN_FILE
from specs.model import NetworkSpec

MANIFEST_FILE = "engine.json"
TIMING_CACHE_FILE = "timing.cache"


@dataclass(frozen=True, kw_only=True)
class EngineCache:
    """Engines, and what makes those that are missing or of no use any more.

    Attributes:
        folder: Where they are kept.
        builder: Makes them.
        progress: Takes a line where one is built, which takes minutes.
    """

    folder: Path
    builder: EngineBuilder
    progress: Callable[[str], None]

    @classmethod
    def open(cls, folder: Path, *, python: Path, backends: Path, progress: Callable[[str], None]) -> Self | None:
        """Return the cache for a Triton; None where that has no backend that runs engines.

        Args:
            folder: Where engines are kept.
            python: The interpreter that has TensorRT, if any has.
            backends: Folder of the backends of the Triton.
            progress: As of the class.
        """
        if not (backends / PreferredEngine.TENSORRT).is_dir():
            return None
        return cls(folder=folder, builder=EngineBuilder(python=python), progress=progress)

    @cached_property
    def machine(self) -> GpuMachine | None:
        """The machine at hand; None where it has no TensorRT."""
        return self.builder.machine()

    def engine(self, onnx: Path, contract: Contract) -> Path:
        """Return the file of a version's engine: the one that was kept where it is usable, otherwise one built now.

        Args:
            onnx: Of the version.
            contract: Of the version.

        Raises:
            EngineUnavailable: there is none, and none can be made.
        """
        if not isinstance(contract.spec, NetworkSpec):
            raise EngineUnavailable("it is no network that TensorRT runs")
        if _sha256(onnx) != contract.weights.model_sha256:
            raise EngineUnavailable("its ONNX file is not the one that its record names")
        kept = self.folder / contract.weights.model_sha256
        facts = EngineFacts(
            machine=self.machine,
            onnx_sha256=contract.weights.model_sha256,
            profile=BatchProfile.of(contract.spec),
            plan_sha256=_sha256(kept / PLAN_FILE),
        )
        verdict = judge(_manifest(kept / MANIFEST_FILE), facts)
        if facts.machine is None or verdict.state is EngineState.ABSENT:
            raise EngineUnavailable(verdict.reason)
        if verdict.state is EngineState.REBUILD:
            self.progress(f"{contract.spec.name}: building its TensorRT engine: {verdict.reason}")
            self._build(onnx, facts, facts.machine)
        return kept / PLAN_FILE

    def _build(self, onnx: Path, facts: EngineFacts, machine: GpuMachine) -> None:
        """Put an engine and its manifest where engines are kept, each at once or not at all, the manifest last."""
        kept = self.folder / facts.onnx_sha256
        kept.mkdir(parents=True, exist_ok=True)
        plan = kept / f"{PLAN_FILE}.unfinished"
        plan.unlink(missing_ok=True)
        self.builder.build(onnx, facts.profile, timing_cache=self.folder / TIMING_CACHE_FILE, plan=plan)
        manifest = EngineManifest(
            machine=machine,
            onnx_sha256=facts.onnx_sha256,
            profile=facts.profile,
            plan_sha256=hashlib.sha256(plan.read_bytes()).hexdigest(),
        )
        plan.replace(kept / PLAN_FILE)
        unfinished = kept / f"{MANIFEST_FILE}.unfinished"
        unfinished.write_text(manifest.readable_json(), encoding="utf-8")
        unfinished.replace(kept / MANIFEST_FILE)


def _sha256(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def _manifest(file: Path) -> EngineManifest | None:
    """Read a manifest; None where there is none, or one of another version of this program."""
    try:
        return EngineManifest.from_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # pydantic's error is a ValueError, as is that of bytes that are no UTF-8
        return None
