"""What Triton serves of a repository: engines where they can be had, ONNX Runtime with a line about it elsewhere."""

import shutil
from pathlib import Path

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from export.preferred_engine import prefer_engine
from serving.build_engines import main
from serving.engine_builder import EngineBuilder
from serving.engine_cache import MANIFEST_FILE, TIMING_CACHE_FILE, EngineCache
from serving.preparation import prepare_repository
from specs import SPECS
from specs.deployment import PreferredEngine
from tests.serving.stand_in_tensorrt import put_gpu_on_path, write_builder

MODEL = "mitral_regurgitation"
GPU = "9.0, 560.35.03"


@pytest.fixture
def asking(tmp_path: Path, committed_repository: Path) -> Path:
    """A repository of two models, of which one asks for TensorRT."""
    repository = tmp_path / "models"
    for name in (MODEL, "ejection_fraction"):
        shutil.copytree(committed_repository / name, repository / name)
    prefer_engine(repository, SPECS[MODEL], PreferredEngine.TENSORRT)
    return repository


@pytest.fixture
def gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_gpu_on_path(tmp_path / "bin", monkeypatch, GPU)


class Prepared:
    """A repository that was prepared, and what was said."""

    def __init__(self, repository: Path, builder: EngineBuilder | None, **refused: str) -> None:
        self.lines: list[str] = []
        self.folder, self.cache = repository.parent / "served", repository.parent / "engines"
        cache = EngineCache(folder=self.cache, builder=builder, progress=self.lines.append) if builder else None
        self.with_engines = prepare_repository(
            repository, self.folder, cache=cache, packages=None, refused=refused, progress=self.lines.append
        )

    def config(self, name: str) -> triton.ModelConfig:
        return text_format.Parse((self.folder / name / "config.pbtxt").read_text(), triton.ModelConfig())


def test_without_a_backend_the_repository_is_served_as_it_is(asking: Path) -> None:
    prepared = Prepared(asking, None)
    assert prepared.lines == [f"{MODEL}: no TensorRT here; served with ONNX Runtime"]
    assert not prepared.with_engines
    assert prepared.folder.resolve() == asking
    assert prepared.config(MODEL).backend == "onnxruntime"


def test_a_repository_that_asks_for_nothing_is_served_without_a_word(
    committed_repository: Path, tmp_path: Path
) -> None:
    lines: list[str] = []
    prepare_repository(
        committed_repository, tmp_path / "served", cache=None, packages=None, refused={}, progress=lines.append
    )
    assert lines == []
    assert (tmp_path / "served").resolve() == committed_repository


@pytest.mark.usefixtures("gpu")
def test_an_engine_is_built_once_and_then_used(asking: Path, tmp_path: Path) -> None:
    for lines in ([f"{MODEL}: building its TensorRT engine: none is kept"], []):
        prepared = Prepared(asking, write_builder(tmp_path))
        assert prepared.lines == lines
        assert prepared.with_engines == {MODEL: PreferredEngine.TENSORRT}
        plan = prepared.folder / MODEL / "1" / "model.plan"
        assert plan.read_text().startswith('engine for {"inputs":[{"element_type":"uint8","name":')
        assert not (prepared.folder / MODEL / "1" / "model.onnx").exists()
        assert (prepared.folder / "ejection_fraction").resolve() == asking / "ejection_fraction"
    assert (prepared.cache / TIMING_CACHE_FILE).read_text() == "timed\n"


@pytest.mark.usefixtures("gpu")
def test_only_engine_and_file_of_a_configuration_change(asking: Path, tmp_path: Path) -> None:
    served = Prepared(asking, write_builder(tmp_path)).config(MODEL)
    assert (served.backend, served.default_model_filename) == ("tensorrt", "model.plan")
    served.backend = "onnxruntime"
    served.ClearField("default_model_filename")
    own = text_format.Parse((asking / MODEL / "config.pbtxt").read_text(), triton.ModelConfig())
    assert served == own


@pytest.mark.usefixtures("gpu")
def test_an_engine_is_built_again_where_it_is_damaged_or_tensorrt_is_another(asking: Path, tmp_path: Path) -> None:
    (plan,) = Prepared(asking, write_builder(tmp_path)).cache.glob("*/model.plan")
    plan.write_text("damaged")
    said = f"{MODEL}: building its TensorRT engine: "
    assert Prepared(asking, write_builder(tmp_path)).lines == [f"{said}its file is damaged"]
    newer = Prepared(asking, write_builder(tmp_path, tensorrt="11.0.0"))
    assert newer.lines == [f"{said}TensorRT is 11.0.0, and was 10.9.0.34"]
    (plan.parent / MANIFEST_FILE).write_text("[]")
    assert Prepared(asking, write_builder(tmp_path)).lines == [f"{said}none is kept"]


@pytest.mark.usefixtures("gpu")
def test_where_no_engine_can_be_built_onnx_runtime_serves(asking: Path, tmp_path: Path) -> None:
    prepared = Prepared(asking, write_builder(tmp_path, building="raise RuntimeError('no kernel')"))
    last = f"{MODEL}: TensorRT built no engine, and said: RuntimeError: no kernel; served with ONNX Runtime"
    assert prepared.lines[-1] == last
    assert prepared.folder.resolve() == asking


@pytest.mark.usefixtures("gpu")
def test_an_engine_is_made_of_recorded_weights_alone(asking: Path, tmp_path: Path) -> None:
    (asking / MODEL / "1" / "model.onnx").write_bytes(b"other weights")
    prepared = Prepared(asking, write_builder(tmp_path))
    assert prepared.lines == [f"{MODEL}: its ONNX file is not the one that its record names; served with ONNX Runtime"]


@pytest.mark.usefixtures("gpu")
def test_a_refused_engine_is_left_out(asking: Path, tmp_path: Path) -> None:
    prepared = Prepared(asking, write_builder(tmp_path), **{MODEL: "Triton refuses it"})
    assert prepared.lines == [f"{MODEL}: Triton refuses it; served with ONNX Runtime"]


def test_a_choice_that_cannot_be_read_keeps_nothing_down(asking: Path) -> None:
    (asking / MODEL / "serving.json").write_text("{", encoding="utf-8")
    assert Prepared(asking, None).lines == [f"{MODEL}: its serving.json cannot be read; served with ONNX Runtime"]


def test_the_container_s_builder_leaves_what_is_to_be_served(
    asking: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cache = tmp_path / "cache"
    assert main([str(asking), str(cache), "--backends", str(tmp_path / "none")]) == 0
    assert (cache / "repository").resolve() == asking
    assert capfd.readouterr().err == f"{MODEL}: no TensorRT here; served with ONNX Runtime\n"
    assert main([str(tmp_path / "nothing"), str(cache)]) == 5
    assert "model repository does not exist" in capfd.readouterr().err
