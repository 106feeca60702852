"""All of a soft-voting ensemble in one ONNX graph: its members, its vote and its map, on one input."""

from collections.abc import Mapping, Sequence

import onnx
from onnx import ModelProto, compose

from specs.ensemble import CombiningGraph, EnsembleSpec
from specs.tensors import Tensor


def fused_vote(spec: EnsembleSpec, graphs: Mapping[str, bytes]) -> bytes:
    """Merge the graphs that an ensemble runs into one that takes its input and gives all of its outputs.

    The map is in it too, which an engine then computes unasked: `tricorder bench vote` measures it so.

    Args:
        spec: The ensemble.
        graphs: The ONNX file of each of its entries, by the entry's name.

    Returns:
        A checked ONNX file without external data. Its tensors are those of the ensemble, batch axis first and free.

    Raises:
        KeyError: an entry has no file.
        ValueError: the files are of different opsets or versions of the format.
    """
    loaded = {step.model: onnx.load_from_string(graphs[step.model]) for step in spec.steps}
    first, *others = (_with_votes_named(loaded[member.model], member.model) for member in spec.members)
    merged = first
    for other in others:
        merged = compose.merge_models(merged, other, io_map=[])
    for graph in spec.combining_graphs:
        merged = _with_combined(merged, loaded[graph.name], graph)
    _share_input(merged, loaded[spec.members[0].model], spec.recipe.input)
    _keep_outputs(merged, spec.outputs)
    merged.graph.name, merged.graph.doc_string = spec.name, ""
    del merged.opset_import[1:]  # merging lists that of every graph, and they are equal
    onnx.checker.check_model(merged, full_check=True)
    content: bytes = merged.SerializeToString(deterministic=True)
    return content


def _with_votes_named(model: ModelProto, member: str) -> ModelProto:
    """Return a member whose tensors all begin with its name: so the ensemble calls its votes and its map."""
    return compose.add_prefix(model, prefix=f"{member}_")


def _with_combined(members: ModelProto, model: ModelProto, graph: CombiningGraph) -> ModelProto:
    """Connect a graph that combines to what it combines."""
    inner = compose.add_prefix(model, prefix=f"{graph.name}_", rename_inputs=False, rename_outputs=False)
    return compose.merge_models(members, inner, io_map=[(tensor.name, tensor.name) for tensor in graph.inputs])


def _share_input(merged: ModelProto, member: ModelProto, shared: Tensor) -> None:
    """Let all members read one input."""
    own = {value.name for value in merged.graph.input}
    for node in merged.graph.node:
        node.input[:] = [shared.name if name in own else name for name in node.input]
    del merged.graph.input[:]
    merged.graph.input.extend(value for value in member.graph.input if value.name == shared.name)


def _keep_outputs(merged: ModelProto, outputs: Sequence[Tensor]) -> None:
    """Leave the declared outputs, in their order."""
    values = {value.name: value for value in merged.graph.output}
    kept = [values[tensor.name] for tensor in outputs]
    del merged.graph.output[:]
    merged.graph.output.extend(kept)
