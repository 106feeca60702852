"""What each model is: declared once, as data. Adding a model is one new file and one line here."""

from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.aortic_stenosis_densenet121 import AORTIC_STENOSIS_DENSENET121
from specs.aortic_stenosis_inceptionv3 import AORTIC_STENOSIS_INCEPTIONV3
from specs.aortic_stenosis_resnet50 import AORTIC_STENOSIS_RESNET50
from specs.classifier import ClassifierSpec
from specs.contract import Contract, Spec
from specs.dat_binding import DAT_BINDING
from specs.dat_direct import DAT_DIRECT
from specs.dat_parkinsonism import DAT_PARKINSONISM
from specs.dat_shape import DAT_SHAPE
from specs.dat_symmetry import DAT_SYMMETRY
from specs.dat_uptake import DAT_UPTAKE
from specs.ejection_fraction import EJECTION_FRACTION
from specs.ensemble import EnsembleSpec
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME
from specs.mibg_organs import MIBG_ORGANS
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import ModelSpec, NetworkSpec
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from specs.stacking import StackedSpec
from specs.tabular import TabularSpec
from specs.virtual_pet import VIRTUAL_PET
from specs.volume import VolumeSpec
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
        DAT_UPTAKE,
        DAT_SYMMETRY,
        DAT_SHAPE,
        DAT_PARKINSONISM,
        DAT_BINDING,
        DAT_DIRECT,
        VIRTUAL_PET,
        MIBG_ORGANS,
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


def stacked_classifiers(spec: StackedSpec) -> dict[str, ClassifierSpec]:
    """Return the members' own specs by their names, in order.

    Raises:
        TypeError: a member is no classifier.
    """
    specs = {member.model: SPECS[member.model] for member in spec.members}
    classifiers = {name: member for name, member in specs.items() if isinstance(member, ClassifierSpec)}
    if len(classifiers) != len(specs):
        raise TypeError(f"{spec.name} has a member that is no classifier")
    return classifiers


__all__ = [
    "SPECS",
    "ClassifierSpec",
    "Contract",
    "EnsembleSpec",
    "ModelSpec",
    "NetworkSpec",
    "Spec",
    "StackedSpec",
    "TabularSpec",
    "VolumeSpec",
    "WeightsRecord",
    "member_specs",
    "stacked_classifiers",
]
