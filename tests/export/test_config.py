"""What is written as `config.pbtxt` is what Triton's own protobuf reads."""

from typing import TypeAlias

import numpy as np
import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from export.config import combining_config_text, config_text
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.contract import Contract, parameter_key
from specs.deployment import ORDINARY_QUEUE_BYTES, ORDINARY_QUEUE_REQUESTS, Priority, ServingChoice
from specs.model import NetworkSpec
from specs.tensors import Tensor
from tests.specs.records import contract, weights_record

TRITON_TYPES = {"uint8": "TYPE_UINT8", "uint16": "TYPE_UINT16", "float32": "TYPE_FP32"}

Parsed: TypeAlias = triton.ModelConfig


@pytest.fixture
def config(spec: NetworkSpec) -> Parsed:
    """The configuration of an entry of one version, parsed by Triton's protobuf."""
    return text_format.Parse(config_text(spec, [weights_record(spec)]), triton.ModelConfig())


def assert_declared(parsed: triton.ModelInput | triton.ModelOutput, tensor: Tensor) -> None:
    """Compare a tensor of the configuration with the spec's."""
    assert parsed.name == tensor.name
    assert triton.DataType.Name(parsed.data_type) == TRITON_TYPES[tensor.element_type]
    assert tuple(parsed.dims) == tensor.shape


def test_the_tensors_are_the_declared_ones(spec: NetworkSpec, config: Parsed) -> None:
    assert config.name == spec.name
    for parsed, tensor in zip(config.input, spec.inputs, strict=True):
        assert_declared(parsed, tensor)
    for parsed, tensor in zip(config.output, spec.outputs, strict=True):
        assert_declared(parsed, tensor)


def test_the_contract_travels_as_canonical_json(spec: NetworkSpec, config: Parsed) -> None:
    assert set(config.parameters) == {parameter_key(1)}
    text = config.parameters[parameter_key(1)].string_value
    assert text == contract(spec).canonical_json()
    assert Contract.from_json(text).sha256() == contract(spec).sha256()


def test_each_version_has_its_own_contract_in_any_order(spec: NetworkSpec) -> None:
    records = [weights_record(spec, version=version, threshold=version / 20) for version in (10, 2)]
    assert config_text(spec, records) == config_text(spec, records[::-1])
    config = text_format.Parse(config_text(spec, records), triton.ModelConfig())
    for version in (2, 10):
        served = Contract.from_json(config.parameters[parameter_key(version)].string_value)
        assert served == contract(spec, version=version, threshold=version / 20)


def test_backend_and_instances_are_explicit_and_the_kind_is_left_to_the_machine(
    spec: NetworkSpec, config: Parsed
) -> None:
    assert config.backend == spec.deployment.engines[0]
    assert not config.platform
    (group,) = config.instance_group
    assert group.count == spec.deployment.instances
    assert group.kind == triton.ModelInstanceGroup.KIND_AUTO
    assert "kind:" not in config_text(spec, [])


def test_requests_are_batched_as_declared_and_every_version_is_served(spec: NetworkSpec, config: Parsed) -> None:
    assert config.max_batch_size == spec.deployment.largest_batch
    assert tuple(config.dynamic_batching.preferred_batch_size) == spec.deployment.preferred_batches
    assert config.dynamic_batching.max_queue_delay_microseconds == spec.deployment.queue_delay_us
    assert config.version_policy.HasField("all")
    assert not config.response_cache.enable


def test_an_urgent_request_has_a_queue_of_its_own_and_the_ordinary_one_is_bounded(
    spec: NetworkSpec, config: Parsed
) -> None:
    batching = config.dynamic_batching
    assert (batching.priority_levels, batching.default_priority_level) == (2, Priority.ORDINARY)
    assert set(batching.priority_queue_policy) == {Priority.ORDINARY}
    policy = batching.priority_queue_policy[Priority.ORDINARY]
    assert policy.timeout_action == triton.ModelQueuePolicy.REJECT
    assert policy.max_queue_size in ORDINARY_QUEUE_REQUESTS
    waiting_bytes = policy.max_queue_size * sum(
        np.zeros(tensor.shape, dtype=tensor.element_type).nbytes for tensor in spec.inputs
    )
    assert waiting_bytes <= ORDINARY_QUEUE_BYTES or policy.max_queue_size == min(ORDINARY_QUEUE_REQUESTS)


