"""Whether a version is served by its package: only where machine and files are those that it was made for."""

import shutil
import sys
from pathlib import Path

import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st
from tritonclient.grpc import model_config_pb2 as triton

from export.compiled_package import this_machine
from export.entry import write_entry
from export.preferred_engine import prefer_engine
from serving.build_engines import main
from serving.compiled_packages import CompiledPackages, PackageFacts, objection
from serving.preparation import prepare_repository
from specs import SPECS
from specs.compiled_package import BEYOND_CAPABILITY, DeviceKind, PackageManifest, TorchMachine
from specs.deployment import PreferredEngine
from specs.entry import PACKAGE_FILE, PACKAGE_MANIFEST_FILE
from specs.model import NetworkSpec
from specs.tensors import ElementType, Tensor
from tests.conftest import CLONE
from tests.serving.stand_in_pytorch import CPU, GPU, write_python, write_stand_in_package
from tests.specs.records import parity, weights_record

MODEL = "mitral_regurgitation"
VERSIONS = st.sampled_from(["2.15.0", "2.16.0"])
DIGESTS = st.sampled_from(["a" * 64, "b" * 64])
MACHINES = st.builds(
    TorchMachine, torch=VERSIONS, device=st.sampled_from(DeviceKind), capability=st.sampled_from(["8.0", "9.0"])
)
MANIFESTS = st.builds(
    PackageManifest,
    machine=MACHINES,
    precision=st.sampled_from(["fp32", "bf16"]),
    inputs=st.just((Tensor(name="pixels", element_type=ElementType.UINT8, shape=(1, 320, 320)),)),
    outputs=st.just((Tensor(name="probability", element_type=ElementType.FLOAT32, shape=(1,)),)),
    largest_batch=st.integers(8, 16),
    onnx_sha256=DIGESTS,
    package_sha256=DIGESTS,
    parity=st.just(parity(SPECS[MODEL])),
)
FACTS = st.builds(
    PackageFacts,
    machines=st.lists(MACHINES, min_size=1, max_size=3),
    onnx_sha256=DIGESTS,
    package_sha256=st.none() | DIGESTS,
    largest_batch=st.integers(8, 16),
)


@given(kept=st.none() | MANIFESTS, facts=FACTS)
def test_a_package_is_served_exactly_where_nothing_is_another(
    kept: PackageManifest | None, facts: PackageFacts
) -> None:
    fits = (
        kept is not None
        and {machine for machine in facts.machines if machine.device is kept.machine.device} == {kept.machine}
        and (kept.onnx_sha256, kept.package_sha256) == (facts.onnx_sha256, facts.package_sha256)
        and kept.largest_batch >= facts.largest_batch
    )
    assert (objection(kept, facts) is None) == fits


@given(kept=MANIFESTS)
def test_a_manifest_is_read_as_it_was_written(kept: PackageManifest) -> None:
    assert PackageManifest.from_json(kept.readable_json()) == kept


@pytest.fixture
def asking(tmp_path: Path, committed_repository: Path) -> Path:
    """A repository of two models, of which one asks for AOTInductor."""
    repository = tmp_path / "models"
    for name in (MODEL, "ejection_fraction"):
        shutil.copytree(committed_repository / name, repository / name)
    prefer_engine(repository, SPECS[MODEL], PreferredEngine.AOTINDUCTOR)
    return repository


class Prepared:
    """A repository that was prepared, and what was said."""

    def __init__(self, repository: Path, packages: CompiledPackages | None, **refused: str) -> None:
        self.lines: list[str] = []
        self.folder = repository.parent / "served"
        self.with_engines = prepare_repository(
            repository, self.folder, cache=None, packages=packages, refused=refused, progress=self.lines.append
        )

    def config(self, name: str) -> triton.ModelConfig:
        return text_format.Parse((self.folder / name / "config.pbtxt").read_text(), triton.ModelConfig())


