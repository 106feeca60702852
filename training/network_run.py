"""The folder of a network's training run: begun under a plan, ended with weights and a summary, read back."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import safetensors.torch
import torch

from specs.network import Preset
from training.fit_settings import FitSettings
from training.plan import TrainingPlan
from training.summary import SUMMARY_FILE, TrainingSummary

WEIGHTS_FILE = "weights.safetensors"

_Network = TypeVar("_Network", bound=torch.nn.Module)


def begin_run(plan: TrainingPlan, settings: FitSettings) -> TrainingSummary | None:
    """Begin a run, or go on with the one in its folder; return what it found where that one has ended.

    Raises:
        CannotResume: the run in the folder had another plan.
    """
    plan.begin(settings.folder, resume=settings.resume)
    return TrainingSummary.read(settings.folder) if (settings.folder / SUMMARY_FILE).exists() else None


def end_run(folder: Path, network: torch.nn.Module, summary: TrainingSummary) -> None:
    """Save the weights, then the summary, whose presence says that the run has ended."""
    safetensors.torch.save_file(network.state_dict(), folder / WEIGHTS_FILE)
    summary.write(folder)


def read_run(folder: Path, made: Callable[[Preset], _Network]) -> tuple[_Network, TrainingSummary]:
    """Read back what a run left.

    Args:
        folder: Of the run.
        made: Makes the network of a preset.

    Returns:
        The network in evaluation mode, with its weights, and what the run found.

    Raises:
        FileNotFoundError: the folder holds no run that has ended.
    """
    summary = TrainingSummary.read(folder)
    network = made(summary.preset)
    network.load_state_dict(safetensors.torch.load_file(folder / WEIGHTS_FILE))
    return network.eval(), summary
