"""A client relies on a contract only after it has checked it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from client.contracts import newest_model
from client.errors import ContractError
from client.in_process import InProcessEngine
from export.config import model_config
from specs.model import NetworkSpec
from tests.specs.quantity import CONCAT_POOLED_AGE, MAPPED_AGE
from tests.specs.records import contract, weights_record

KEY = "contract.1"


@pytest.fixture
def config(committed_repository: Path) -> Any:
    text = (committed_repository / "mitral_regurgitation" / "config.pbtxt").read_text(encoding="utf-8")
    return text_format.Parse(text, triton.ModelConfig())


def rewrite(config: Any, change: Callable[[dict[str, Any]], None], *, canonical: bool = True) -> None:
    contract = json.loads(config.parameters[KEY].string_value)
    change(contract)
    separators = (",", ":") if canonical else (", ", ": ")
    config.parameters[KEY].string_value = json.dumps(
        contract, sort_keys=True, separators=separators, ensure_ascii=False
    )


def test_the_committed_contract_is_accepted(config: Any) -> None:
    served = newest_model(config)
    assert (served.name, served.version) == ("mitral_regurgitation", 1)
    assert served.contract_sha256 == served.contract.sha256()


def test_a_recipe_that_the_client_does_not_know_is_refused_by_name(config: Any) -> None:
    rewrite(config, lambda contract: contract["spec"]["recipe"].update(kind="whole_body_pet"))
    with pytest.raises(ContractError, match="recipe whole_body_pet"):
        newest_model(config)


def test_a_head_that_the_client_does_not_know_is_refused_by_name(config: Any) -> None:
    rewrite(config, lambda contract: contract["spec"]["head"].update(kind="survival_curve"))
    with pytest.raises(ContractError, match="head survival_curve"):
        newest_model(config)


@pytest.mark.parametrize("quantity", [MAPPED_AGE, CONCAT_POOLED_AGE], ids=lambda spec: spec.name)
def test_the_contract_of_a_quantity_is_accepted(quantity: NetworkSpec) -> None:
    served = newest_model(model_config(quantity, [weights_record(quantity)]))
    assert served.contract == contract(quantity)
    assert served.contract_sha256 == contract(quantity).sha256()


def test_a_field_that_the_client_does_not_know_is_refused_by_name(config: Any) -> None:
    rewrite(config, lambda contract: contract["spec"]["head"].update(uncertainty="beta"))
    with pytest.raises(ContractError, match=r"spec\.network\.head\.finding_probability\.uncertainty"):
        newest_model(config)


def test_a_contract_that_is_not_canonical_is_refused(config: Any) -> None:
    rewrite(config, lambda contract: None, canonical=False)
    with pytest.raises(ContractError, match="canonical"):
        newest_model(config)


def test_a_contract_of_another_version_is_refused(config: Any) -> None:
    rewrite(config, lambda contract: contract["weights"].update(version=2))
    with pytest.raises(ContractError, match="version 2"):
        newest_model(config)


def test_tensors_that_are_not_the_servers_are_refused(config: Any) -> None:
    rewrite(config, lambda contract: contract["spec"]["recipe"]["pixels"].update(shape=[1, 224, 224]))
    with pytest.raises(ContractError, match="tensors"):
        newest_model(config)


def test_a_tensor_name_that_no_spec_may_have_is_refused_too(config: Any) -> None:
    config.input[0].name = "INPUT__0"
    with pytest.raises(ContractError, match="tensors"):
        newest_model(config)


def test_the_newest_version_that_is_ready_is_chosen(config: Any) -> None:
    config.parameters["contract.2"].string_value = config.parameters[KEY].string_value
    assert newest_model(config, (1,)).version == 1
    with pytest.raises(ContractError, match="version 1"):  # its contract says 1: a wrong copy is not passed over
        newest_model(config, (1, 2))


def test_a_model_without_a_contract_is_refused(config: Any) -> None:
    del config.parameters[KEY]
    with pytest.raises(ContractError, match="no version"):
        newest_model(config)


def test_weights_that_are_not_the_recorded_ones_are_refused(committed_repository: Path, tmp_path: Path) -> None:
    entry = tmp_path / "mitral_regurgitation"
    (entry / "1").mkdir(parents=True)
    source = committed_repository / "mitral_regurgitation"
    (entry / "config.pbtxt").write_bytes((source / "config.pbtxt").read_bytes())
    (entry / "1" / "model.onnx").write_bytes((source / "1" / "model.onnx").read_bytes() + b"\0")
    with InProcessEngine(tmp_path) as engine, pytest.raises(ContractError, match="not the one that its record names"):
        engine.served_model("mitral_regurgitation")
