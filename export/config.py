"""A model's contract rendered as Triton's `config.pbtxt`."""

from collections.abc import Sequence

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from specs.contract import Contract, parameter_key
from specs.model import ModelSpec
from specs.tensors import ElementType, Tensor
from specs.weights import WeightsRecord

_TRITON_TYPES = {
    ElementType.UINT8: triton.TYPE_UINT8,
    ElementType.UINT16: triton.TYPE_UINT16,
    ElementType.FLOAT32: triton.TYPE_FP32,
}

_HEADER = "# Written by `make regenerate` from specs/ and the weights records; do not edit.\n"


def model_config(spec: ModelSpec, records: Sequence[WeightsRecord]) -> triton.ModelConfig:
    """Render spec and weights records; the instance group's kind stays automatic (CPU here, GPU there).

    Args:
        spec: The model.
        records: One for each version in the entry.
    """
    deployment = spec.deployment
    config = triton.ModelConfig(
        name=spec.name,
        backend=deployment.engines[0],
        max_batch_size=deployment.largest_batch,
        version_policy=triton.ModelVersionPolicy(all=triton.ModelVersionPolicy.All()),
        input=[
            triton.ModelInput(name=tensor.name, data_type=_TRITON_TYPES[tensor.element_type], dims=tensor.shape)
            for tensor in spec.inputs
        ],
        output=[
            triton.ModelOutput(name=tensor.name, data_type=_TRITON_TYPES[tensor.element_type], dims=tensor.shape)
            for tensor in spec.outputs
        ],
        instance_group=[triton.ModelInstanceGroup(count=deployment.instances)],
        dynamic_batching=triton.ModelDynamicBatching(
            preferred_batch_size=deployment.preferred_batches,
            max_queue_delay_microseconds=deployment.queue_delay_us,
        ),
        model_warmup=[_warm_up(spec.inputs, batch) for batch in sorted({1, deployment.largest_batch})],
    )
    for record in sorted(records, key=lambda record: record.version):
        contract = Contract(spec=spec, weights=record)
        config.parameters[parameter_key(record.version)].string_value = contract.canonical_json()
    return config


def config_text(spec: ModelSpec, records: Sequence[WeightsRecord]) -> str:
    """Return the text of `config.pbtxt`."""
    return _HEADER + text_format.MessageToString(model_config(spec, records), as_utf8=True)


def _warm_up(inputs: Sequence[Tensor], batch: int) -> triton.ModelWarmup:
    """Run a batch of zeros before the model counts as ready."""
    return triton.ModelWarmup(
        name=f"batch_{batch}",
        batch_size=batch,
        inputs={
            tensor.name: triton.ModelWarmup.Input(
                data_type=_TRITON_TYPES[tensor.element_type], dims=tensor.shape, zero_data=True
            )
            for tensor in inputs
        },
    )
