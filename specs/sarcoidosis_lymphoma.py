"""Sarcoidosis or malignant lymphoma from an FDG PET series."""

from specs.coding import CodedConcept
from specs.deployment import Deployment, Engine
from specs.fdg_projections import FDG_PROJECTIONS_256
from specs.head import FindingProbability, FindingTolerances, LargestYouden, MapUnit
from specs.model import NetworkSpec, Truth
from specs.network import (
    IMAGENET_MEAN,
    IMAGENET_STANDARD_DEVIATION,
    Architecture,
    Network,
    Preset,
    Sizing,
    TrainingDefaults,
)
from specs.tensors import ElementType, Tensor

SARCOIDOSIS_LYMPHOMA = NetworkSpec(
    name="sarcoidosis_lymphoma",
    title="Sarcoidosis rather than malignant lymphoma from FDG PET",
    recipe=FDG_PROJECTIONS_256,
    head=FindingProbability(
        finding=CodedConcept(value="31541009", scheme="SCT", meaning="Sarcoidosis"),
        probability=Tensor(name="probability", element_type=ElementType.FLOAT32, shape=(1,)),
        activation_map=Tensor(name="grad_cam", element_type=ElementType.FLOAT32, shape=(2, 16, 8)),
        map_unit=MapUnit.POSITIVE_LOG_ODDS,
        operating_point_policy=LargestYouden(),
    ),
    truth=Truth(phantom="sarcoidosis", column="sarcoidosis"),
    network=Network(
        architecture=Architecture.RESNET18,
        stem_pool=False,
        coarse_backbone=True,
        symmetric_views=(0,),
        mean=IMAGENET_MEAN,
        standard_deviation=IMAGENET_STANDARD_DEVIATION,
        presets={
            Preset.PAPER: Sizing(width_divisor=1, rows=256, columns=128),
            Preset.DEMONSTRATION: Sizing(width_divisor=4, rows=256, columns=128, half_weights=True),
        },
    ),
    training=TrainingDefaults(
        epochs=44,
        patience_epochs=44,
        stem_pool_share=0.45,
        coarse_epochs_share=0.82,
        batch_size=32,
        learning_rate=2e-3,
        weight_decay=0.02,
        averaging_decay=0.995,
        rotation_degrees=5.0,
        shift_share=0.05,
        scale_share=0.08,
        gain_share=0.15,
        mirrored_views=(0,),
        phantoms=3000,
        phantom_measurements=(
            "salivary_gland",
            "cervical_nodes",
            "axillary_nodes",
            "lung",
            "mediastinal_nodes",
            "abdominal_nodes",
            "inguinal_nodes",
            "liver",
            "spleen",
            "adrenal",
            "skin",
            "lesion_count",
            "lesion_volume_ml",
            "left_right_balance",
            "largest_lesion_ml",
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
        "Aoki H et al., Eur Radiol 2024;34:374-383, 10.1007/s00330-023-09937-x: frontal and lateral projections in one "
        "network, five-fold cross-validation, AUC 0.963 (0.899-1.000), Grad-CAM. Not found: backbone, fusion of the "
        "views, window, size, positive class, threshold, training settings; what stands here for them is our choice."
    ),
)
