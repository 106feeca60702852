"""Aortic stenosis from a frontal chest radiograph by InceptionV3: a member of the soft vote."""

from specs.aortic_stenosis_member import stenosis_member
from specs.network import Architecture

AORTIC_STENOSIS_INCEPTIONV3 = stenosis_member(
    "aortic_stenosis_inceptionv3",
    Architecture.INCEPTION_V3,
    map_side=24,  # a whole multiple of its features: 8 x 8 at paper size, 3 x 3 at that of the demonstration
    epochs=14,
)
