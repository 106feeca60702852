"""What a run of fitting may change of a spec's training defaults, and where it leaves its files."""

from dataclasses import dataclass, field
from pathlib import Path

from training.hardware import fastest_precision
from training.precision import Precision


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """What a run may change of the spec's training defaults, and where it leaves its files.

    Attributes:
        epochs: Passes over the training part.
        seed: Of initialization, order and augmentation.
        balanced: Whether studies with a finding weigh as much together as those without; a quantity has no such kinds.
        folder: Of weights, checkpoints, log and summary.
        show_progress: Whether a bar is drawn.
        precision: In which networks are fitted; answers are computed in single precision whatever it is.
        resume: Whether a run in the folder is kept where it has ended, and gone on with after its last whole epoch
            where it ended early.
        freeze_backbone: Whether the classifier alone is fitted.
        backbone_weights: State dict that the backbone starts from; random weights without.
    """

    epochs: int
    seed: int
    balanced: bool
    folder: Path
    show_progress: bool
    precision: Precision = field(default_factory=fastest_precision)
    resume: bool = False
    freeze_backbone: bool = False
    backbone_weights: Path | None = None
