"""Answers of an embedded Triton, started on a repository for as long as it is asked."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from client.call_settings import CallSettings
from client.triton import TritonEngine
from serving import EmbeddedTriton, TritonSettings
from specs.contract import ImageSpec
from specs.ensemble import EnsembleSpec
from specs.model import NetworkSpec
from tricorder.places import SERVER_ENVIRONMENT

if TYPE_CHECKING:
    from training.prepared_part import Pixels


def served_answers(repository: Path, spec: NetworkSpec, pixels: "Pixels", *, progress: Progress) -> NDArray[np.float64]:
    """Serve a repository and ask the newest version of a model of it about studies.

    Args:
        repository: Holds the model.
        spec: The model.
        pixels: As on the wire, shape (studies, view, row, column).
        progress: Where a bar is shown.

    Returns:
        What it answers, shape (studies,).

    Raises:
        ServerStartError: the server does not start, as where it lacks the engine.
    """
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
        settings = TritonSettings(repository=repository, run_folder=Path(folder), environment=SERVER_ENVIRONMENT)
        with EmbeddedTriton(settings) as server:
            return asked_answers(server.grpc_address, spec, pixels, progress=progress)


def asked_answers(address: str, spec: ImageSpec, pixels: "Pixels", *, progress: Progress) -> NDArray[np.float64]:
    """Ask the newest version of a model that a server has about studies.

    Args:
        address: Of the server, for gRPC.
        spec: The model.
        pixels: As on the wire, shape (studies, view, row, column).
        progress: Where a bar is shown.

    Returns:
        What it answers, shape (studies,).

    Raises:
        ServerError: the server gives no answer.
    """
    step, answers = _largest_batch(spec), []
    task = progress.add_task(f"asking {spec.name} as it will be served", total=len(pixels))
    with TritonEngine(CallSettings(address=address)) as engine:
        model, wanted = engine.served_model(spec.name), spec.head.answer.name
        for start in range(0, len(pixels), step):
            batch = pixels[start : start + step]
            answers.append(engine.infer(model, {spec.recipe.input.name: batch}, (wanted,))[wanted][:, 0])
            progress.advance(task, len(batch))
    return np.concatenate(answers).astype(np.float64)


def _largest_batch(spec: ImageSpec) -> int:
    match spec:
        case NetworkSpec():
            return spec.deployment.largest_batch
        case EnsembleSpec():
            return spec.largest_batch
        case _:
            assert_never(spec)
