"""Repository entries on disk: whole files, readable by all, the same whenever they are written again."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from evaluation.model_card import model_card
from export.entry import records, render_config, write_entry
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.contract import Contract
from specs.model import NetworkSpec
from tests.evaluation.card_contracts import imported_contract
from tests.serving.stand_in_pytorch import CPU, write_stand_in_package
from tests.specs.records import contract, weights_record


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """Let the operating system refuse to write longer files, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def served_contracts(entry: Path) -> dict[str, Contract]:
    """Return the contracts that Triton would send, by parameter."""
    config = text_format.Parse((entry / "config.pbtxt").read_text(encoding="utf-8"), triton.ModelConfig())
    return {key: Contract.from_json(value.string_value) for key, value in config.parameters.items()}


def test_an_entry_is_what_triton_expects(spec: NetworkSpec, tmp_path: Path) -> None:
    entry = write_entry(tmp_path, spec, weights_record(spec), b"network")
    assert entry == tmp_path / spec.name
    assert set(snapshot(entry)) == {"README.md", "config.pbtxt", "1/model.onnx", "1/weights.json"}
    assert (entry / "1" / "model.onnx").read_bytes() == b"network"
    assert records(entry) == [weights_record(spec)]
    assert served_contracts(entry) == {"contract.1": contract(spec)}


def test_a_version_that_is_written_anew_loses_its_package(network_spec: NetworkSpec, tmp_path: Path) -> None:
    entry = write_entry(tmp_path, network_spec, weights_record(network_spec), b"network")
    write_stand_in_package(tmp_path, network_spec.name, CPU)
    assert {"1/model.pt2", "1/package.json"} <= set(snapshot(entry))
    write_entry(tmp_path, network_spec, weights_record(network_spec), b"another")
    assert set(snapshot(entry)) == {"README.md", "config.pbtxt", "1/model.onnx", "1/weights.json"}


def test_every_file_can_be_read_by_other_users(spec: NetworkSpec, tmp_path: Path) -> None:
    entry = write_entry(tmp_path, spec, weights_record(spec), b"network")
    assert {file.stat().st_mode & 0o777 for file in entry.rglob("*") if file.is_file()} == {0o644}


def test_two_versions_have_a_contract_each(spec: NetworkSpec, tmp_path: Path) -> None:
    for version in (10, 2):
        write_entry(tmp_path, spec, weights_record(spec, version=version, threshold=version / 20), b"network")
    contracts = served_contracts(tmp_path / spec.name)
    assert set(contracts) == {"contract.2", "contract.10"}
    assert contracts["contract.2"] == contract(spec, version=2, threshold=0.1)
    assert [record.version for record in records(tmp_path / spec.name)] == [2, 10]


def test_the_card_is_that_of_the_newest_version(spec: NetworkSpec, tmp_path: Path) -> None:
    for version in (10, 2):
        entry = write_entry(tmp_path, spec, weights_record(spec, version=version), b"network")
    assert (entry / "README.md").read_text(encoding="utf-8") == model_card(contract(spec, version=10))


def test_an_ensemble_has_a_card_too(tmp_path: Path) -> None:
    entry = write_entry(tmp_path, AORTIC_STENOSIS, weights_record(AORTIC_STENOSIS), None)
    assert set(snapshot(entry)) == {"README.md", "config.pbtxt", "1/weights.json"}
    assert (entry / "README.md").read_text(encoding="utf-8") == model_card(contract(AORTIC_STENOSIS))


def test_a_write_that_fails_leaves_the_old_entry_and_nothing_else(spec: NetworkSpec, tmp_path: Path) -> None:
    write_entry(tmp_path, spec, weights_record(spec), b"network")
    before = snapshot(tmp_path)
    with largest_file(4096), pytest.raises(OSError, match="too large"):
        write_entry(tmp_path, spec, weights_record(spec, threshold=0.7), b"n" * 100_000)
    assert snapshot(tmp_path) == before


def test_imported_weights_become_an_entry(spec: NetworkSpec, tmp_path: Path) -> None:
    record = imported_contract(spec).weights
    assert records(write_entry(tmp_path, spec, record, b"network")) == [record]


def test_where_no_card_can_be_made_nothing_is_written(spec: NetworkSpec, tmp_path: Path) -> None:
    record = weights_record(spec).model_copy(update={"data_set": None})
    with pytest.raises(AttributeError):
        write_entry(tmp_path, spec, record, b"network")
    assert list(tmp_path.iterdir()) == []


def test_writing_again_replaces_the_version(spec: NetworkSpec, tmp_path: Path) -> None:
    write_entry(tmp_path, spec, weights_record(spec), b"network")
    entry = write_entry(tmp_path, spec, weights_record(spec, threshold=0.7), b"another")
    assert (entry / "1" / "model.onnx").read_bytes() == b"another"
    assert served_contracts(entry) == {"contract.1": contract(spec, threshold=0.7)}
    assert (entry / "README.md").read_text(encoding="utf-8") == model_card(contract(spec, threshold=0.7))
    assert len(snapshot(tmp_path)) == 4


def test_rendering_restores_the_configuration_and_then_changes_nothing(spec: NetworkSpec, tmp_path: Path) -> None:
    entry = write_entry(tmp_path, spec, weights_record(spec), b"network")
    written = snapshot(tmp_path)
    (entry / "config.pbtxt").write_text("edited by hand", encoding="utf-8")
    for _ in range(2):
        render_config(entry, spec)
        assert snapshot(tmp_path) == written
