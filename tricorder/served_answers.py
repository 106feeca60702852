"""Answers of an embedded Triton, started on a repository for as long as it is asked."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from client.call_settings import CallSettings
from client.triton import TritonEngine
from serving import EmbeddedTriton, TritonSettings
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
    step, answers = spec.deployment.largest_batch, []
    task = progress.add_task(f"asking {spec.name} as it will be served", total=len(pixels))
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
        settings = TritonSettings(repository=repository, run_folder=Path(folder), environment=SERVER_ENVIRONMENT)
        with (
            EmbeddedTriton(settings) as server,
            TritonEngine(CallSettings(address=server.grpc_address)) as engine,
        ):
            model, wanted = engine.served_model(spec.name), spec.head.answer.name
            for start in range(0, len(pixels), step):
                batch = pixels[start : start + step]
                answers.append(engine.infer(model, {spec.recipe.input.name: batch}, (wanted,))[wanted][:, 0])
                progress.advance(task, len(batch))
    return np.concatenate(answers).astype(np.float64)
