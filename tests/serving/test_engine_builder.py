"""The process in which TensorRT builds: the real one without TensorRT, and stand-ins that build, fail and hang."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from serving.engine_builder import EngineBuilder, EngineUnavailable
from serving.engine_manifest import BatchProfile, GpuMachine
from specs.tensors import ElementType, Tensor
from tests.serving.stand_in_tensorrt import put_gpu_on_path, write_builder

GPU = "9.0, 560.35.03"
PROFILE = BatchProfile(
    inputs=(Tensor(name="image", element_type=ElementType.UINT8, shape=(1, 320, 320)),),
    typical_batch=8,
    largest_batch=32,
)


def build(builder: EngineBuilder, folder: Path) -> str:
    (folder / "model.onnx").write_text("network")
    builder.build(folder / "model.onnx", PROFILE, timing_cache=folder / "timing.cache", plan=folder / "model.plan")
    return (folder / "model.plan").read_text()


def test_a_machine_with_tensorrt_and_a_gpu_is_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_gpu_on_path(tmp_path / "bin", monkeypatch, GPU, GPU)
    machine = write_builder(tmp_path).machine()
    assert machine == GpuMachine(tensorrt="10.9.0.34", compute_capability="9.0", driver="560.35.03")


@pytest.mark.parametrize("gpus", [(), (GPU, "8.6, 560.35.03"), ("N/A",)], ids=["none", "of two kinds", "unknown"])
def test_without_one_kind_of_gpu_there_is_no_machine_for_an_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpus: tuple[str, ...]
) -> None:
    put_gpu_on_path(tmp_path / "bin", monkeypatch, *gpus)
    assert write_builder(tmp_path).machine() is None


@pytest.mark.skipif(importlib.util.find_spec("tensorrt") is not None, reason="TensorRT is here")
def test_the_real_program_says_that_it_has_no_tensorrt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_gpu_on_path(tmp_path / "bin", monkeypatch, GPU)
    builder = EngineBuilder(python=Path(sys.executable))
    assert builder.machine() is None
    with pytest.raises(EngineUnavailable, match=r"and said: ModuleNotFoundError: No module named 'tensorrt'$"):
        build(builder, tmp_path)


def test_a_python_that_is_not_there_is_no_machine_and_builds_nothing(tmp_path: Path) -> None:
    builder = EngineBuilder(python=tmp_path / "none")
    assert builder.machine() is None
    with pytest.raises(EngineUnavailable, match=r"does not start \(No such file or directory\)"):
        build(builder, tmp_path)


def test_an_engine_is_built_for_the_batches_of_its_profile(tmp_path: Path) -> None:
    assert build(write_builder(tmp_path), tmp_path) == f"engine for {PROFILE.canonical_json()}"


@pytest.mark.parametrize(
    ("building", "said"),
    [
        ("raise RuntimeError('node Resize: mode is not supported.')", "said: RuntimeError: node Resize: mode is not"),
        ("raise OSError('/somewhere/private/model.onnx')", "said: OSError: model.onnx$"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "said: nothing"),
        ("sys.exit(0)", "said: nothing"),
    ],
    ids=["refusal", "path", "crash", "nothing written"],
)
def test_a_build_that_fails_says_why_without_a_path(tmp_path: Path, building: str, said: str) -> None:
    with pytest.raises(EngineUnavailable, match=said):
        build(write_builder(tmp_path, building=building), tmp_path)


def test_a_build_that_hangs_is_given_up(tmp_path: Path) -> None:
    builder = replace(write_builder(tmp_path, building="time.sleep(60)"), timeout_s=0.2)
    with pytest.raises(EngineUnavailable, match=r"not built within 0\.2 s"):
        build(builder, tmp_path)
