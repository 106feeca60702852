"""MLServer as a peer: the same fp32 ONNX file behind its own gRPC, from an environment of its own."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tritonclient.grpc as tritongrpc
from tritonclient.utils import InferenceServerException

from client.engine import TensorValue
from serving.ports import choose_ports
from serving.settings import Ports
from tricorder.places import CLONE

ENVIRONMENT = CLONE / ".venv-bench"
LARGEST_BATCH = 16
LONGEST_WAIT_S = 0.002
"""For a fuller batch, as ours."""

_HOST = "127.0.0.1"
_START_S = 120.0
_STOP_S = 15.0
_POLL_S = 0.2

Ask = Callable[[TensorValue], TensorValue]


def found_mlserver() -> Path | None:
    """Return MLServer's command: that of `make .venv-bench`, or one on the PATH; None where there is none."""
    own = ENVIRONMENT / "bin" / "mlserver"
    elsewhere = shutil.which("mlserver")
    if own.is_file():
        return own
    return Path(elsewhere) if elsewhere else None


@contextmanager
def mlserver_serving(command: Path, content: bytes, *, name: str) -> Iterator[Ask]:
    """Serve an ONNX file, with adaptive batching and the default of one worker process.

    Args:
        command: MLServer.
        content: The file.
        name: Of the model.

    Yields:
        What asks it about a tensor, shape (batch, ...), from any thread.

    Raises:
        RuntimeError: it does not start.
    """
    ports = choose_ports(_HOST, Ports())
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
        _write_settings(Path(folder), content, name=name, ports=ports)
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                [command, "start", folder],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(CLONE), "PATH": f"{command.parent}:{os.environ.get('PATH', '')}"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                with tritongrpc.InferenceServerClient(f"{_HOST}:{ports.grpc}") as client:
                    _wait_until_ready(client, process, name=name)
                    yield lambda tensor: _answer(client, tensor, name=name)
            finally:
                _end(process)


def _write_settings(folder: Path, content: bytes, *, name: str, ports: Ports) -> None:
    (folder / "model.onnx").write_bytes(content)
    server = {
        "debug": False,
        "host": _HOST,
        "http_port": ports.http,
        "grpc_port": ports.grpc,
        "metrics_port": ports.metrics,
    }
    model = {
        "name": name,
        "implementation": "benchmarks.mlserver_runtime.OnnxModel",
        "max_batch_size": LARGEST_BATCH,
        "max_batch_time": LONGEST_WAIT_S,
        "parameters": {"uri": str(folder / "model.onnx")},
    }
    (folder / "settings.json").write_text(json.dumps(server), encoding="utf-8")
    (folder / "model-settings.json").write_text(json.dumps(model), encoding="utf-8")


def _wait_until_ready(client: tritongrpc.InferenceServerClient, process: subprocess.Popen[bytes], *, name: str) -> None:
    deadline_s = time.monotonic() + _START_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            if client.is_model_ready(name):
                return
        except InferenceServerException:
            pass
        time.sleep(_POLL_S)
    raise RuntimeError("MLServer did not start")


def _answer(client: tritongrpc.InferenceServerClient, tensor: TensorValue, *, name: str) -> TensorValue:
    given = tritongrpc.InferInput("pixels", list(tensor.shape), "UINT8")
    given.set_data_from_numpy(tensor)
    result = client.infer(name, [given])
    (output,) = result.get_response().outputs
    answer: TensorValue = result.as_numpy(output.name)
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own
        process.wait()
