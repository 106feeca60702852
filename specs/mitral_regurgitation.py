"""Mitral regurgitation from a frontal chest radiograph."""

from specs.chest_radiograph import DEPLOYMENT, chest_network, chest_training
from specs.coding import CodedConcept
from specs.head import FindingProbability, FindingTolerances, LargestYouden
from specs.model import NetworkSpec, Truth
from specs.network import Architecture
from specs.recipe import CHEST_RADIOGRAPH_320
from specs.tensors import ElementType, Tensor

MITRAL_REGURGITATION = NetworkSpec(
    name="mitral_regurgitation",
    title="Mitral regurgitation from a frontal chest radiograph",
    recipe=CHEST_RADIOGRAPH_320,
    head=FindingProbability(
        finding=CodedConcept(value="48724000", scheme="SCT", meaning="Mitral regurgitation"),
        probability=Tensor(name="probability", element_type=ElementType.FLOAT32, shape=(1,)),
        activation_map=Tensor(name="cam", element_type=ElementType.FLOAT32, shape=(10, 10)),
        operating_point_policy=LargestYouden(),
    ),
    truth=Truth(phantom="mitral_regurgitation", phantom_regions=("left_atrium",), column="mitral_regurgitation"),
    network=chest_network(Architecture.RESNET50),
    training=chest_training(
        epochs=14,
        phantom_measurements=(
            "cardiothoracic_ratio",
            "left_atrium_width_mm",
            "appendage_bulge_mm",
            "carina_angle_deg",
            "upper_zone_ratio",
        ),
    ),
    deployment=DEPLOYMENT,
    tolerances=FindingTolerances(probability_shift=1e-4, flipped_share=0.0, auc_change=1e-4),
    source=(
        "Ueda D et al., Radiology: Artificial Intelligence 2022, 10.1148/ryai.210221: ResNet50, patient-wise split "
        "8:1:1, AUC 0.80, class activation maps. Not found: image size, normalization, training settings, threshold "
        "rule, map variant, grade from which a study counts as positive; what stands here for them is our choice."
    ),
)