def assert_left_out(prepared: Prepared, reason: str) -> None:
    """Check that a repository is served as it is, after one line with the reason."""
    assert prepared.lines == [f"{MODEL}: {reason}; served with ONNX Runtime"]
    assert prepared.with_engines == {}
    assert prepared.config(MODEL).backend == "onnxruntime"


@pytest.mark.parametrize(
    ("machine", "kind"), [(CPU, triton.ModelInstanceGroup.KIND_CPU), (GPU, triton.ModelInstanceGroup.KIND_GPU)]
)
def test_a_package_that_fits_takes_over_on_its_device(
    asking: Path, tmp_path: Path, machine: TorchMachine, kind: int
) -> None:
    write_stand_in_package(asking, MODEL, machine)
    prepared = Prepared(asking, write_python(tmp_path, [CPU, GPU]))
    assert prepared.lines == []
    assert prepared.with_engines == {MODEL: PreferredEngine.AOTINDUCTOR}
    served = prepared.config(MODEL)
    assert (served.backend, served.default_model_filename) == ("aotinductor", PACKAGE_FILE)
    assert [group.kind for group in served.instance_group] == [kind]
    assert served.parameters["FORCE_CPU_ONLY_INPUT_TENSORS"].string_value == "no"
    folder = prepared.folder / MODEL / "1"
    assert {file.name for file in folder.iterdir()} == {PACKAGE_FILE, PACKAGE_MANIFEST_FILE}
    assert (folder / PACKAGE_FILE).resolve() == asking / MODEL / "1" / PACKAGE_FILE
    assert (prepared.folder / "ejection_fraction").resolve() == asking / "ejection_fraction"


def test_without_pytorch_or_a_backend_onnx_runtime_serves(asking: Path, tmp_path: Path) -> None:
    write_stand_in_package(asking, MODEL, CPU)
    assert_left_out(Prepared(asking, None), "no PyTorch here")
    assert_left_out(Prepared(asking, CompiledPackages(python=tmp_path / "none")), "no PyTorch here")


@pytest.mark.parametrize(
    ("machines", "reason"),
    [
        ([CPU], "has a package for a GPU, and PyTorch finds none"),
        (
            [CPU, GPU.model_copy(update={"torch": "2.16.0+cu132"})],
            "has a package for PyTorch 2.15.0+cu132, and here is 2.16.0+cu132",
        ),
        (
            [CPU, GPU, GPU.model_copy(update={"capability": "8.0"})],
            "has a package for a GPU of compute capability 9.0, and here is 8.0",
        ),
    ],
)
def test_on_another_machine_onnx_runtime_serves(
    asking: Path, tmp_path: Path, machines: list[TorchMachine], reason: str
) -> None:
    write_stand_in_package(asking, MODEL, GPU)
    assert_left_out(Prepared(asking, write_python(tmp_path, machines)), f"its version 1 {reason}")


def test_a_package_that_is_missing_damaged_or_of_other_weights_is_left_out(asking: Path, tmp_path: Path) -> None:
    python = write_python(tmp_path, [CPU])
    assert_left_out(Prepared(asking, python), "its version 1 has no AOTInductor package")
    manifest = write_stand_in_package(asking, MODEL, CPU)
    (asking / MODEL / "1" / PACKAGE_FILE).write_bytes(b"other bytes")
    assert_left_out(Prepared(asking, python), "its version 1 has a damaged package")
    other = manifest.model_copy(update={"onnx_sha256": "0" * 64})
    (asking / MODEL / "1" / PACKAGE_MANIFEST_FILE).write_text(other.readable_json(), encoding="utf-8")
    assert_left_out(Prepared(asking, python), "its version 1 has a package of another ONNX file")
    (asking / MODEL / "1" / PACKAGE_MANIFEST_FILE).write_text("[]", encoding="utf-8")
    assert_left_out(Prepared(asking, python), "its version 1 has a package without a manifest that can be read")
    (asking / MODEL / "1" / PACKAGE_FILE).unlink()
    (asking / MODEL / "1" / PACKAGE_FILE).mkdir()
    assert_left_out(Prepared(asking, python), "its version 1 has a package that cannot be read")


