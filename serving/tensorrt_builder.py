"""Builds a TensorRT engine: the one place that imports `tensorrt`, and untested beyond what happens without it.

TensorRT could not be had where this was developed, so everything around it is elsewhere, and tested. It is run as a
script, in a process of its own, by the Python that has TensorRT; the standard library and `tensorrt` have to do:
`python -I tensorrt_builder.py version`, or `python -I tensorrt_builder.py build ONNX PROFILE TIMING_CACHE PLAN`. Where
it ends with another status than 0, the last line that it prints to standard error says why.

Source:
    TensorRT's Python API of 10 and 11 and its migration guide from 10 to 11 (docs.nvidia.com/deeplearning/tensorrt).
"""

import json
import sys
from pathlib import Path
from typing import Any


def tensorrt_version() -> str:
    """Return the version of TensorRT that this Python has.

    Raises:
        ImportError: it has none, or one that does not load here.
    """
    import tensorrt as trt  # type: ignore[import-not-found]  # no package registry in reach has it

    return str(trt.__version__)


def build_engine(onnx: bytes, profile: dict[str, Any], timing_cache: Path) -> bytes:
    """Build a strongly typed engine: precision is what the ONNX file says, and fp32 is not computed in TF32.

    Args:
        onnx: The ONNX file.
        profile: A BatchProfile of `engine_manifest.py`, as JSON has it.
        timing_cache: Measured times of this machine's kernels; read where it is there, and written.

    Returns:
        The engine as TensorRT serializes it.

    Raises:
        RuntimeError: TensorRT does not take the file, or found no engine for it.
    """
    import tensorrt as trt

    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    # TensorRT 10 has to be asked for it; 11 keeps the flag, ignores it, and types every network strongly.
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(onnx):
        raise RuntimeError(parser.get_error(0).desc())
    config = builder.create_builder_config()
    config.clear_flag(trt.BuilderFlag.TF32)  # on by default; it would be a precision that no parity gate has seen
    config.add_optimization_profile(_optimization_profile(builder, profile))
    cache = config.create_timing_cache(timing_cache.read_bytes() if timing_cache.is_file() else b"")
    if cache is None or not config.set_timing_cache(cache, ignore_mismatch=False):
        cache = config.create_timing_cache(b"")  # that of the file is another TensorRT's, or another GPU's
        config.set_timing_cache(cache, ignore_mismatch=False)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise RuntimeError("TensorRT found no engine for it")
    timing_cache.write_bytes(bytes(config.get_timing_cache().serialize()))
    return bytes(plan)


def _optimization_profile(builder: Any, profile: dict[str, Any]) -> Any:
    shapes = builder.create_optimization_profile()
    for tensor in profile["inputs"]:
        smallest, typical, largest = (
            (batch, *tensor["shape"]) for batch in (1, profile["typical_batch"], profile["largest_batch"])
        )
        shapes.set_shape(tensor["name"], smallest, typical, largest)
    return shapes


def main(arguments: list[str]) -> None:
    """Print the version, or write an engine."""
    if arguments[0] == "version":
        sys.stdout.write(f"{tensorrt_version()}\n")
        return
    onnx, profile, timing_cache, plan = arguments[1:]
    Path(plan).write_bytes(build_engine(Path(onnx).read_bytes(), json.loads(profile), Path(timing_cache)))


if __name__ == "__main__":
    main(sys.argv[1:])
