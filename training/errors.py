"""Errors of training: one branch of the family that `client/errors.py` draws."""

from specs.errors import TricorderError


class TrainingError(TricorderError):
    """A model could not be trained, or weights could not be taken or measured."""

    exit_code = 8


class WeightsMismatch(TrainingError):
    """A file of weights is not of the network that is to take them."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"The weights do not fit the network: {what}. Accepted: a state dict of the same architecture and preset, "
            "as safetensors, as torch.save writes it, or as TorchScript that is not frozen; names as `tricorder train` "
            "gives them, timm or torchvision, for X-ray age also fastai 1. Compare names and shapes."
        )


class UnsafeWeights(TrainingError):
    """A file of weights could run something when it is read."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"The file of weights was not read, for that could run what it holds: {what}. Accepted: tensors by name. "
            "Where the model was made, save its weights alone: `torch.save(model.state_dict(), 'weights.pt')`; of a "
            "fastai Learner, the model is `learner.model`."
        )


class NotMeasurable(TrainingError):
    """The answers of a network to some studies have no figures."""

    def __init__(self, *, data_set: str, what: str) -> None:
        super().__init__(
            f"What the weights are worth cannot be measured on {data_set}: {what}. Accepted: at least two studies of "
            "either kind (of a quantity, of different truth) that get different answers. Name other data with --data."
        )


class OperatingPointUnreachable(TrainingError):
    """No threshold gives the calls that were asked for."""

    def __init__(self, *, data_set: str, what: str) -> None:
        super().__init__(
            f"No operating point can be chosen on {data_set}: {what}. Ask for a lower sensitivity or specificity, or "
            "name more studies with --data."
        )


class TooFewToFit(TrainingError):
    """A part of the data cannot be fitted or measured on."""

    def __init__(self, *, part: str, found: str, needed: str) -> None:
        super().__init__(
            f"{part}: it has {found}. Needed to fit a network and to measure it: {needed}, or more. Add studies; of a "
            "cross-validation, ask for fewer folds."
        )


class NothingLearned(TrainingError):
    """A network gives every study the same answer."""

    def __init__(self, *, model: str) -> None:
        super().__init__(
            f"{model}: the network gives every study of the validation part the same answer, so it cannot be measured. "
            "Train it for more epochs, on more studies, or from weights of its backbone."
        )


class FitDiverged(TrainingError):
    """The weights have grown beyond all numbers."""

    def __init__(self) -> None:
        super().__init__(
            "The fit diverged: the network's answers to the validation part are no numbers any more. Lower the "
            "learning rate in the model's spec, or fit with --precision 32-true."
        )


class CannotResume(TrainingError):
    """The folder holds no run that this one could go on from."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"The run cannot be resumed: {what}. Give the options and the data of the run that ended early, or leave "
            "out --resume to start anew."
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
