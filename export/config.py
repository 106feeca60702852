"""A model's contract rendered as Triton's `config.pbtxt`."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

import numpy as np
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from specs.classifier import ClassifierSpec
from specs.contract import Contract, Spec, digest_key, parameter_key
from specs.deployment import ORDINARY_QUEUE_BYTES, ORDINARY_QUEUE_REQUESTS, Engine, Precision, Priority, ServingChoice
from specs.ensemble import CombiningGraph, CompoundSpec, EnsembleSpec
from specs.entry import ONNX_FILE
from specs.model import NetworkSpec
from specs.stacking import StackedSpec
from specs.tabular import TabularSpec
from specs.tensors import Tensor
from specs.volume import VolumeSpec
from specs.weights import WeightsRecord

BF16_PARAMETER = "HINT_BF16"
"""Key of NVIDIA's OpenVINO backend, and of ours, under which `YES` lets it compute in bf16."""

THREADS_PARAMETERS = {Engine.ONNXRUNTIME: "intra_op_thread_count", Engine.OPENVINO: "INFERENCE_NUM_THREADS"}
"""Key under which each of NVIDIA's backends, and of ours, takes the threads of an instance."""

_HEADER = "# Written by `make regenerate` from specs/ and the weights records; do not edit.\n"


def model_config(
    spec: Spec, records: Sequence[WeightsRecord], serving: ServingChoice | None = None
) -> triton.ModelConfig:
    """Render spec and weights records; the instance group's kind stays automatic (CPU here, GPU there).

    Args:
        spec: The model.
        records: One for each version in the entry. An ensemble serves its newest alone, for one configuration can
            name one version of each step; an entry with variants those that are for the engine of the newest.
        serving: How this machine serves it; None for the spec's deployment. An ensemble has nothing of it.
    """
    in_order = sorted(records, key=lambda record: record.version)
    match spec:
        case NetworkSpec() | ClassifierSpec() | VolumeSpec() | TabularSpec():
            served = _served_together(in_order)
            config = _graph_config(spec, served[-1] if served else None, serving)
            if len(served) < len(in_order):
                config.version_policy.CopyFrom(_versions(served))
        case EnsembleSpec() | StackedSpec():
            served = in_order[-1:]
            config = _ensemble_config(spec, *served)
        case _:
            assert_never(spec)
    for record in served:
        contract = Contract(spec=spec, weights=record)
        config.parameters[parameter_key(record.version)].string_value = contract.canonical_json()
    return config


def config_text(spec: Spec, records: Sequence[WeightsRecord], serving: ServingChoice | None = None) -> str:
    """Return the text of `config.pbtxt`."""
    return _text(model_config(spec, records, serving))


def combining_config_text(graph: CombiningGraph, digests: Mapping[int, str], *, largest_batch: int) -> str:
    """Return the text of `config.pbtxt` of an entry that only combines.

    Args:
        graph: Its name and tensors.
        digests: For each version the SHA-256 of its ONNX file.
        largest_batch: Of its ensemble.
    """
    config = triton.ModelConfig(
        name=graph.name,
        backend=Engine.ONNXRUNTIME,
        max_batch_size=largest_batch,
        version_policy=_every_version(),
        input=_inputs(graph.inputs),
        output=_outputs(graph.outputs),
        instance_group=[triton.ModelInstanceGroup(count=1)],
        dynamic_batching=_batching(graph.inputs),
    )
    return _digested_text(config, digests)


def fused_config_text(name: str, spec: EnsembleSpec, member: NetworkSpec, digests: Mapping[int, str]) -> str:
    """Return the text of `config.pbtxt` of an entry that is all of an ensemble in one graph, served as a member is.

    Args:
        name: Of the entry.
        spec: The ensemble, whose input and outputs it has.
        member: Whose backend, batching, instances and warm-up it gets; of the same input.
        digests: For each version the SHA-256 of its ONNX file.
    """
    config = _graph_config(member, None, None)
    config.name = name
    del config.output[:]
    config.output.extend(_outputs(spec.outputs))
    return _digested_text(config, digests)


def _digested_text(config: triton.ModelConfig, digests: Mapping[int, str]) -> str:
    """Return the text of a configuration without a contract: it names the files of its versions alone."""
    for version, digest in sorted(digests.items()):
        config.parameters[digest_key(version)].string_value = digest
    return _text(config)


def _served_together(in_order: Sequence[WeightsRecord]) -> list[WeightsRecord]:
    """Leave out versions that are made for another engine than the newest, for one configuration names one."""
    return [record for record in in_order if _engine_properties(record) == _engine_properties(in_order[-1])]


def _engine_properties(record: WeightsRecord) -> tuple[Engine, bool]:
    """Return what an engine is told of a version: which it is, and whether to compute in bf16.

    Every other precision is in the ONNX file.
    """
    return record.engine, record.precision is Precision.BF16


