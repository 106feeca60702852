"""A network exported with a package for the CPU, served by the backend `aotinductor` through a real Triton.

PyTorch is no part of the server environment here: a copy of that, of links, finds it in this environment, behind its
own packages, so that NumPy stays the server's.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
import tritonclient.grpc as triton

from export.compiled_package import PackageChoice
from export.preferred_engine import prefer_engine
from export.run import EntryVersion, Workplace, export_network
from serving import EmbeddedTriton, ServerInstallation, TritonSettings
from specs import SPECS
from specs.compiled_package import PackageManifest
from specs.deployment import Engine, Precision, PreferredEngine
from specs.entry import ONNX_FILE, PACKAGE_MANIFEST_FILE
from specs.model import NetworkSpec
from specs.network import Preset
from tests.training.tiny import random_pixels, silent_progress, tiny, train

pytestmark = pytest.mark.slow

MODEL = "ejection_fraction"
"""A quantity: after one epoch the AUC of a finding would jump by more than is tolerated of bf16."""
STUDIES = 16
Answers = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server environment with PyTorch."""
    if torch.cuda.is_available():
        pytest.skip("an export here makes packages for the GPU, and these are compared on the CPU")
    if shutil.which("g++") is None:
        pytest.skip("no g++ here, which AOTInductor compiles with: apt install g++")
    own = ServerInstallation.open()
    if own.python_version != f"{sys.version_info.major}.{sys.version_info.minor}":
        pytest.skip(f"the server's Python is {own.python_version}, and PyTorch is here for that of the tests")
    root = tmp_path_factory.mktemp("server") / "environment"
    copy = ServerInstallation(root=root, python_version=own.python_version, libpython=own.libpython)
    for source, target in ((own.python.parent, copy.python.parent), (own.site_packages, copy.site_packages)):
        target.mkdir(parents=True)
        for path in source.iterdir():
            (target / path.name).symlink_to(path)
    shutil.copy(own.root / "pyvenv.cfg", root)
    stamp = json.loads((own.root / "tricorder-stamp.json").read_text(encoding="utf-8"))
    (root / "tricorder-stamp.json").write_text(json.dumps({**stamp, "root": str(root.resolve())}), encoding="utf-8")
    (copy.site_packages / "torch.pth").write_text(f"{Path(torch.__file__).parents[1]}\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def spec() -> NetworkSpec:
    whole = SPECS[MODEL]
    assert isinstance(whole, NetworkSpec)
    return tiny(whole)


@pytest.fixture(scope="module")
def repository(environment: Path, spec: NetworkSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one entry, whose first version has a package in bf16 and whose second has one in fp32."""
    folder = tmp_path_factory.mktemp("exported")
    train(spec, folder / "run", folder / "prepared")
    target = EntryVersion(repository=folder / "repository")
    for precision in (Precision.BF16, None):
        workplace = Workplace(
            cache=folder / "prepared",
            progress=silent_progress,
            parity_studies=20,
            package=PackageChoice(precision=precision),
        )
        export_network(spec, Preset.DEMONSTRATION, weights=folder / "run", target=target, workplace=workplace)
    prefer_engine(target.repository, spec, PreferredEngine.AOTINDUCTOR)
    return target.repository


@pytest.fixture(scope="module")
def client(
    environment: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[triton.InferenceServerClient]:
    """A client of a server of the repository, which found nothing to say against the packages."""
    lines: list[str] = []
    settings = TritonSettings(repository=repository, run_folder=tmp_path_factory.mktemp("run"), environment=environment)
    with (
        EmbeddedTriton(settings, progress=lines.append) as server,
        triton.InferenceServerClient(server.grpc_address) as opened,
    ):
        assert not any("served with" in line for line in lines)
        yield opened


def ask(client: triton.InferenceServerClient, pixels: np.ndarray, *outputs: str, version: int = 2) -> Answers:
    tensor = triton.InferInput("pixels", list(pixels.shape), "UINT8")
    tensor.set_data_from_numpy(pixels)
    wanted = [triton.InferRequestedOutput(name) for name in outputs]
    answer = client.infer(MODEL, [tensor], model_version=str(version), outputs=wanted)
    return {name: answer.as_numpy(name) for name in outputs}


def of_onnx_runtime(repository: Path, spec: NetworkSpec, pixels: np.ndarray) -> Answers:
    names = [tensor.name for tensor in spec.outputs]
    session = onnxruntime.InferenceSession(repository / MODEL / "2" / ONNX_FILE, providers=["CPUExecutionProvider"])
    return dict(zip(names, session.run(names, {"pixels": pixels}), strict=True))


def manifest(repository: Path, version: int) -> PackageManifest:
    return PackageManifest.from_json(
        (repository / MODEL / str(version) / PACKAGE_MANIFEST_FILE).read_text(encoding="utf-8")
    )


def test_a_package_answers_as_onnx_runtime_does_in_batches_of_every_size(
    client: triton.InferenceServerClient, repository: Path, spec: NetworkSpec
) -> None:
    pixels = random_pixels(spec, studies=STUDIES).numpy()
    expected = of_onnx_runtime(repository, spec, pixels)
    for size in (1, 3, STUDIES):
        answered = ask(client, pixels[:size], *expected)
        for name, values in expected.items():
            assert answered[name].dtype == np.float32
            np.testing.assert_allclose(answered[name], values[:size], atol=1e-4)


def test_studies_of_many_clients_share_batches_and_get_their_own_answers(
    client: triton.InferenceServerClient, repository: Path, spec: NetworkSpec
) -> None:
    pixels = random_pixels(spec, studies=STUDIES, seed=2).numpy()
    expected = of_onnx_runtime(repository, spec, pixels)
    before = client.get_inference_statistics(MODEL, "2").model_stats[0]
    with ThreadPoolExecutor(STUDIES) as pool:
        answered = list(pool.map(lambda place: ask(client, pixels[place : place + 1], *expected), range(STUDIES)))
    after = client.get_inference_statistics(MODEL, "2").model_stats[0]
    assert after.execution_count - before.execution_count < after.inference_count - before.inference_count == STUDIES
    for name, values in expected.items():
        np.testing.assert_allclose(np.concatenate([each[name] for each in answered]), values, atol=1e-4)


def test_one_output_can_be_asked_for_alone(client: triton.InferenceServerClient, spec: NetworkSpec) -> None:
    pixels = random_pixels(spec, studies=2).numpy()
    both = ask(client, pixels, *(tensor.name for tensor in spec.outputs))
    for name, values in both.items():
        np.testing.assert_array_equal(ask(client, pixels, name)[name], values)


def test_in_bf16_the_convolutions_round_and_the_answers_stay_near(
    client: triton.InferenceServerClient, repository: Path, spec: NetworkSpec
) -> None:
    pixels = random_pixels(spec, studies=STUDIES).numpy()
    answer = spec.head.answer.name
    distance = np.abs(
        ask(client, pixels, answer, version=1)[answer] - of_onnx_runtime(repository, spec, pixels)[answer]
    )
    assert 0 < distance.max() < 0.05


def test_the_configuration_keeps_tensors_where_the_package_runs(client: triton.InferenceServerClient) -> None:
    config = client.get_model_config(MODEL, as_json=True)["config"]
    assert config["backend"] == "aotinductor"
    assert config["default_model_filename"] == "model.pt2"
    assert {group["kind"] for group in config["instance_group"]} == {"KIND_CPU"}
    assert config["parameters"]["FORCE_CPU_ONLY_INPUT_TENSORS"]["string_value"] == "no"


def test_a_manifest_says_what_a_package_is_for(repository: Path, spec: NetworkSpec) -> None:
    rounded, exact = manifest(repository, 1), manifest(repository, 2)
    assert (rounded.precision, exact.precision) == (Precision.BF16, Precision.FP32)
    assert exact.machine.torch == torch.__version__
    assert (exact.inputs, exact.outputs) == (spec.inputs, spec.outputs)
    assert exact.parity.engine is Engine.AOTINDUCTOR
    assert exact.parity.studies == 20
