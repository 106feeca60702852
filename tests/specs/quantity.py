"""Specs that only the tests have: a quantity in place of a finding, with each kind of classifier."""

import pytest

from specs import SPECS
from specs.ejection_fraction import EJECTION_FRACTION
from specs.head import MeasuredQuantity, QuantityTolerances
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import NetworkSpec, Truth
from specs.network import ConcatPoolClassifier
from specs.tensors import ElementType, Tensor

_AGE = MeasuredQuantity(
    quantity=None,
    name="age",
    value=Tensor(name="value", element_type=ElementType.FLOAT32, shape=(1,)),
    unit="years",
    lowest=0.0,
    highest=120.0,
    activation_map=Tensor(name="cam", element_type=ElementType.FLOAT32, shape=(10, 10)),
)

MAPPED_AGE = MITRAL_REGURGITATION.model_copy(
    update={
        "name": "mapped_age",
        "title": "A phantom's age with a map, for tests",
        "head": _AGE,
        "truth": Truth(phantom="age_years", column="age"),
        "tolerances": QuantityTolerances(value_shift=0.01, mean_absolute_error_change=0.005),
    }
)

CONCAT_POOLED_AGE = MAPPED_AGE.model_copy(
    update={
        "name": "concat_pooled_age",
        "title": "A phantom's age without a map, for tests",
        "head": _AGE.model_copy(update={"activation_map": None}),
        "network": MAPPED_AGE.network.model_copy(
            update={"classifier": ConcatPoolClassifier(hidden=512, dropout=(0.25, 0.5))}
        ),
    }
)

NETWORK_SPECS: dict[str, NetworkSpec] = {
    name: declared for name, declared in SPECS.items() if isinstance(declared, NetworkSpec)
}
"""Every model that is one network."""

EVERY_SPEC: dict[str, NetworkSpec] = {
    **NETWORK_SPECS,
    MAPPED_AGE.name: MAPPED_AGE,
    CONCAT_POOLED_AGE.name: CONCAT_POOLED_AGE,
}
"""Every model and the specs above, by name."""


EVERY_KIND = (MITRAL_REGURGITATION, EJECTION_FRACTION, CONCAT_POOLED_AGE)
"""One small network of each kind of head and classifier that any model has."""


@pytest.fixture(params=EVERY_KIND, ids=lambda spec: spec.name, name="spec")
def spec_of_every_kind(request: pytest.FixtureRequest) -> NetworkSpec:
    """In place of the models alone, where a folder's or a module's tests import it."""
    declared: NetworkSpec = request.param
    return declared
