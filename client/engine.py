"""What the client needs of whatever runs the models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from specs.contract import Contract

TensorValue = NDArray[np.generic]
"""A tensor with its batch axis first."""


@dataclass(frozen=True, kw_only=True)
class ServedModel:
    """One version of a model with the contract that came with it."""

    contract: Contract
    contract_sha256: str

    @property
    def name(self) -> str:
        """Name of the repository entry."""
        return self.contract.spec.name

    @property
    def version(self) -> int:
        """Version of the entry, always asked for by number."""
        return self.contract.weights.version


class Engine(Protocol):
    """Runs models: a Triton server, or ONNX Runtime in this process."""

    def is_live(self) -> bool:
        """Tell whether the engine can answer at all."""
        ...

    def model_names(self) -> tuple[str, ...]:
        """Return the names of the models that are ready, in alphabetical order.

        Raises:
            ServerError: there is no answer.
        """
        ...

    def served_model(self, name: str) -> ServedModel:
        """Return the newest version of a model with its contract.

        Raises:
            ModelNotFound: there is no such model.
            ContractError: its contract is missing, unknown or not what it claims to be.
            ServerError: there is no answer.
        """
        ...

    def infer(
        self, model: ServedModel, inputs: Mapping[str, TensorValue], outputs: Sequence[str]
    ) -> dict[str, TensorValue]:
        """Run one batch and return only the outputs asked for.

        Raises:
            ServerError: there is no answer.
        """
        ...


class EngineAbove:
    """What an engine that changes how another is asked leaves to that one: which models there are."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def is_live(self) -> bool:
        """Tell whether the engine below can answer."""
        return self._engine.is_live()

    def model_names(self) -> tuple[str, ...]:
        """Return the names of the models of the engine below."""
        return self._engine.model_names()

    def served_model(self, name: str) -> ServedModel:
        """Return a model of the engine below."""
        return self._engine.served_model(name)
