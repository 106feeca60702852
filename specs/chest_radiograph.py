"""What the models of a frontal chest radiograph have in common beside their recipe."""

from specs.deployment import Deployment, Engine
from specs.network import (
    IMAGENET_MEAN,
    IMAGENET_STANDARD_DEVIATION,
    Architecture,
    Classifier,
    LinearClassifier,
    Network,
    Preset,
    Sizing,
    TrainingDefaults,
)


def chest_network(
    architecture: Architecture, *, classifier: Classifier | None = None, width_divisor: int = 4
) -> Network:
    """Declare a backbone on the recipe's own size, which is published for X-ray age alone: our choice for the others.

    Args:
        architecture: The backbone.
        classifier: What stands on it; a linear layer unless told otherwise.
        width_divisor: Of the demonstration preset, which sees every second row and column.
    """
    return Network(
        architecture=architecture,
        classifier=classifier or LinearClassifier(),
        mean=IMAGENET_MEAN,
        standard_deviation=IMAGENET_STANDARD_DEVIATION,
        presets={
            Preset.PAPER: Sizing(width_divisor=1, rows=320, columns=320),
            Preset.DEMONSTRATION: Sizing(width_divisor=width_divisor, rows=160, columns=160),
        },
    )


def chest_training(*, epochs: int, phantom_measurements: tuple[str, ...]) -> TrainingDefaults:
    """Declare how a chest model is fitted; but for the epochs they share all settings, our choice.

    Args:
        epochs: Passes over the training part.
        phantom_measurements: The signs of what it learns, by their names in ChestTruth.
    """
    return TrainingDefaults(
        epochs=epochs,
        batch_size=32,
        learning_rate=2e-3,
        weight_decay=0.02,
        rotation_degrees=5.0,
        shift_share=0.03,
        scale_share=0.05,
        gain_share=0.1,
        phantoms=8000,
        phantom_measurements=phantom_measurements,
        measurement_weight=0.5,
    )


DEPLOYMENT = Deployment(
    engines=(Engine.ONNXRUNTIME,),
    largest_batch=16,
    preferred_batches=(4, 8, 16),
    queue_delay_us=2000,
    instances=1,
)
