"""The contract: spec and weights record together, as it travels in a served model's configuration."""

from typing import Annotated

from pydantic import Field, model_validator

from specs.classifier import ClassifierSpec
from specs.declared import Declared
from specs.ensemble import CompoundSpec, EnsembleSpec
from specs.model import NetworkSpec
from specs.stacking import StackedSpec
from specs.tabular import TabularSpec
from specs.volume import VolumeSpec
from specs.weights import WeightsRecord

Spec = Annotated[
    NetworkSpec | EnsembleSpec | ClassifierSpec | StackedSpec | VolumeSpec | TabularSpec, Field(discriminator="kind")
]
"""The closed union of specs; a consumer matches on it and ends in `assert_never`."""

ImageSpec = NetworkSpec | EnsembleSpec
"""The specs of models that look at an image."""

FeatureSpec = ClassifierSpec | StackedSpec
"""The specs of models of features that are measured on a study."""

AnswerSpec = ImageSpec | FeatureSpec
"""The specs of models that answer a study with one number."""

StudySpec = AnswerSpec | VolumeSpec
"""The specs of models that are given files of studies and images, not tables."""

PARAMETER_PREFIX = "contract."
"""Triton has one configuration for all versions of a model: the parameter is `contract.<version>`."""


DIGEST_PREFIX = "model_sha256."
"""Key of the ONNX file's digest where an entry has no contract, for it only combines what others say."""


def parameter_key(version: int) -> str:
    """Return the key under which Triton's model parameters hold the contract of a version."""
    return f"{PARAMETER_PREFIX}{version}"


def digest_key(version: int) -> str:
    """Return the key under which Triton's model parameters hold the digest of a version without a contract."""
    return f"{DIGEST_PREFIX}{version}"


class Contract(Declared):
    """What a client must know to use one version of a model, and its digest."""

    spec: Spec
    weights: WeightsRecord

    @model_validator(mode="after")
    def _names_one_model(self) -> "Contract":
        if self.spec.name != self.weights.model:
            raise ValueError(f"the spec is of {self.spec.name}, the weights record of {self.weights.model}")
        return self

    @model_validator(mode="after")
    def _has_the_weights_of_every_step(self) -> "Contract":
        wanted = {step.model for step in self.spec.steps} if isinstance(self.spec, CompoundSpec) else set()
        if {step.model for step in self.weights.steps} != wanted:
            raise ValueError("the weights record is not of the steps that the spec declares")
        return self
