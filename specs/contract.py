"""The contract: spec and weights record together, as it travels in a served model's configuration."""

from pydantic import model_validator

from specs.declared import Declared
from specs.model import ModelSpec
from specs.weights import WeightsRecord

PARAMETER_PREFIX = "contract."
"""Triton has one configuration for all versions of a model: the parameter is `contract.<version>`."""


def parameter_key(version: int) -> str:
    """Return the key under which Triton's model parameters hold the contract of a version."""
    return f"{PARAMETER_PREFIX}{version}"


class Contract(Declared):
    """What a client must know to use one version of a model, and its digest."""

    spec: ModelSpec
    weights: WeightsRecord

    @model_validator(mode="after")
    def _names_one_model(self) -> "Contract":
        if self.spec.name != self.weights.model:
            raise ValueError(f"the spec is of {self.spec.name}, the weights record of {self.weights.model}")
        return self
