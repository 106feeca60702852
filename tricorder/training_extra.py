"""What is said where a command needs torch and this environment has none."""

import importlib.util

from export.errors import TrainingExtraMissing


def require_training_extra(*, what: str | None = None) -> None:
    """Stop with the remedy where the train extra is not installed.

    Args:
        what: Needs it, with the verb; None for training and export.

    Raises:
        TrainingExtraMissing: torch is not in this environment.
    """
    if importlib.util.find_spec("torch") is None:
        raise TrainingExtraMissing() if what is None else TrainingExtraMissing(what=what)
