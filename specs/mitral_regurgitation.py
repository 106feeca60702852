"""Mitral regurgitation from a frontal chest radiograph."""

from specs.coding import CodedConcept
from specs.deployment import Deployment, Engine
from specs.head import FindingProbability, FindingTolerances, LargestYouden
from specs.model import ModelSpec
from specs.network import (
    IMAGENET_MEAN,
    IMAGENET_STANDARD_DEVIATION,
    Architecture,
    Network,
    Preset,
    Sizing,
    TrainingDefaults,
)
from specs.recipe import CHEST_RADIOGRAPH_320
from specs.tensors import ElementType, Tensor

MITRAL_REGURGITATION = ModelSpec(
    name="mitral_regurgitation",
    title="Mitral regurgitation from a frontal chest radiograph",
    recipe=CHEST_RADIOGRAPH_320,
    head=FindingProbability(
        finding=CodedConcept(value="48724000", scheme="SCT", meaning="Mitral regurgitation"),
        probability=Tensor(name="probability", element_type=ElementType.FLOAT32, shape=(1,)),
        activation_map=Tensor(name="cam", element_type=ElementType.FLOAT32, shape=(10, 10)),
        operating_point_policy=LargestYouden(),
    ),
    network=Network(
        architecture=Architecture.RESNET50,
        mean=IMAGENET_MEAN,
        standard_deviation=IMAGENET_STANDARD_DEVIATION,
        presets={
            Preset.PAPER: Sizing(width_divisor=1, rows=320, columns=320),
            Preset.DEMONSTRATION: Sizing(width_divisor=4, rows=160, columns=160),
        },
    ),
    training=TrainingDefaults(
        epochs=14,
        batch_size=32,
        learning_rate=2e-3,
        weight_decay=0.02,
        rotation_degrees=5.0,
        shift_share=0.03,
        scale_share=0.05,
        gain_share=0.1,
        phantoms=8000,
        phantom_truth="mitral_regurgitation",
        phantom_measurements=(
            "cardiothoracic_ratio",
            "left_atrium_width_mm",
            "appendage_bulge_mm",
            "carina_angle_deg",
            "upper_zone_ratio",
        ),
        measurement_weight=0.5,
    ),
    deployment=Deployment(
        engines=(Engine.ONNXRUNTIME,),
        largest_batch=16,
        preferred_batches=(4, 8, 16),
        queue_delay_us=2000,
        instances=1,
    ),
    tolerances=FindingTolerances(probability_shift=1e-4, flipped_share=0.0, auc_change=1e-4),
    source=(
        "Ueda D et al., Radiology: Artificial Intelligence 2022, 10.1148/ryai.210221: ResNet50, patient-wise split "
        "8:1:1, AUC 0.80, class activation maps. Not found: image size, normalization, training settings, threshold "
        "rule, map variant, grade from which a study counts as positive; what stands here for them is our choice."
    ),
)
