"""A real Triton on a repository that asks for an engine: it starts and answers with it, without it, and in spite of it.

No TensorRT is here: in its place a backend of that name runs ONNX files, and a builder hands them on as engines. A real
package of AOTInductor is served in `backends/aotinductor/test_model.py`.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest
import tritonclient.grpc as tritongrpc

from client.call_settings import CallSettings
from client.triton import TritonEngine
from export.preferred_engine import prefer_engine
from serving import EmbeddedTriton, ServerInstallation, TritonSettings
from serving.compiled_packages import CompiledPackages
from serving.engine_cache import EngineCache
from specs import SPECS
from specs.deployment import PreferredEngine
from tests.conftest import CLONE
from tests.serving.stand_in_pytorch import CPU, write_stand_in_package
from tests.serving.stand_in_tensorrt import put_gpu_on_path, write_builder

MODEL = "mitral_regurgitation"
OTHER = "ejection_fraction"
HANDS_ON_THE_ONNX_FILE = "pathlib.Path(plan).write_bytes(pathlib.Path(onnx).read_bytes()); sys.exit()"


@pytest.fixture
def settings(tmp_path: Path, committed_repository: Path) -> TritonSettings:
    repository = tmp_path / "models"
    for name in (MODEL, OTHER):
        shutil.copytree(committed_repository / name, repository / name)
    prefer_engine(repository, SPECS[MODEL], PreferredEngine.TENSORRT)
    return TritonSettings(repository=repository, run_folder=tmp_path / "run")


def assert_answers(server: EmbeddedTriton, *, backend: str) -> None:
    """Check that both models answer, and which backend runs the one that asks for TensorRT."""
    with TritonEngine(CallSettings(address=server.grpc_address)) as engine:
        for name in (MODEL, OTHER):
            (tensor,), answer = SPECS[name].inputs, SPECS[name].outputs[0].name
            served = engine.served_model(name)
            values = engine.infer(served, {tensor.name: np.zeros((2, *tensor.shape), np.uint8)}, (answer,))[answer]
            assert np.isfinite(values).all()
    with tritongrpc.InferenceServerClient(server.grpc_address) as client:
        assert client.get_model_config(MODEL).config.backend == backend
        assert client.get_model_config(OTHER).config.backend == "onnxruntime"


def add_backend(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the server environment a backend `tensorrt`, which is ours for ONNX Runtime."""
    backends = ServerInstallation.open().backends
    folder.mkdir()
    (folder / "python").symlink_to(backends / "python")
    for part in ("onnxruntime", "shared"):
        shutil.copytree(CLONE / "serving" / "backends" / part, folder / "tensorrt", dirs_exist_ok=True)
    monkeypatch.setattr(ServerInstallation, "backends", folder)


def test_without_tensorrt_the_service_starts_with_onnx_runtime_and_says_so(settings: TritonSettings) -> None:
    lines: list[str] = []
    with EmbeddedTriton(settings, progress=lines.append) as server:
        assert f"{MODEL}: no TensorRT here; served with ONNX Runtime" in lines
        assert_answers(server, backend="onnxruntime")


def test_an_engine_that_triton_does_not_load_is_left_out_of_another_start(
    settings: TritonSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_gpu_on_path(tmp_path / "bin", monkeypatch, "9.0, 560.35.03")
    lines: list[str] = []
    engines = EngineCache(folder=settings.engine_folder, builder=write_builder(tmp_path), progress=lines.append)
    with EmbeddedTriton(settings, progress=lines.append, engines=engines) as server:
        (refusal,) = [line for line in lines if "does not load" in line]
        assert refusal.startswith(f"{MODEL}: Triton does not load the TensorRT engine of {MODEL} (")
        assert "unable to find backend library for backend 'tensorrt'" in refusal
        assert refusal.endswith("; served with ONNX Runtime")
        assert_answers(server, backend="onnxruntime")


def test_an_engine_takes_the_place_of_the_onnx_file_of_the_entry_that_asks(
    settings: TritonSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_gpu_on_path(tmp_path / "bin", monkeypatch, "9.0, 560.35.03")
    add_backend(tmp_path / "backends", monkeypatch)
    lines: list[str] = []
    builder = write_builder(tmp_path, building=HANDS_ON_THE_ONNX_FILE)
    engines = EngineCache(folder=settings.engine_folder, builder=builder, progress=lines.append)
    with EmbeddedTriton(settings, progress=lines.append, engines=engines) as server:
        assert not any("served with" in line for line in lines)
        assert_answers(server, backend="tensorrt")


def test_an_environment_with_the_backend_alone_serves_with_onnx_runtime(
    settings: TritonSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_gpu_on_path(tmp_path / "bin", monkeypatch, "9.0, 560.35.03")
    add_backend(tmp_path / "backends", monkeypatch)
    lines: list[str] = []
    with EmbeddedTriton(settings, progress=lines.append) as server:
        assert f"{MODEL}: no TensorRT here; served with ONNX Runtime" in lines
        assert_answers(server, backend="onnxruntime")


def test_without_pytorch_the_service_starts_with_onnx_runtime_and_says_so(settings: TritonSettings) -> None:
    prefer_engine(settings.repository, SPECS[MODEL], PreferredEngine.AOTINDUCTOR)
    write_stand_in_package(settings.repository, MODEL, CPU)
    lines: list[str] = []
    with EmbeddedTriton(settings, progress=lines.append) as server:
        assert f"{MODEL}: no PyTorch here; served with ONNX Runtime" in lines
        assert_answers(server, backend="onnxruntime")


def test_a_package_that_triton_does_not_load_is_left_out_of_another_start(
    settings: TritonSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefer_engine(settings.repository, SPECS[MODEL], PreferredEngine.AOTINDUCTOR)
    write_stand_in_package(settings.repository, MODEL, CPU)
    monkeypatch.setattr(CompiledPackages, "machines", (CPU,))
    lines: list[str] = []
    with EmbeddedTriton(settings, progress=lines.append) as server:
        (refusal,) = [line for line in lines if "does not load" in line]
        assert refusal.startswith(f"{MODEL}: Triton does not load the AOTInductor package of {MODEL} (")
        assert refusal.endswith("; served with ONNX Runtime")
        assert_answers(server, backend="onnxruntime")
