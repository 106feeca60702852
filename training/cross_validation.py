"""Cross-validation: a network a fold, each measured on the fold that it has not been fitted on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, assert_never

import numpy as np

from evaluation.agreement import bounded_mean_interval
from evaluation.interval import Interval
from specs.declared import Declared
from specs.model import NetworkSpec
from specs.network import Preset
from specs.volume import VolumeSpec
from specs.volume_figures import OrganPerformance, PerfusionPerformance
from specs.weights import FindingPerformance, OutcomePerformance, Performance, QuantityPerformance
from training.fit_settings import FitSettings
from training.run import train
from training.summary import TrainingSummary
from training.training_data import TrainingData
from training.volume_data import VolumeData
from training.volume_run import train_volumes

RECORD_FILE = "cross_validation.json"

METHOD = "Student's t over the folds' figures, one degree of freedom less than folds, cut to the figure's range"


Figure = Literal["AUC", "mean absolute error", "Dice"]


class CrossValidation(Declared):
    """What the networks of all folds found.

    The interval treats the folds' figures as independent. They are not, for any two networks share training studies,
    so it is somewhat too narrow. The fold that measures a network has also chosen its epoch, as a validation part does.

    Source:
        Bengio Y, Grandvalet Y, J Mach Learn Res 2004;5:1089-1105: no estimate of that variance is without bias. The
        source papers give the mean over folds with an interval whose method is not known: this one is our choice.
    """

    model: str
    preset: Preset
    figure: Figure
    unit: str
    mean: Interval
    interval_method: str = METHOD
    folds: tuple[TrainingSummary, ...]


def cross_validate(
    spec: NetworkSpec,
    preset: Preset,
    turns: Sequence[TrainingData],
    *,
    settings: FitSettings,
    report: Callable[[TrainingSummary], None],
) -> CrossValidation:
    """Train a network for each fold, in a folder of its own, and write what they found together.

    Args:
        spec: The model.
        preset: Which size of the network.
        turns: The data without each fold, at least two.
        settings: Of every fold's run; `folder` holds those of the folds.
        report: Called with what each fold found, in order.

    Raises:
        TooFewToFit: a fold is too small; nothing has been trained.
        CannotResume: the run in a fold's folder had another plan.
        WeightsMismatch: the weights to start from are not of this network.
    """
    for turn in turns:
        turn.require_enough(spec.head)

    def trained(number: int, own: FitSettings) -> TrainingSummary:
        summary = train(spec, preset, turns[number], settings=own)
        report(summary)
        return summary

    return _recorded(trained, len(turns), settings=settings, unit=spec.head.unit)


def cross_validate_volumes(
    spec: VolumeSpec, preset: Preset, turns: Sequence[VolumeData], *, settings: FitSettings
) -> CrossValidation:
    """Do the same for a model that answers with a volume.

    Raises:
        CannotResume: the run in a fold's folder had another plan.
    """

    def trained(number: int, own: FitSettings) -> TrainingSummary:
        return train_volumes(spec, preset, turns[number], settings=own)

    return _recorded(trained, len(turns), settings=settings, unit=spec.head.unit)


def _recorded(
    trained: Callable[[int, FitSettings], TrainingSummary], folds: int, *, settings: FitSettings, unit: str
) -> CrossValidation:
    record = settings.folder / RECORD_FILE
    if not settings.resume:
        record.unlink(missing_ok=True)
    folders = fold_folders(settings.folder, folds)
    summaries = [trained(number, replace(settings, folder=folder)) for number, folder in enumerate(folders)]
    found = cross_validation(summaries, unit=unit)
    record.write_text(found.readable_json(), encoding="utf-8")
    return found


def fold_folders(folder: Path, folds: int) -> list[Path]:
    """Return where the runs of the folds leave their files."""
    return [folder / f"fold-{number}" for number in range(1, folds + 1)]


def cross_validation(folds: Sequence[TrainingSummary], *, unit: str) -> CrossValidation:
    """Take the mean of what networks found on the folds that they had not been fitted on.

    Args:
        folds: Of one model, at least two.
        unit: Of its answer.
    """
    figures = np.array([_figure(fold.performance) for fold in folds])
    named, highest = _name_and_bound(folds[0].performance)
    return CrossValidation(
        model=folds[0].model,
        preset=folds[0].preset,
        figure=named,
        unit=unit,
        mean=bounded_mean_interval(figures, highest=highest),
        folds=tuple(folds),
    )


def _name_and_bound(performance: Performance) -> tuple[Figure, float]:
    """Return what a fold's figure is called, and the largest that it can be."""
    if isinstance(performance, FindingPerformance):
        return "AUC", 1.0
    return ("Dice", 1.0) if isinstance(performance, OrganPerformance) else ("mean absolute error", np.inf)


def _figure(performance: Performance) -> float:
    match performance:
        case FindingPerformance():
            return performance.discrimination.auc
        case QuantityPerformance():
            return performance.mean_absolute_error
        case OutcomePerformance():
            raise TypeError("no network gives outcomes")
        case PerfusionPerformance():
            return performance.segment_error_percent
        case OrganPerformance():
            return float(np.mean([organ.dice for organ in performance.dice]))
        case _:
            assert_never(performance)
