"""Weights of an ONNX file in half precision, each behind a Cast, where nothing is lost by it."""

from collections.abc import Iterator

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_FEWEST_VALUES = 256
"""What is smaller is not worth a node."""

_FOLDING_ERROR = 1e-6
"""Share by which folding a batch norm of scale 1 may have moved a weight off its number of half precision."""


def stored_in_half(content: bytes) -> bytes:
    """Store every weight that is a number of half precision as one; engines cast them back when they load the file.

    Args:
        content: An ONNX file in fp32.

    Returns:
        A checked ONNX file that computes the same, in fp32; the same file where no weight is such a number.
    """
    model = onnx.load_from_string(content)
    casts = []
    for stored in list(model.graph.initializer):
        half = _exact_half(stored)
        if half is not None:
            name = f"{stored.name}_half"
            casts.append(helper.make_node("Cast", [name], [stored.name], name=f"{name}_cast", to=TensorProto.FLOAT))
            model.graph.initializer.remove(stored)
            model.graph.initializer.append(numpy_helper.from_array(half, name))
    if not casts:
        return content
    for place, cast in enumerate(casts):
        model.graph.node.insert(place, cast)
    onnx.checker.check_model(model, full_check=True)
    changed: bytes = model.SerializeToString(deterministic=True)
    return changed


def with_plain_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the same model with its weights in fp32 and no Cast before them, as quantizers want it."""
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    stored = {each.name: each for each in plain.graph.initializer}
    for cast in list(_casts_to_fp32(plain.graph)):
        half = stored.get(cast.input[0])
        if half is not None:
            weights = numpy_helper.to_array(half).astype(np.float32)
            plain.graph.node.remove(cast)
            plain.graph.initializer.remove(half)
            plain.graph.initializer.append(numpy_helper.from_array(weights, cast.output[0]))
    return plain


def _casts_to_fp32(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for node in graph.node:
        if node.op_type == "Cast" and any(each.name == "to" and each.i == TensorProto.FLOAT for each in node.attribute):
            yield node


def _exact_half(stored: TensorProto) -> NDArray[np.float16] | None:
    """Return weights in half precision, or None where they are other numbers, or few."""
    if stored.data_type != TensorProto.FLOAT:
        return None
    values = numpy_helper.to_array(stored)
    if values.size < _FEWEST_VALUES:
        return None
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    return half if np.allclose(half.astype(np.float32), values, rtol=_FOLDING_ERROR, atol=0.0) else None
