"""Errors of training: one branch of the family that `client/errors.py` draws."""

from specs.errors import TricorderError


class TrainingError(TricorderError):
    """A model could not be trained. What was in the folder before is still there."""

    exit_code = 8


class WeightsMismatch(TrainingError):
    """A file of weights is not of the network that is to take them."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"The weights do not fit the network: {what}. Accepted: a state dict of the same architecture at paper "
            "size, as safetensors or as a PyTorch file of tensors only."
        )


class CannotResume(TrainingError):
    """The folder holds no run that this one could go on from."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"The run cannot be resumed: {what}. Give the options of the run that ended early, or leave out --resume "
            "to start anew."
        )


class OutcomeMissing(TrainingError):
    """Hardly anybody in a part had one of the outcomes."""

    def __init__(self, *, part: str, outcomes: tuple[str, ...]) -> None:
        super().__init__(
            f"{part}: fewer than two patients had {' or '.join(outcomes)}, so its probability can be neither learned "
            "nor measured. Train on more patients."
        )


class PatientTableFaults(TrainingError):
    """All that is wrong with a table of patients to train on."""

    _most_shown = 20

    def __init__(self, *, faults: tuple[str, ...]) -> None:
        count, shown = len(faults), faults[: self._most_shown]
        listed = "\n".join(f"- {fault}" for fault in shown)
        more = f"\n- and {count - len(shown)} more" if count > len(shown) else ""
        super().__init__(
            f"The table has {count} fault{'' if count == 1 else 's'}. A table to train on is CSV or JSON lines with "
            f"every variable of the model and the column of its outcome. Mend these:\n{listed}{more}"
        )
