"""What each model is: declared once, as data. Adding a model is one new file and one line here."""

from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.aortic_stenosis_densenet121 import AORTIC_STENOSIS_DENSENET121
from specs.aortic_stenosis_inceptionv3 import AORTIC_STENOSIS_INCEPTIONV3
from specs.aortic_stenosis_resnet50 import AORTIC_STENOSIS_RESNET50
from specs.contract import Contract, Spec
from specs.ejection_fraction import EJECTION_FRACTION
from specs.ensemble import EnsembleSpec
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import ModelSpec, NetworkSpec
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from specs.tabular import TabularSpec
from specs.weights import WeightsRecord
from specs.xray_age import XRAY_AGE

SPECS: dict[str, Spec] = {
    spec.name: spec
    for spec in (
        MITRAL_REGURGITATION,
        AORTIC_STENOSIS_INCEPTIONV3,
        AORTIC_STENOSIS_RESNET50,
        AORTIC_STENOSIS_DENSENET121,
        AORTIC_STENOSIS,
        EJECTION_FRACTION,
        XRAY_AGE,
        SARCOIDOSIS_LYMPHOMA,
        HEART_FAILURE_OUTCOME,
    )
}
"""Every model of this project by the name of its repository entry, each after its members."""


def member_specs(spec: EnsembleSpec) -> tuple[NetworkSpec, ...]:
    """Return the members' own specs, in order.

    Raises:
        TypeError: a member is no network.
    """
    specs = [SPECS[member.model] for member in spec.members]
    networks = tuple(member for member in specs if isinstance(member, NetworkSpec))
    if len(networks) != len(specs):
        raise TypeError(f"{spec.name} has a member that is no network")
    return networks


__all__ = [
    "SPECS",
    "Contract",
    "EnsembleSpec",
    "ModelSpec",
    "NetworkSpec",
    "Spec",
    "TabularSpec",
    "WeightsRecord",
    "member_specs",
]
