"""The committed model repository: what any Triton container can serve as it is."""

import hashlib
from pathlib import Path

import onnx
import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from specs.contract import ImageSpec, Spec
from specs.ensemble import CompoundSpec
from specs.model import NetworkSpec
from specs.weights import WeightsRecord
from tests.conftest import CLONE
from tests.generated import generated_files, missing_records
from training.training_data import phantom_description

LARGEST_REPOSITORY_BYTES = 50 * 2**20
TRITON_24_10_LARGEST_OPSET = 21
TRITON_24_10_LARGEST_IR_VERSION = 10
"""Of ONNX Runtime 1.19, which NVIDIA's Triton container 24.10 holds."""


def files(entry: Path) -> set[str]:
    """Return the paths of all files of an entry, in it."""
    return {file.relative_to(entry).as_posix() for file in entry.rglob("*") if file.is_file()}


def test_every_file_is_one_that_triton_expects_or_leaves_alone(committed_repository: Path, spec: Spec) -> None:
    network = set() if isinstance(spec, CompoundSpec) else {"1/model.onnx"}
    assert files(committed_repository / spec.name) == {"README.md", "config.pbtxt", "1/weights.json"} | network
    for graph in spec.combining_graphs if isinstance(spec, CompoundSpec) else ():
        assert files(committed_repository / graph.name) == {"config.pbtxt", "1/model.onnx"}


def test_the_repository_holds_models_and_nothing_else(committed_repository: Path) -> None:
    for entry in committed_repository.iterdir():
        assert (entry / "config.pbtxt").is_file(), entry.name


def test_the_repository_stays_small(committed_repository: Path) -> None:
    total = sum(file.stat().st_size for file in committed_repository.rglob("*") if file.is_file())
    assert total <= LARGEST_REPOSITORY_BYTES


def test_a_record_names_its_onnx_file_and_stands_in_the_configuration(
    committed_repository: Path, network_spec: NetworkSpec
) -> None:
    version = committed_repository / network_spec.name / "1"
    record = WeightsRecord.from_json((version / "weights.json").read_text(encoding="utf-8"))
    assert record.model_sha256 == hashlib.sha256((version / "model.onnx").read_bytes()).hexdigest()
    assert record.demonstration
    config = (committed_repository / network_spec.name / "config.pbtxt").read_text(encoding="utf-8")
    assert record.model_sha256 in config


def test_a_record_says_of_which_phantoms_the_weights_are(committed_repository: Path, image_spec: ImageSpec) -> None:
    text = (committed_repository / image_spec.name / "1" / "weights.json").read_text(encoding="utf-8")
    assert WeightsRecord.from_json(text).data_set.description == phantom_description(image_spec.recipe)


def test_an_onnx_file_is_one_that_the_container_reads(committed_repository: Path, network_spec: NetworkSpec) -> None:
    model = onnx.load(committed_repository / network_spec.name / "1" / "model.onnx", load_external_data=False)
    assert {opset.domain for opset in model.opset_import} == {""}
    assert model.opset_import[0].version <= TRITON_24_10_LARGEST_OPSET
    assert model.ir_version <= TRITON_24_10_LARGEST_IR_VERSION
    assert not any(tensor.external_data for tensor in model.graph.initializer)


def test_a_configuration_leaves_the_device_open_and_names_the_backend(
    committed_repository: Path, network_spec: NetworkSpec
) -> None:
    text = (committed_repository / network_spec.name / "config.pbtxt").read_text(encoding="utf-8")
    config = text_format.Parse(text, triton.ModelConfig())
    assert config.name == network_spec.name
    assert config.backend == network_spec.deployment.engines[0]
    assert [group.kind for group in config.instance_group] == [triton.ModelInstanceGroup.KIND_AUTO]


def test_every_record_that_generated_files_are_made_of_is_there() -> None:
    assert list(missing_records()) == []


@pytest.mark.parametrize(
    "file", [file for file, _ in generated_files()], ids=lambda file: file.relative_to(CLONE).as_posix()
)
def test_generated_files_are_current(file: Path) -> None:
    wanted = dict(generated_files())[file]
    assert file.read_text(encoding="utf-8") == wanted, "run `make regenerate`"
