"""What the members of the soft vote on aortic stenosis share."""

from specs.chest_radiograph import DEPLOYMENT, chest_network, chest_training
from specs.coding import CodedConcept
from specs.head import FindingProbability, FindingTolerances, LargestYouden
from specs.model import NetworkSpec, Truth
from specs.network import Architecture
from specs.recipe import CHEST_RADIOGRAPH_320
from specs.tensors import ElementType, Tensor

AORTIC_STENOSIS = CodedConcept(value="60573004", scheme="SCT", meaning="Aortic stenosis")

PROBABILITY = Tensor(name="probability", element_type=ElementType.FLOAT32, shape=(1,))

TRUTH = Truth(phantom="aortic_stenosis", phantom_regions=("aortic_root", "left_ventricle"), column="aortic_stenosis")

TOLERANCES = FindingTolerances(probability_shift=1e-4, flipped_share=0.0, auc_change=1e-4)

SOURCE = (
    "Ueda D et al., European Heart Journal - Digital Health, 7 December 2021 (British Library catalog 100183518489): "
    "InceptionV3, ResNet50 and DenseNet121, soft voting, patient-wise split 8:1:1, test AUC 0.83, class activation "
    "maps. Not found: image size, normalization, training settings, weights of the votes, threshold and map variant; "
    "those here are our choice."
)


def stenosis_member(name: str, architecture: Architecture, *, map_side: int, epochs: int) -> NetworkSpec:
    """Declare a member by what it does not share with the others.

    Args:
        name: Name of its repository entry.
        architecture: Its backbone.
        map_side: Rows and columns of its class activation map.
        epochs: Of training.
    """
    return NetworkSpec(
        name=name,
        title=f"Aortic stenosis from a frontal chest radiograph, member {architecture} of the soft vote",
        recipe=CHEST_RADIOGRAPH_320,
        head=FindingProbability(
            finding=AORTIC_STENOSIS,
            probability=PROBABILITY,
            activation_map=Tensor(name="cam", element_type=ElementType.FLOAT32, shape=(map_side, map_side)),
            operating_point_policy=LargestYouden(),
        ),
        truth=TRUTH,
        network=chest_network(architecture),
        training=chest_training(
            epochs=epochs,
            phantom_measurements=(
                "ascending_aorta_mm",
                "valve_calcification",
                "apex_rounding_mm",
                "left_ventricle_scale",
                "aortic_unfolding_mm",
            ),
        ),
        deployment=DEPLOYMENT,
        tolerances=TOLERANCES,
        source=SOURCE,
    )
