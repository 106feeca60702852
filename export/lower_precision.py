"""From an fp32 ONNX file to one in a lower precision: int8 with explicit Q/DQ, or fp16; inputs and outputs stay."""

import logging
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from export.weight_storage import with_plain_weights
from specs.entry import ONNX_IR_VERSION

Feed = Mapping[str, NDArray[Any]]

_CONVOLUTION = "Conv"
_IN_INT8 = (_CONVOLUTION, "Add", "AveragePool", "Concat", "MaxPool", "Relu")
"""What carries a convolutional network; everything else, the classifier among it, stays in fp32."""


def in_fp16(content: bytes) -> bytes:
    """Return the same graph computed in fp16, but for what would leave its range (the converter's own list).

    Args:
        content: An ONNX file in fp32.

    Returns:
        A checked ONNX file with the same inputs and outputs.
    """
    model = with_plain_weights(onnx.load_from_string(content))
    _give_each_resize_its_own_scales(model.graph)
    model = convert_float_to_float16(model, keep_io_types=True)
    OnnxModel(model).topological_sort(is_deterministic=True)  # the converter of 1.31 appends its casts at the end
    del model.graph.value_info[:]  # and leaves the types of what it converted as they were
    return _checked(model)


def in_int8(content: bytes, feeds: Iterator[Feed], *, answer: str) -> bytes:
    """Return the same graph with its convolutional part in int8, by explicit QuantizeLinear and DequantizeLinear.

    Weights have a scale a channel and activations one a tensor, between the smallest and largest values of the feeds,
    on average. What prepares the input, the convolutions that see it, and what only other outputs than the answer need
    (maps) stay in fp32. Measured on 300 phantoms with the committed weights of mitral regurgitation: average and first
    convolution take the largest shift of a probability from 0.108 to 0.055, and flipped calls from 0.7 % to none; of
    that, 0.012 would stay with 16 bits for activations.

    Args:
        content: An ONNX file in fp32.
        feeds: Inputs to calibrate on, some studies at a time.
        answer: Name of the output that decides.

    Returns:
        A checked ONNX file with the same inputs and outputs.
    """
    model = with_plain_weights(onnx.load_from_string(content))
    left_out = _left_in_fp32(model.graph, answer)
    logging.getLogger().disabled = True  # the quantizer warns on the root logger of a step that is not needed here
    try:
        with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
            quantized = Path(folder) / "int8.onnx"
            quantize_static(
                model,
                quantized,
                _Feeds(feeds),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=list(_IN_INT8),
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                nodes_to_exclude=left_out,
                calibrate_method=CalibrationMethod.MinMax,
                extra_options={"CalibMovingAverage": True},
            )
            return _checked(onnx.load(quantized))
    finally:
        logging.getLogger().disabled = False


def _give_each_resize_its_own_scales(graph: onnx.GraphProto) -> None:
    """Copy what several Resize nodes share: the converter of 1.31 would cast it twice under one name."""
    stored = {each.name: each for each in graph.initializer}
    seen = set()
    for node in graph.node:
        for place, name in enumerate(node.input):
            if node.op_type != "Resize" or name not in stored:
                continue
            if name in seen:
                copied = graph.initializer.add()
                copied.CopyFrom(stored[name])
                copied.name = node.input[place] = f"{name}_of_{node.output[0]}"
            seen.add(name)


class _Feeds:
    """A CalibrationDataReader: hands calibration inputs on, one feed at a time."""

    def __init__(self, feeds: Iterator[Feed]) -> None:
        self._feeds = feeds

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        """Return the next feed; None at the end."""
        feed = next(self._feeds, None)
        return None if feed is None else {name: np.ascontiguousarray(values) for name, values in feed.items()}


def _left_in_fp32(graph: onnx.GraphProto, answer: str) -> list[str]:
    """Name the nodes ahead of every convolution and the first convolutions, and what the answer does not need."""
    producers = {output: node for node in graph.node for output in node.output}
    needed = {node.name for node in _ancestors(answer, producers)}
    behind: set[str] = set()
    left = []
    for node in graph.node:  # in topological order, as ONNX wants them
        after_one = any(name in behind for name in node.input)
        if node.op_type == _CONVOLUTION or after_one:
            behind.update(node.output)
        if node.name not in needed or not after_one:
            left.append(node.name)
    return left


def _ancestors(output: str, producers: Mapping[str, onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    seen, waiting = set(), [output]
    while waiting:
        node = producers.get(waiting.pop())
        if node is not None and node.name not in seen:
            seen.add(node.name)
            yield node
            waiting.extend(node.input)


def _checked(model: onnx.ModelProto) -> bytes:
    used = {node.domain for node in model.graph.node}
    kept = [opset for opset in model.opset_import if opset.domain in used | {""}]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    model.ir_version = ONNX_IR_VERSION
    model.producer_name = model.producer_version = ""
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content
