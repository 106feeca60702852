"""From a served model's configuration to its contract. The client relies on nothing else about a model."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from pydantic import ValidationError
from tritonclient.grpc import model_config_pb2 as triton

from client.engine import ServedModel
from client.errors import ContractError
from specs.contract import PARAMETER_PREFIX, Contract, digest_key, parameter_key
from specs.tensors import Tensor


def newest_model(config: triton.ModelConfig, versions: tuple[int, ...] | None = None) -> ServedModel:
    """Read the contract of the newest version in a model's configuration.

    Args:
        config: As `ModelConfig` over gRPC or a `config.pbtxt` gives it.
        versions: Versions that are ready; None where the configuration alone decides.

    Raises:
        ContractError: no version has a contract, or it is not canonical, not known, or not the model's own.
    """
    held = [
        int(key.removeprefix(PARAMETER_PREFIX))
        for key in config.parameters
        if key.startswith(PARAMETER_PREFIX) and key.removeprefix(PARAMETER_PREFIX).isdecimal()
    ]
    usable = [version for version in held if versions is None or version in versions]
    if not usable:
        raise ContractError(model=config.name, what="no version that is ready has a contract")
    version = max(usable)
    text = config.parameters[parameter_key(version)].string_value
    served = ServedModel(contract=_parsed(text, config.name), contract_sha256=_sha256(text))
    _require_same(served, config, version)
    return served


def require_steps(served: ServedModel, configs: Mapping[str, triton.ModelConfig]) -> None:
    """Check that what an ensemble runs at each step is what it was measured with.

    Args:
        served: Any model; one that is no ensemble has no steps.
        configs: Configuration of each entry that it runs, by name.

    Raises:
        ContractError: an entry holds another file in that version.
    """
    for step in served.contract.weights.steps:
        if _file_sha256(configs[step.model], step.version) != step.model_sha256:
            raise ContractError(model=served.name, what=f"its step {step.model} is not the one it was measured with")


def _file_sha256(config: triton.ModelConfig, version: int) -> str | None:
    """Return the digest of a version's ONNX file as its configuration states it."""
    if digest_key(version) in config.parameters:
        return str(config.parameters[digest_key(version)].string_value)
    if parameter_key(version) not in config.parameters:
        return None
    return _parsed(config.parameters[parameter_key(version)].string_value, config.name).weights.model_sha256


def _parsed(text: str, model: str) -> Contract:
    try:
        return Contract.from_json(text)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in problem["loc"]) or "the whole"
        raise ContractError(model=model, what=f"{place}: {problem['msg']}{_kinds(text)}") from None


def _kinds(text: str) -> str:
    """Name recipe and head, the parts that a newer server is likeliest to bring."""
    try:
        spec = json.loads(text)["spec"]
        return f" (recipe {spec['recipe']['kind']}, head {spec['head']['kind']})"
    except (KeyError, TypeError, ValueError):
        return ""


def _require_same(served: ServedModel, config: triton.ModelConfig, version: int) -> None:
    if served.name != config.name or served.version != version:
        raise ContractError(model=config.name, what=f"it is the contract of {served.name} version {served.version}")
    if served.contract.sha256() != served.contract_sha256:
        raise ContractError(model=config.name, what="it is not in canonical form, so its digest means nothing")
    declared = (_declared(served.contract.spec.inputs), _declared(served.contract.spec.outputs))
    if declared != (_configured(config.input), _configured(config.output)):
        raise ContractError(model=config.name, what="its tensors are not those that the server takes and gives")


def _declared(tensors: tuple[Tensor, ...]) -> list[tuple[str, int, list[int]]]:
    return [
        (tensor.name, triton.DataType.Value(tensor.element_type.triton_name), list(tensor.shape)) for tensor in tensors
    ]


def _configured(fields: Iterable[triton.ModelInput | triton.ModelOutput]) -> list[tuple[str, int, list[int]]]:
    return [(field.name, field.data_type, list(field.dims)) for field in fields]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
