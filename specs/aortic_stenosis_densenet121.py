"""Aortic stenosis from a frontal chest radiograph by DenseNet121: a member of the soft vote."""

from specs.aortic_stenosis_member import stenosis_member
from specs.network import Architecture

AORTIC_STENOSIS_DENSENET121 = stenosis_member(
    "aortic_stenosis_densenet121",
    Architecture.DENSENET121,
    map_side=10,
    epochs=12,
)
