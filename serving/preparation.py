"""From a repository to what Triton serves of it: entries that ask for TensorRT get its engines where that can be.

An entry asks in its `serving.json`. Its configuration names ONNX Runtime, so that any Triton can serve a repository as
it is; where an engine takes over, that is in a copy of the configuration, in a repository of links.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from serving.engine_builder import EngineUnavailable
from serving.engine_cache import EngineCache
from serving.engine_manifest import NO_TENSORRT
from serving.repository import list_models
from specs.contract import PARAMETER_PREFIX, Contract
from specs.deployment import Engine, PreferredEngine, ServingChoice
from specs.entry import CONFIG_FILE, ONNX_FILE, PLAN_FILE, SERVING_FILE

Plans = Mapping[int, Path]
"""The file of the engine of each version of a model."""


def prepare_repository(
    repository: Path,
    target: Path,
    *,
    cache: EngineCache | None,
    refused: Mapping[str, str],
    progress: Callable[[str], None],
) -> frozenset[str]:
    """Leave what Triton is to serve: a link to the repository, or a repository of links with engines in it.

    Args:
        repository: Only read.
        target: Where it is left; what was there before goes.
        cache: The engines of this machine; None where the Triton that serves has no backend for them.
        refused: Models that are to be served without an engine, with the reason.
        progress: Takes a line for each model that asks for TensorRT and is served without it.

    Returns:
        The models that an engine serves.

    Raises:
        RepositoryMissing: the folder does not exist.
        RepositoryEmpty: it holds no model.
    """
    plans: dict[str, Plans] = {}
    for model in list_models(repository):
        try:
            if _asks_for_tensorrt(repository / model):
                if model in refused:
                    raise EngineUnavailable(refused[model])
                plans[model] = _plans(repository / model, cache)
        except EngineUnavailable as reason:
            progress(f"{model}: {reason}; served with ONNX Runtime")
    _clear(target)
    if plans:
        _write_links(repository.resolve(), target, plans)
    else:
        target.symlink_to(repository.resolve())
    return frozenset(plans)


def _asks_for_tensorrt(entry: Path) -> bool:
    """Say whether an entry asks for TensorRT; one whose newest version is made for OpenVINO asks in vain."""
    file = entry / SERVING_FILE
    if not file.is_file():
        return False
    try:
        choice = ServingChoice.from_json(file.read_text(encoding="utf-8"))
    except ValueError:  # pydantic's error is one, as is that of bytes that are no UTF-8
        raise EngineUnavailable(f"its {SERVING_FILE} cannot be read") from None
    return choice.preferred_engine is PreferredEngine.TENSORRT and _config(entry).backend == Engine.ONNXRUNTIME


def _plans(entry: Path, cache: EngineCache | None) -> Plans:
    """Return an engine for every version: an entry has one backend for all of them."""
    if cache is None:
        raise EngineUnavailable(NO_TENSORRT)
    contracts = _contracts(_config(entry))
    if not contracts:
        raise EngineUnavailable("its configuration has no contract")
    return {version: cache.engine(entry / str(version) / ONNX_FILE, each) for version, each in contracts.items()}


def _contracts(config: triton.ModelConfig) -> dict[int, Contract]:
    texts = [value.string_value for key, value in config.parameters.items() if key.startswith(PARAMETER_PREFIX)]
    try:
        contracts = [Contract.from_json(text) for text in texts]
    except ValueError:  # pydantic's error is one
        raise EngineUnavailable("its contract cannot be read") from None
    return {contract.weights.version: contract for contract in contracts}


def _config(entry: Path) -> triton.ModelConfig:
    """Read a configuration; one that cannot be read is empty, and Triton will say so."""
    file = entry / CONFIG_FILE
    try:
        return text_format.Parse(file.read_text(encoding="utf-8"), triton.ModelConfig())
    except (OSError, ValueError, text_format.ParseError):
        return triton.ModelConfig()


def _clear(target: Path) -> None:
    if target.is_symlink():
        target.unlink()
    elif target.is_dir():
        shutil.rmtree(target)


def _write_links(repository: Path, target: Path, plans: Mapping[str, Plans]) -> None:
    target.mkdir(parents=True)
    for model in list_models(repository):
        if model in plans:
            _write_entry(repository / model, target / model, plans[model])
        else:
            (target / model).symlink_to(repository / model)


def _write_entry(entry: Path, target: Path, plans: Plans) -> None:
    config = _config(entry)
    config.backend = PreferredEngine.TENSORRT
    config.default_model_filename = PLAN_FILE
    target.mkdir()
    (target / CONFIG_FILE).write_text(text_format.MessageToString(config, as_utf8=True), encoding="utf-8")
    for version, plan in plans.items():
        (target / str(version)).mkdir()
        (target / str(version) / PLAN_FILE).symlink_to(plan.resolve())
