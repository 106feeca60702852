"""Aortic stenosis from a frontal chest radiograph by ResNet50: a member of the soft vote."""

from specs.aortic_stenosis_member import stenosis_member
from specs.network import Architecture

AORTIC_STENOSIS_RESNET50 = stenosis_member(
    "aortic_stenosis_resnet50",
    Architecture.RESNET50,
    map_side=10,
    epochs=14,
)