def test_on_another_processor_onnx_runtime_serves(asking: Path, tmp_path: Path) -> None:
    write_stand_in_package(asking, MODEL, CPU)
    other = CPU.model_copy(update={"capability": "AVX512"})
    reason = f"its version 1 has a package for a CPU with {CPU.capability}, and here is AVX512"
    assert_left_out(Prepared(asking, write_python(tmp_path, [other])), reason)


@pytest.mark.parametrize(
    ("script", "timeout_s", "reason"),
    [
        ("echo \"ModuleNotFoundError: No module named 'torch'\" >&2; exit 1", 120, "no PyTorch here"),
        ("exit 3", 120, "PyTorch does not start here (exit code 3)"),
        ("echo nonsense", 120, "PyTorch's Python does not say what processors it sees"),
        ("printf '\\377'", 120, "PyTorch's Python does not say what processors it sees"),
        ("exec sleep 60", 0.2, "PyTorch did not start within 0.2 s"),
    ],
)
def test_where_pytorch_does_not_start_onnx_runtime_serves(
    asking: Path, tmp_path: Path, script: str, timeout_s: float, reason: str
) -> None:
    write_stand_in_package(asking, MODEL, CPU)
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    python.chmod(0o755)
    assert_left_out(Prepared(asking, CompiledPackages(python=python, timeout_s=timeout_s)), reason)


def test_every_version_needs_a_package_and_all_of_them_one_device(asking: Path, tmp_path: Path) -> None:
    spec, python = SPECS[MODEL], write_python(tmp_path, [CPU, GPU])
    assert isinstance(spec, NetworkSpec)
    write_stand_in_package(asking, MODEL, CPU)
    write_entry(asking, spec, weights_record(spec, version=2), b"network")
    assert_left_out(Prepared(asking, python), "its version 2 has no AOTInductor package")
    write_stand_in_package(asking, MODEL, GPU, version=2)
    assert_left_out(Prepared(asking, python), "some of its packages are for a GPU, some for a CPU")
    write_stand_in_package(asking, MODEL, CPU, version=2)
    assert Prepared(asking, python).with_engines == {MODEL: PreferredEngine.AOTINDUCTOR}


def test_a_refused_package_is_left_out(asking: Path, tmp_path: Path) -> None:
    write_stand_in_package(asking, MODEL, CPU)
    assert_left_out(
        Prepared(asking, write_python(tmp_path, [CPU]), **{MODEL: "Triton refuses it"}), "Triton refuses it"
    )


def test_a_container_serves_packages_only_with_a_backend_for_them(
    asking: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_stand_in_package(asking, MODEL, CPU)
    python = write_python(tmp_path, [CPU]).python
    backends, cache = tmp_path / "backends", tmp_path / "cache"
    arguments = [str(asking), str(cache), "--backends", str(backends), "--python", str(python)]
    assert main(arguments) == 0
    assert capfd.readouterr().err == f"{MODEL}: no PyTorch here; served with ONNX Runtime\n"
    (backends / "aotinductor").mkdir(parents=True)
    assert main(arguments) == 0
    assert capfd.readouterr().err == ""
    assert (cache / "repository" / MODEL / "1" / PACKAGE_FILE).is_file()


def test_what_pytorch_sees_is_asked_of_the_python_that_has_it() -> None:
    machines = CompiledPackages(python=Path(sys.executable), timeout_s=540).machines
    assert not isinstance(machines, str)
    assert machines[0].device is DeviceKind.CPU
    assert this_machine() in machines


def test_the_backend_is_told_the_same_names_as_the_export() -> None:
    folder = CLONE / "serving" / "backends" / "aotinductor"
    assert f'MANIFEST_FILE = "{PACKAGE_MANIFEST_FILE}"' in (folder / "model.py").read_text(encoding="utf-8")
    names = ", ".join(f'"{name}"' for name in BEYOND_CAPABILITY)
    assert f"BEYOND_CAPABILITY = ({names})" in (folder / "machine.py").read_text(encoding="utf-8")
