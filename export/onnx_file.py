"""From a network to the bytes of an ONNX file."""

import inspect
import io
import logging
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout

import onnx
import torch
from torch import nn

from specs.entry import ONNX_IR_VERSION, ONNX_OPSET
from specs.tensors import Tensor

_EXAMPLE_BATCH = 2
"""Any batch above 1: the exporter specializes on 0 and 1."""


def onnx_bytes(network: nn.Module, *, inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> bytes:
    """Export a network with named inputs and outputs and a free batch axis.

    Args:
        network: In evaluation mode; takes the inputs, returns the outputs, each in order.
        inputs: Names, types and shapes of what it takes.
        outputs: The same of what it returns.

    Returns:
        A checked ONNX file without external data, outputs named and shaped as declared.
    """
    examples = tuple(
        torch.zeros((_EXAMPLE_BATCH, *tensor.shape), dtype=getattr(torch, tensor.element_type)) for tensor in inputs
    )
    batch = torch.export.Dim("batch", min=1, max=1024)
    free = tuple({0: batch} for _ in examples)
    network = network.to(memory_format=torch.contiguous_format)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own deprecated internals
        program = torch.onnx.export(
            network,
            examples,
            input_names=[tensor.name for tensor in inputs],
            output_names=[tensor.name for tensor in outputs],
            opset_version=ONNX_OPSET,
            dynamic_shapes=(free,) if _takes_any_number(network) else free,
            dynamo=True,
        )
    assert program is not None  # for the type checker: None comes back only with dynamo=False
    model = program.model_proto
    model.ir_version = ONNX_IR_VERSION
    _strip_traces(model)
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _takes_any_number(network: nn.Module) -> bool:
    """Tell whether a network takes its inputs as `*args`, which the exporter counts as one argument."""
    parameters = inspect.signature(network.forward).parameters.values()
    return any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in parameters)


def _strip_traces(model: onnx.ModelProto) -> None:
    """Remove the exporter's notes, which hold paths of this machine."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
        value.doc_string = ""
    del model.graph.metadata_props[:]
    del model.metadata_props[:]
    model.graph.doc_string = ""
