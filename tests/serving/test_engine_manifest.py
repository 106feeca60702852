"""Whether an engine that was kept may be used: only where nothing that it depends on is another."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from serving.engine_manifest import BatchProfile, EngineFacts, EngineManifest, EngineState, GpuMachine, judge
from specs.model import NetworkSpec
from specs.tensors import ElementType, Tensor

VERSIONS = st.sampled_from(["8.6", "9.0", "10.0"])
DIGESTS = st.sampled_from(["a" * 64, "b" * 64])
MACHINES = st.builds(GpuMachine, tensorrt=VERSIONS, compute_capability=VERSIONS, driver=VERSIONS)
PROFILES = st.builds(
    BatchProfile,
    inputs=st.just((Tensor(name="image", element_type=ElementType.UINT8, shape=(1, 320, 320)),)),
    typical_batch=st.integers(1, 2),
    largest_batch=st.integers(2, 3),
)
MANIFESTS = st.builds(EngineManifest, machine=MACHINES, onnx_sha256=DIGESTS, profile=PROFILES, plan_sha256=DIGESTS)
FACTS = st.builds(
    EngineFacts,
    machine=st.none() | MACHINES,
    onnx_sha256=DIGESTS,
    profile=PROFILES,
    plan_sha256=st.none() | DIGESTS,
)


def facts_of(manifest: EngineManifest) -> EngineFacts:
    """What holds where nothing has changed since the engine was built."""
    return EngineFacts(
        machine=manifest.machine,
        onnx_sha256=manifest.onnx_sha256,
        profile=manifest.profile,
        plan_sha256=manifest.plan_sha256,
    )


@given(kept=st.none() | MANIFESTS, facts=FACTS)
def test_an_engine_is_usable_exactly_where_nothing_is_another(kept: EngineManifest | None, facts: EngineFacts) -> None:
    verdict = judge(kept, facts)
    unchanged = facts.machine is not None and kept is not None and facts == facts_of(kept)
    assert (verdict.state is EngineState.USABLE) == unchanged
    assert (verdict.state is EngineState.ABSENT) == (facts.machine is None)
    assert (verdict.reason == "") == unchanged


@given(kept=MANIFESTS)
def test_a_manifest_is_read_as_it_was_written(kept: EngineManifest) -> None:
    assert judge(EngineManifest.from_json(kept.readable_json()), facts_of(kept)).state is EngineState.USABLE


@given(kept=MANIFESTS, machine=MACHINES)
def test_a_reason_names_what_changed_in_the_machine(kept: EngineManifest, machine: GpuMachine) -> None:
    reason = judge(kept, replace(facts_of(kept), machine=machine)).reason
    if machine.tensorrt != kept.machine.tensorrt:
        assert reason == f"TensorRT is {machine.tensorrt}, and was {kept.machine.tensorrt}"
    elif machine.compute_capability != kept.machine.compute_capability:
        assert reason.startswith("the compute capability is")
    elif machine.driver != kept.machine.driver:
        assert reason.startswith("the driver is")
    else:
        assert reason == ""


def test_the_batches_of_a_network_are_those_that_triton_makes(network_spec: NetworkSpec) -> None:
    profile = BatchProfile.of(network_spec)
    assert profile.inputs == network_spec.inputs
    assert 1 <= profile.typical_batch <= profile.largest_batch == network_spec.deployment.largest_batch


def test_a_manifest_of_another_version_of_this_program_is_not_read() -> None:
    with pytest.raises(ValidationError):
        EngineManifest.from_json('{"machine": {"tensorrt": "10.9.0"}, "sm": 90}')
