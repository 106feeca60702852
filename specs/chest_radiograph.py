"""What the models of a frontal chest radiograph have in common beside their recipe."""

from specs.deployment import Deployment, Engine
from specs.network import (
    IMAGENET_MEAN,
    IMAGENET_STANDARD_DEVIATION,
    Architecture,
    Network,
    Preset,
    Sizing,
)

RESNET50 = Network(
    architecture=Architecture.RESNET50,
    mean=IMAGENET_MEAN,
    standard_deviation=IMAGENET_STANDARD_DEVIATION,
    presets={
        Preset.PAPER: Sizing(width_divisor=1, rows=320, columns=320),
        Preset.DEMONSTRATION: Sizing(width_divisor=4, rows=160, columns=160),
    },
)
"""ResNet50 on the recipe's own size; its size in the papers is not published: our choice."""

DEPLOYMENT = Deployment(
    engines=(Engine.ONNXRUNTIME,),
    largest_batch=16,
    preferred_batches=(4, 8, 16),
    queue_delay_us=2000,
    instances=1,
)
