"""What a training run left in its folder, read for an export: a whole run of the wanted model and preset."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from zipfile import BadZipFile

from pydantic import ValidationError
from safetensors import SafetensorError

from export.errors import NotTrained
from specs.model import ModelSpec
from specs.network import Preset
from training.summary import TrainingSummary

_Left = TypeVar("_Left")


@contextmanager
def whole_run_expected(spec: ModelSpec, preset: Preset) -> Iterator[None]:
    """Read from a folder in which a training run of this version has ended.

    Raises:
        NotTrained: a file is missing, or has another form than this version writes.
    """
    try:
        yield
    except (FileNotFoundError, ValidationError, SafetensorError, BadZipFile):
        raise NotTrained(model=spec.name, preset=preset) from None


def finished_run(
    spec: ModelSpec, preset: Preset, read: Callable[[], tuple[_Left, TrainingSummary]]
) -> tuple[_Left, TrainingSummary]:
    """Read what a run left.

    Args:
        spec: The model.
        preset: Which size of it.
        read: Reads the folder.

    Raises:
        NotTrained: the folder holds no whole run of that model and preset.
    """
    with whole_run_expected(spec, preset):
        left, summary = read()
    if summary.preset is not preset or summary.model != spec.name:
        raise NotTrained(model=spec.name, preset=preset)
    return left, summary
