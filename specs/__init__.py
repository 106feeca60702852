"""What each model is: declared once, as data. Adding a model is one new file and one line here."""

from specs.contract import Contract
from specs.ejection_fraction import EJECTION_FRACTION
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import ModelSpec
from specs.weights import WeightsRecord

SPECS: dict[str, ModelSpec] = {spec.name: spec for spec in (MITRAL_REGURGITATION, EJECTION_FRACTION)}
"""Every model that this project can train and export, by the name of its repository entry."""

__all__ = ["SPECS", "Contract", "ModelSpec", "WeightsRecord"]
