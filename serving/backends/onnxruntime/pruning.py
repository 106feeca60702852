"""Cuts an ONNX graph down to what some of its outputs need.

ONNX Runtime computes the whole graph whichever outputs are fetched; its option `only_execute_path_to_fetches`
works in training builds only (github.com/microsoft/onnxruntime/issues/16013; seen with 1.31.1).
"""

import copy
from collections.abc import Collection, Iterator, MutableSequence
from typing import Any

import onnx


def prune_to_outputs(model: onnx.ModelProto, names: Collection[str]) -> bool:
    """Remove from a model, in place, the outputs that are not named and all nodes that only they need.

    Args:
        model: Its nodes in topological order, as ONNX demands.
        names: Outputs to keep.

    Returns:
        Whether a node was removed; where none was, the model is left as it is.
    """
    graph = model.graph
    needed = set(names)
    kept = []
    for node in reversed(graph.node):
        if needed.intersection(filter(None, node.output)):
            kept.append(node)
            needed.update(_list_names_read(node))
    if len(kept) == len(graph.node):
        return False
    nodes = [copy.deepcopy(node) for node in reversed(kept)]
    del graph.node[:]
    graph.node.extend(nodes)
    _keep_named(graph.output, names)
    _keep_named(graph.initializer, needed)
    return True


def _keep_named(tensors: MutableSequence[Any], names: Collection[str]) -> None:
    for position in reversed(range(len(tensors))):
        if tensors[position].name not in names:
            del tensors[position]


def _list_names_read(node: onnx.NodeProto) -> Iterator[str]:
    """Tensors that a node reads, also from inside the branches and bodies of control flow."""
    yield from node.input
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            yield from (output.name for output in graph.output)
            for inner in graph.node:
                yield from _list_names_read(inner)
