"""From a repository to what Triton serves of it: entries that ask for another engine get it where that can be.

An entry asks in its `serving.json`, for TensorRT or AOTInductor. Its configuration names ONNX Runtime, so that any
Triton can serve a repository as it is; where an engine takes over, that is in a copy of the configuration, in a
repository of links.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from serving.compiled_packages import NO_PYTORCH, CompiledPackages
from serving.engine_builder import EngineUnavailable
from serving.engine_cache import EngineCache
from serving.engine_manifest import NO_TENSORRT
from serving.repository import list_models
from specs.compiled_package import DeviceKind
from specs.contract import PARAMETER_PREFIX, Contract
from specs.deployment import Engine, PreferredEngine, ServingChoice
from specs.entry import CONFIG_FILE, ONNX_FILE, PACKAGE_FILE, PACKAGE_MANIFEST_FILE, PLAN_FILE, SERVING_FILE

_INSTANCE_KINDS = {
    DeviceKind.CPU: triton.ModelInstanceGroup.KIND_CPU,
    DeviceKind.CUDA: triton.ModelInstanceGroup.KIND_GPU,
}
_INPUTS_ON_CPU = "FORCE_CPU_ONLY_INPUT_TENSORS"
"""Key of Triton's Python backend: by `no` it hands inputs in where they are, by default in main memory."""


@dataclass(frozen=True, kw_only=True)
class Takeover:
    """What serves an entry in the place of its ONNX files.

    Attributes:
        engine: Whose backend it is.
        file: The name of the file that the backend opens.
        files: What is in the folder of each version, under the same names.
        device: What it runs on; None leaves that to Triton.
    """

    engine: PreferredEngine
    file: str
    files: Mapping[int, tuple[Path, ...]]
    device: DeviceKind | None


def prepare_repository(
    repository: Path,
    target: Path,
    *,
    cache: EngineCache | None,
    packages: CompiledPackages | None,
    refused: Mapping[str, str],
    progress: Callable[[str], None],
) -> dict[str, PreferredEngine]:
    """Leave what Triton is to serve: a link to the repository, or a repository of links with engines in it.

    Args:
        repository: Only read.
        target: Where it is left; what was there before goes.
        cache: TensorRT's engines of this machine; None where the Triton that serves has no backend for them.
        packages: What serves AOTInductor's packages on this machine; None likewise.
        refused: Models that are to be served without an engine, with the reason.
        progress: Takes a line for each model that asks for an engine and is served without it.

    Returns:
        For each model that the engine serves that it asks for, this engine.

    Raises:
        RepositoryMissing: the folder does not exist.
        RepositoryEmpty: it holds no model.
    """
    takeovers: dict[str, Takeover] = {}
    for model in list_models(repository):
        try:
            engine = _preferred(repository / model)
            if engine is not PreferredEngine.ONNXRUNTIME and model in refused:
                raise EngineUnavailable(refused[model])
            takeover = _takeover(repository / model, engine, cache, packages)
        except EngineUnavailable as reason:
            progress(f"{model}: {reason}; served with ONNX Runtime")
        else:
            if takeover is not None:
                takeovers[model] = takeover
    _clear(target)
    if takeovers:
        _write_links(repository.resolve(), target, takeovers)
    else:
        target.symlink_to(repository.resolve())
    return {model: takeover.engine for model, takeover in takeovers.items()}


def _preferred(entry: Path) -> PreferredEngine:
    """Return the engine that an entry asks for; one whose newest version is made for OpenVINO asks in vain."""
    file = entry / SERVING_FILE
    if not file.is_file():
        return PreferredEngine.ONNXRUNTIME
    try:
        choice = ServingChoice.from_json(file.read_text(encoding="utf-8"))
    except ValueError:  # pydantic's error is one, as is that of bytes that are no UTF-8
        raise EngineUnavailable(f"its {SERVING_FILE} cannot be read") from None
    return choice.preferred_engine if _config(entry).backend == Engine.ONNXRUNTIME else PreferredEngine.ONNXRUNTIME


def _takeover(
    entry: Path, engine: PreferredEngine, cache: EngineCache | None, packages: CompiledPackages | None
) -> Takeover | None:
    """Return what an engine serves, for every version: an entry has one backend for all of them."""
    match engine:
        case PreferredEngine.ONNXRUNTIME:
            return None
        case PreferredEngine.TENSORRT:
            if cache is None:
                raise EngineUnavailable(NO_TENSORRT)
            return _engines(entry, cache)
        case PreferredEngine.AOTINDUCTOR:
            if packages is None:
                raise EngineUnavailable(NO_PYTORCH)
            return _packages(entry, packages)
        case _:
            assert_never(engine)


def _engines(entry: Path, cache: EngineCache) -> Takeover:
    plans = {
        version: (cache.engine(entry / str(version) / ONNX_FILE, contract),)
        for version, contract in _contracts(_config(entry)).items()
    }
    return Takeover(engine=PreferredEngine.TENSORRT, file=PLAN_FILE, files=plans, device=None)


def _packages(entry: Path, packages: CompiledPackages) -> Takeover:
    config = _config(entry)
    devices = {
        version: packages.device(entry / str(version), contract, largest_batch=config.max_batch_size)
        for version, contract in _contracts(config).items()
    }
    device, *others = set(devices.values())
    if others:
        raise EngineUnavailable("some of its packages are for a GPU, some for a CPU")
    names = (PACKAGE_FILE, PACKAGE_MANIFEST_FILE)
    files = {version: tuple(entry / str(version) / name for name in names) for version in devices}
    return Takeover(engine=PreferredEngine.AOTINDUCTOR, file=PACKAGE_FILE, files=files, device=device)


def _contracts(config: triton.ModelConfig) -> dict[int, Contract]:
    """Read the contract of each version that is served; there is at least one."""
    texts = [value.string_value for key, value in config.parameters.items() if key.startswith(PARAMETER_PREFIX)]
    try:
        contracts = [Contract.from_json(text) for text in texts]
    except ValueError:  # pydantic's error is one
        raise EngineUnavailable("its contract cannot be read") from None
    if not contracts:
        raise EngineUnavailable("its configuration has no contract")
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


def _write_links(repository: Path, target: Path, takeovers: Mapping[str, Takeover]) -> None:
    target.mkdir(parents=True)
    for model in list_models(repository):
        if model in takeovers:
            _write_entry(repository / model, target / model, takeovers[model])
        else:
            (target / model).symlink_to(repository / model)


def _write_entry(entry: Path, target: Path, takeover: Takeover) -> None:
    target.mkdir()
    config = _config_of_takeover(_config(entry), takeover)
    (target / CONFIG_FILE).write_text(text_format.MessageToString(config, as_utf8=True), encoding="utf-8")
    for version, files in takeover.files.items():
        (target / str(version)).mkdir()
        for file in files:
            (target / str(version) / file.name).symlink_to(file.resolve())


def _config_of_takeover(own: triton.ModelConfig, takeover: Takeover) -> triton.ModelConfig:
    config = triton.ModelConfig()
    config.CopyFrom(own)
    config.backend = takeover.engine
    config.default_model_filename = takeover.file
    if takeover.device is not None:
        config.parameters[_INPUTS_ON_CPU].string_value = "no"
        for group in config.instance_group:
            group.kind = _INSTANCE_KINDS[takeover.device]
    return config
