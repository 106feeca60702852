"""Aortic stenosis from a frontal chest radiograph, by soft voting of three networks."""

from specs.aortic_stenosis_densenet121 import AORTIC_STENOSIS_DENSENET121
from specs.aortic_stenosis_inceptionv3 import AORTIC_STENOSIS_INCEPTIONV3
from specs.aortic_stenosis_member import AORTIC_STENOSIS as FINDING
from specs.aortic_stenosis_member import PROBABILITY, SOURCE, TOLERANCES, TRUTH
from specs.aortic_stenosis_resnet50 import AORTIC_STENOSIS_RESNET50
from specs.ensemble import EnsembleSpec, VotingMember
from specs.head import FindingProbability, LargestYouden, MapUnit
from specs.recipe import CHEST_RADIOGRAPH_320
from specs.tensors import ElementType, Tensor

MEMBERS = (AORTIC_STENOSIS_INCEPTIONV3, AORTIC_STENOSIS_RESNET50, AORTIC_STENOSIS_DENSENET121)

AORTIC_STENOSIS = EnsembleSpec(
    name="aortic_stenosis",
    title="Aortic stenosis from a frontal chest radiograph, by soft voting",
    recipe=CHEST_RADIOGRAPH_320,
    head=FindingProbability(
        finding=FINDING,
        probability=PROBABILITY,
        activation_map=Tensor(name="cam", element_type=ElementType.FLOAT32, shape=(24, 24)),
        map_unit=MapUnit.SHARE_OF_LARGEST,
        operating_point_policy=LargestYouden(),
    ),
    truth=TRUTH,
    members=tuple(VotingMember.of(member) for member in MEMBERS),
    largest_batch=16,
    tolerances=TOLERANCES,
    source=SOURCE,
)
