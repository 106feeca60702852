"""The Python-based backend `openvino`, asked through a real Triton beside ONNX Runtime on the same files."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
import tritonclient.grpc as triton

from serving import EmbeddedTriton, ServerInstallation, TritonSettings
from serving.errors import EngineNotInstalled, ModelNotLoaded
from specs.deployment import Engine
from tests.conftest import CLONE

WriteModel = Callable[..., Path]
NETWORK = "mitral_regurgitation"
BF16 = 'parameters { key: "HINT_BF16" value { string_value: "YES" } }'
THREADS = 'parameters { key: "INFERENCE_NUM_THREADS" value { string_value: "1" } }'


@pytest.fixture(scope="module", autouse=True)
def openvino() -> None:
    """Every test here needs the optional part of the server environment."""
    if not ServerInstallation.open().has(Engine.OPENVINO):
        pytest.skip("no OpenVINO in .venv-server: `make .venv-server OPENVINO=yes` adds it")


def copy_network(repository: Path, name: str, *, engine: Engine, more: str = "") -> None:
    """Serve a committed network under another name and with another engine."""
    source = CLONE / "model_repository" / NETWORK
    text = (source / "config.pbtxt").read_text(encoding="utf-8")
    text = text.replace(f'name: "{NETWORK}"', f'name: "{name}"').replace(
        'backend: "onnxruntime"', f'backend: "{engine}" default_model_filename: "model.onnx" {more}'
    )
    (repository / name / "1").mkdir(parents=True)
    (repository / name / "config.pbtxt").write_text(text, encoding="utf-8")
    (repository / name / "1" / "model.onnx").write_bytes((source / "1" / "model.onnx").read_bytes())


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, write_model: WriteModel, double_model: onnx.ModelProto, double_config: str
) -> Iterator[EmbeddedTriton]:
    """Serves a network by both engines, and a tiny model whose second output cannot be computed."""
    folder = tmp_path_factory.mktemp("openvino")
    config = double_config.replace('backend: "onnxruntime"', 'backend: "openvino" default_model_filename: "model.onnx"')
    write_model(folder / "models", "double", config=f"{config}\n{THREADS}", model=double_model)
    copy_network(folder / "models", "reference", engine=Engine.ONNXRUNTIME)
    copy_network(folder / "models", "fp32", engine=Engine.OPENVINO, more=THREADS)
    copy_network(folder / "models", "bf16", engine=Engine.OPENVINO, more=BF16)
    settings = TritonSettings(repository=folder / "models", run_folder=folder / "run")
    with EmbeddedTriton(settings) as embedded:
        yield embedded


@pytest.fixture(scope="module")
def client(server: EmbeddedTriton) -> Iterator[triton.InferenceServerClient]:
    with triton.InferenceServerClient(server.grpc_address) as opened:
        yield opened


def answer(
    client: triton.InferenceServerClient, model: str, pixels: np.ndarray, outputs: tuple[str, ...]
) -> dict[str, np.ndarray]:
    tensor = triton.InferInput("pixels", list(pixels.shape), "UINT8")
    tensor.set_data_from_numpy(pixels)
    found = client.infer(model, [tensor], outputs=[triton.InferRequestedOutput(name) for name in outputs])
    return {name: found.as_numpy(name) for name in outputs}


def pictures(studies: int) -> np.ndarray:
    coarse = np.random.default_rng(4).integers(0, 256, size=(studies, 1, 8, 8), dtype=np.uint8)
    return coarse.repeat(40, axis=2).repeat(40, axis=3)


def test_triton_knows_the_backend_by_nvidias_name(client: triton.InferenceServerClient) -> None:
    assert client.get_model_config("fp32").config.backend == "openvino"


def test_fp32_answers_as_onnx_runtime_does(client: triton.InferenceServerClient) -> None:
    pixels = pictures(5)
    expected = answer(client, "reference", pixels, ("probability", "cam"))
    found = answer(client, "fp32", pixels, ("probability", "cam"))
    np.testing.assert_allclose(found["probability"], expected["probability"], atol=1e-5)
    np.testing.assert_allclose(found["cam"], expected["cam"], atol=1e-3)
    alone = answer(client, "fp32", pixels, ("probability",))["probability"]
    np.testing.assert_allclose(alone, found["probability"], atol=1e-5)


def test_bf16_is_near_where_the_processor_has_it(client: triton.InferenceServerClient) -> None:
    pixels = pictures(5)
    expected = answer(client, "reference", pixels, ("probability",))["probability"]
    np.testing.assert_allclose(answer(client, "bf16", pixels, ("probability",))["probability"], expected, atol=0.05)


def test_every_request_of_a_mix_gets_its_own_answer(client: triton.InferenceServerClient) -> None:
    images = [np.full((1 + number % 3, 4), number, np.float32) for number in range(24)]

    def double(image: np.ndarray) -> np.ndarray:
        tensor = triton.InferInput("x", list(image.shape), "FP32")
        tensor.set_data_from_numpy(image)
        found = client.infer("double", [tensor], outputs=[triton.InferRequestedOutput("y")])
        doubled: np.ndarray = found.as_numpy("y")
        return doubled

    with ThreadPoolExecutor(8) as pool:
        for image, doubled in zip(images, pool.map(double, images), strict=True):
            assert np.array_equal(doubled, 2 * image)


def test_a_configuration_of_another_type_is_refused(
    tmp_path: Path, write_model: WriteModel, double_model: onnx.ModelProto, double_config: str
) -> None:
    config = double_config.replace('"onnxruntime"', '"openvino" default_model_filename: "model.onnx"')
    wrong = config.replace("FP32 dims: [1]", "FP64 dims: [1]")
    write_model(tmp_path / "models", "broken", config=wrong, model=double_model)
    with pytest.raises(ModelNotLoaded, match=r"the tensor z is tensor.double. in config.pbtxt, tensor.float."):
        EmbeddedTriton(TritonSettings(repository=tmp_path / "models", run_folder=tmp_path / "run")).start()


def test_a_server_without_the_engine_says_so_before_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_network(tmp_path / "models", "fast", engine=Engine.OPENVINO)
    monkeypatch.setattr(ServerInstallation, "has", lambda _self, engine: engine is not Engine.OPENVINO)
    with pytest.raises(EngineNotInstalled, match="The model fast is made for openvino"):
        EmbeddedTriton(TritonSettings(repository=tmp_path / "models", run_folder=tmp_path / "run")).start()
