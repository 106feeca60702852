"""Which engine a machine is asked to serve a model's ONNX file with: a choice of its repository, not of the weights."""

from pathlib import Path
from typing import assert_never

from export.entry import serving_choice, write_serving_choice
from export.errors import NoPackage, NoTensorRtEngine
from specs import member_specs
from specs.classifier import ClassifierSpec
from specs.contract import Spec
from specs.deployment import PreferredEngine
from specs.ensemble import EnsembleSpec
from specs.model import NetworkSpec
from specs.stacking import StackedSpec
from specs.tabular import TabularSpec
from specs.volume import VolumeSpec


def prefer_engine(repository: Path, spec: Spec, engine: PreferredEngine) -> None:
    """Ask that a model be served with an engine where the machine has it; nothing else of how it is served changes.

    Args:
        repository: Of its entries.
        spec: The model; of an ensemble its members are asked for.
        engine: Which.

    Raises:
        NoPackage: AOTInductor makes no package of the model.
        NoTensorRtEngine: TensorRT does not run the model.
    """
    for network in engine_networks(spec, engine):
        entry = repository / network.name
        choice = serving_choice(entry) or network.deployment.serving_choice
        if choice.preferred_engine is not engine:
            write_serving_choice(entry, network, choice.model_copy(update={"preferred_engine": engine}))


def asks_for_packages(repository: Path, spec: Spec) -> bool:
    """Tell whether the entry of a model, or one of a member of an ensemble, asks for AOTInductor."""
    choices = [serving_choice(repository / each.name) for each in engine_networks(spec, PreferredEngine.ONNXRUNTIME)]
    return any(choice is not None and choice.preferred_engine is PreferredEngine.AOTINDUCTOR for choice in choices)


def engine_networks(spec: Spec, engine: PreferredEngine) -> tuple[NetworkSpec, ...]:
    """Return what of a model an engine is chosen for: itself, or the members of an ensemble.

    Raises:
        NoPackage: AOTInductor makes no package of the model.
        NoTensorRtEngine: TensorRT does not run the model.
    """
    match spec:
        case NetworkSpec():
            return (spec,)
        case EnsembleSpec():
            return member_specs(spec)
        case ClassifierSpec() | StackedSpec() | VolumeSpec() | TabularSpec():
            return _none(spec, engine)
        case _:
            assert_never(spec)


def _none(spec: Spec, engine: PreferredEngine) -> tuple[NetworkSpec, ...]:
    match engine:
        case PreferredEngine.ONNXRUNTIME:
            return ()
        case PreferredEngine.TENSORRT:
            raise NoTensorRtEngine(model=spec.name)
        case PreferredEngine.AOTINDUCTOR:
            raise NoPackage(model=spec.name)
        case _:
            assert_never(engine)
