"""An engine and nothing else, in the server's environment: the same batch over and over, as fast as it goes.

python engine_alone.py ENGINE PRECISION OUTPUT INPUT.npy MODEL.onnx [MODEL.onnx ...]

Several models see each batch in turn, as the members of an ensemble do. Every line of the standard input, a JSON object
with `batch`, `start_s` and `end_s`, is answered by one: what was done between start and end, and the processor time it
took. Engines are set as the backends set them. It runs by itself: nothing of this project can be imported here.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

_BACKEND = Path(__file__).parents[1] / "serving" / "backends" / "onnxruntime"

Run = Callable[[Any], object]
"""Computes the output of a batch."""


def onnxruntime_session(file: str, *, output: str) -> Any:
    """Load a file for ONNX Runtime, cut to the one output as the backend cuts it."""
    import onnx
    import onnxruntime

    sys.path.append(str(_BACKEND))
    from pruning import prune_to_outputs  # type: ignore[import-not-found]  # lies beside the backend

    model = onnx.load(file)
    prune_to_outputs(model, [output])
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        model.SerializeToString(), sess_options=options, providers=["CPUExecutionProvider"]
    )


def onnxruntime_run(file: str, *, output: str) -> Callable[[Any], list[Any]]:
    """Return what computes the one output of a batch in ONNX Runtime."""
    session = onnxruntime_session(file, output=output)
    name = session.get_inputs()[0].name
    return lambda batch: session.run([output], {name: batch})


def openvino_run(file: str, *, output: str, precision: str) -> Run:
    """Load a file for OpenVINO, cut to the one output."""
    import openvino

    core = openvino.Core()
    model = core.read_model(file)
    for port in model.outputs:
        if port.any_name != output:
            model.remove_result(port.node)
    hint = "bf16" if precision == "bf16" else "f32"
    properties = {"INFERENCE_PRECISION_HINT": hint, "NUM_STREAMS": "1"}
    request = core.compile_model(model, "CPU", properties).create_infer_request()
    name = model.inputs[0].any_name
    return lambda batch: request.infer({name: batch}, share_inputs=True)


def rate(runs: Sequence[Run], batch: Any, *, start_s: float, end_s: float) -> dict[str, float]:
    """Run batches until the end, and count those between start and end.

    Returns:
        Studies a second, and milliseconds of processor time a study.
    """
    origin_s, counted, counted_from_s, cpu_from_s = time.perf_counter(), 0, 0.0, 0.0
    while True:
        now_s = time.perf_counter() - origin_s
        if now_s >= end_s and counted:
            studies, took_s = counted * len(batch), now_s - counted_from_s
            return {"studies_per_s": studies / took_s, "cpu_ms": 1e3 * (_cpu_s() - cpu_from_s) / studies}
        if now_s >= start_s and not counted_from_s:
            counted_from_s, cpu_from_s = now_s, _cpu_s()
        for run in runs:
            run(batch)
        counted += counted_from_s > 0


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main(engine: str, precision: str, output: str, given: str, *files: str) -> None:
    """Answer what is asked on the standard input until that ends."""
    study = np.load(given)
    runs = [
        openvino_run(file, output=output, precision=precision)
        if engine == "openvino"
        else onnxruntime_run(file, output=output)
        for file in files
    ]
    _say({"ready": True})
    for line in sys.stdin:
        asked = json.loads(line)
        batch = np.repeat(study, asked["batch"], axis=0)
        _say(rate(runs, batch, start_s=asked["start_s"], end_s=asked["end_s"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