def test_the_smallest_and_the_largest_batch_are_run_before_the_model_is_ready(
    spec: NetworkSpec, config: Parsed
) -> None:
    assert [warm_up.batch_size for warm_up in config.model_warmup] == [1, spec.deployment.largest_batch]
    for warm_up in config.model_warmup:
        assert set(warm_up.inputs) == {tensor.name for tensor in spec.inputs}
        for tensor in spec.inputs:
            sample = warm_up.inputs[tensor.name]
            assert triton.DataType.Name(sample.data_type) == TRITON_TYPES[tensor.element_type]
            assert tuple(sample.dims) == tensor.shape
            assert sample.zero_data


def test_the_file_says_that_it_is_generated(spec: NetworkSpec) -> None:
    assert config_text(spec, []).startswith("# Written by `make regenerate`")


@pytest.fixture
def ensemble_config() -> Parsed:
    """The configuration of an ensemble's entry, parsed by Triton's protobuf."""
    return text_format.Parse(config_text(AORTIC_STENOSIS, [weights_record(AORTIC_STENOSIS)]), triton.ModelConfig())


def test_an_ensemble_is_scheduled_as_its_spec_declares_with_every_version_pinned(ensemble_config: Parsed) -> None:
    assert ensemble_config.platform == "ensemble"
    assert not ensemble_config.backend
    steps = ensemble_config.ensemble_scheduling.step
    assert len(steps) == len(AORTIC_STENOSIS.steps)
    for parsed, declared in zip(steps, AORTIC_STENOSIS.steps, strict=True):
        assert (parsed.model_name, parsed.model_version) == (declared.model, 1)
        assert (dict(parsed.input_map), dict(parsed.output_map)) == (declared.inputs, declared.outputs)
    for parsed_output, tensor in zip(ensemble_config.output, AORTIC_STENOSIS.outputs, strict=True):
        assert_declared(parsed_output, tensor)


def test_an_ensemble_serves_its_newest_version_alone(ensemble_config: Parsed) -> None:
    assert list(ensemble_config.version_policy.specific.versions) == [1]
    records = [weights_record(AORTIC_STENOSIS, version=version) for version in (2, 10, 3)]
    config = text_format.Parse(config_text(AORTIC_STENOSIS, records), triton.ModelConfig())
    assert list(config.version_policy.specific.versions) == [10]
    assert set(config.parameters) == {parameter_key(10)}


def test_an_entry_that_only_combines_names_its_files_and_has_no_contract() -> None:
    graph = AORTIC_STENOSIS.vote_graph
    text = combining_config_text(graph, {2: "b" * 64, 1: "a" * 64}, largest_batch=16)
    config = text_format.Parse(text, triton.ModelConfig())
    assert {key: value.string_value for key, value in config.parameters.items()} == {
        "model_sha256.1": "a" * 64,
        "model_sha256.2": "b" * 64,
    }
    assert (config.name, config.max_batch_size) == (graph.name, 16)
    for parsed, tensor in zip(config.input, graph.inputs, strict=True):
        assert_declared(parsed, tensor)
    for parsed_output, tensor in zip(config.output, graph.outputs, strict=True):
        assert_declared(parsed_output, tensor)


def test_a_machine_s_own_choice_takes_the_place_of_the_spec_s(spec: NetworkSpec) -> None:
    choice = ServingChoice(instances=1, threads=2, queue_delay_us=700)
    config = text_format.Parse(config_text(spec, [weights_record(spec)], choice), triton.ModelConfig())
    assert config.instance_group[0].count == 1
    assert config.dynamic_batching.max_queue_delay_microseconds == 700
    assert config.parameters["intra_op_thread_count"].string_value == "2"
    assert config.parameters[parameter_key(1)].string_value == contract(spec).canonical_json()


def test_several_instances_have_no_wait_for_a_fuller_batch(spec: NetworkSpec) -> None:
    choice = ServingChoice(instances=3, threads=2, queue_delay_us=700)
    config = text_format.Parse(config_text(spec, [weights_record(spec)], choice), triton.ModelConfig())
    assert config.instance_group[0].count == 3
    assert config.dynamic_batching.max_queue_delay_microseconds == 0
