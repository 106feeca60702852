"""Feature F4 of dopamine-transporter SPECT, alone model M2: the image itself."""

from specs.dat_features import NIGROSTRIATAL_DISEASE, SOURCE
from specs.deployment import Deployment, Engine
from specs.head import FindingProbability, FindingTolerances, LargestYouden
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
from specs.striatal_recipes import STRIATAL_IMAGE
from specs.tensors import ElementType, Tensor

DAT_DIRECT = NetworkSpec(
    name="dat_direct",
    title="Parkinson syndrome or Lewy-body disease from the image of the striata",
    recipe=STRIATAL_IMAGE,
    head=FindingProbability(
        finding=NIGROSTRIATAL_DISEASE,
        probability=Tensor(name="probability", element_type=ElementType.FLOAT32, shape=(1,)),
        activation_map=Tensor(name="cam", element_type=ElementType.FLOAT32, shape=(4, 4)),
        operating_point_policy=LargestYouden(),
    ),
    truth=Truth(phantom="diseased", column="diseased"),
    network=Network(
        architecture=Architecture.RESNET18,
        mean=IMAGENET_MEAN,
        standard_deviation=IMAGENET_STANDARD_DEVIATION,
        presets={
            Preset.PAPER: Sizing(width_divisor=1, rows=128, columns=128),
            Preset.DEMONSTRATION: Sizing(width_divisor=4, rows=128, columns=128),
        },
    ),
    training=TrainingDefaults(
        epochs=20,
        batch_size=32,
        learning_rate=2e-3,
        weight_decay=0.02,
        rotation_degrees=5.0,
        shift_share=0.03,
        scale_share=0.05,
        gain_share=0.1,
        phantoms=3000,
        phantom_measurements=("striatum",),
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
    source=SOURCE + " The network and its size are our choice.",
)