def _graph_config(
    spec: NetworkSpec | ClassifierSpec | VolumeSpec | TabularSpec,
    newest: WeightsRecord | None,
    serving: ServingChoice | None,
) -> triton.ModelConfig:
    deployment = spec.deployment
    chosen = serving or deployment.serving_choice
    config = triton.ModelConfig(
        name=spec.name,
        backend=deployment.engines[0],
        max_batch_size=deployment.largest_batch,
        version_policy=_every_version(),
        input=_inputs(spec.inputs),
        output=_outputs(spec.outputs),
        instance_group=[triton.ModelInstanceGroup(count=chosen.instances)],
        dynamic_batching=_batching(
            spec.inputs,
            preferred_batch_size=deployment.preferred_batches,
            # Triton 2.51 loses count of several instances with a wait (docs/serving.md).
            max_queue_delay_microseconds=chosen.queue_delay_us if chosen.instances == 1 else 0,
        ),
        model_warmup=[_warm_up(spec.inputs, batch) for batch in sorted({1, deployment.largest_batch})],
    )
    if newest is not None and newest.engine is Engine.OPENVINO:
        config.backend = newest.engine
        config.default_model_filename = ONNX_FILE  # NVIDIA's backend of that name reads OpenVINO's own format else
        if newest.precision is Precision.BF16:
            config.parameters[BF16_PARAMETER].string_value = "YES"
    if chosen.threads:
        config.parameters[THREADS_PARAMETERS[Engine(config.backend)]].string_value = str(chosen.threads)
    return config


def _ensemble_config(spec: CompoundSpec, record: WeightsRecord) -> triton.ModelConfig:
    versions = {step.model: step.version for step in record.steps}
    steps = [
        triton.ModelEnsembling.Step(
            model_name=step.model,
            model_version=versions[step.model],
            input_map=step.inputs,
            output_map=step.outputs,
        )
        for step in spec.steps
    ]
    return triton.ModelConfig(
        name=spec.name,
        platform="ensemble",
        max_batch_size=spec.largest_batch,
        version_policy=_versions([record]),
        input=_inputs(spec.inputs),
        output=_outputs(spec.outputs),
        ensemble_scheduling=triton.ModelEnsembling(step=steps),
    )


def _batching(inputs: Sequence[Tensor], **chosen: Any) -> triton.ModelDynamicBatching:
    """Batch from two queues: the urgent one is emptied first, the ordinary one has a bound.

    An ensemble hands the priority of its request on to what it runs.
    """
    request_bytes = sum(math.prod(tensor.shape) * np.dtype(tensor.element_type).itemsize for tensor in inputs)
    least, *_, most = ORDINARY_QUEUE_REQUESTS
    refusing = triton.ModelQueuePolicy(max_queue_size=max(least, min(most, ORDINARY_QUEUE_BYTES // request_bytes)))
    return triton.ModelDynamicBatching(
        priority_levels=len(Priority),
        default_priority_level=Priority.ORDINARY,
        priority_queue_policy={Priority.ORDINARY: refusing},
        **chosen,
    )


def _versions(served: Sequence[WeightsRecord]) -> triton.ModelVersionPolicy:
    numbers = [record.version for record in served]
    return triton.ModelVersionPolicy(specific=triton.ModelVersionPolicy.Specific(versions=numbers))


def _every_version() -> triton.ModelVersionPolicy:
    return triton.ModelVersionPolicy(all=triton.ModelVersionPolicy.All())


def _inputs(tensors: Sequence[Tensor]) -> list[triton.ModelInput]:
    return [
        triton.ModelInput(
            name=tensor.name, data_type=triton.DataType.Value(tensor.element_type.triton_name), dims=tensor.shape
        )
        for tensor in tensors
    ]


def _outputs(tensors: Sequence[Tensor]) -> list[triton.ModelOutput]:
    return [
        triton.ModelOutput(
            name=tensor.name, data_type=triton.DataType.Value(tensor.element_type.triton_name), dims=tensor.shape
        )
        for tensor in tensors
    ]


def _warm_up(inputs: Sequence[Tensor], batch: int) -> triton.ModelWarmup:
    """Run a batch of zeros before the model counts as ready."""
    return triton.ModelWarmup(
        name=f"batch_{batch}",
        batch_size=batch,
        inputs={
            tensor.name: triton.ModelWarmup.Input(
                data_type=triton.DataType.Value(tensor.element_type.triton_name), dims=tensor.shape, zero_data=True
            )
            for tensor in inputs
        },
    )


def _text(config: triton.ModelConfig) -> str:
    return _HEADER + text_format.MessageToString(config, as_utf8=True)
