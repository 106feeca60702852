"""Tiny models made at run time, and one real Triton that serves them for the whole session."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
import tritonclient.grpc as triton
from onnx import TensorProto, helper

from serving import EmbeddedTriton, TritonSettings

WriteModel = Callable[..., Path]
Ask = Callable[..., dict[str, np.ndarray]]

DOUBLE_CONFIG = """
backend: "onnxruntime"
max_batch_size: 8
input [{ name: "x" data_type: TYPE_FP32 dims: [4] }]
output [{ name: "y" data_type: TYPE_FP32 dims: [4] }, { name: "z" data_type: TYPE_FP32 dims: [1] }]
instance_group [{ count: 1 }]
dynamic_batching { max_queue_delay_microseconds: 2000 }
"""
PICK_CONFIG = """
backend: "onnxruntime"
max_batch_size: 8
input [{ name: "index" data_type: TYPE_INT64 dims: [1] }]
output [{ name: "picked" data_type: TYPE_FP32 dims: [1] }]
instance_group [{ count: 1 }]
dynamic_batching { max_queue_delay_microseconds: 50000 }
"""
CHAIN_CONFIG = """
platform: "ensemble"
max_batch_size: 8
input [{ name: "x" data_type: TYPE_FP32 dims: [4] }]
output [{ name: "quadruple" data_type: TYPE_FP32 dims: [4] }]
ensemble_scheduling { step [
  {
    model_name: "double" model_version: -1
    input_map { key: "x" value: "x" } output_map { key: "y" value: "twice" }
  },
  {
    model_name: "again" model_version: -1
    input_map { key: "x" value: "twice" } output_map { key: "y" value: "quadruple" }
  }
] }
"""
TABLE = (10.0, 11.0, 12.0, 13.0)


def make_double() -> onnx.ModelProto:
    """Make y = 2 x, of shape (N, 4); the second output z reads column 9 of 4 and fails whenever it is computed."""
    return _make_model(
        [
            helper.make_node("Add", ["x", "x"], ["y"], "adder"),
            helper.make_node("Gather", ["x", "column"], ["z"], "reader", axis=1),
        ],
        inputs=[helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 4])],
        outputs=[
            helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 4]),
            helper.make_tensor_value_info("z", TensorProto.FLOAT, ["N", 1]),
        ],
        constants=[helper.make_tensor("column", TensorProto.INT64, [1], [9])],
    )


def make_pick() -> onnx.ModelProto:
    """Make picked = TABLE[index], of shape (N, 1); a batch with an index beyond the table fails."""
    return _make_model(
        [helper.make_node("Gather", ["table", "index"], ["picked"], "picker", axis=0)],
        inputs=[helper.make_tensor_value_info("index", TensorProto.INT64, ["N", 1])],
        outputs=[helper.make_tensor_value_info("picked", TensorProto.FLOAT, ["N", 1])],
        constants=[helper.make_tensor("table", TensorProto.FLOAT, [len(TABLE)], TABLE)],
    )


def _make_model(
    nodes: list[onnx.NodeProto],
    *,
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    constants: list[onnx.TensorProto],
) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture(scope="session")
def write_model() -> WriteModel:
    """Writes one repository entry: `write_model(repository, name, config=..., model=...)`."""

    def write(repository: Path, name: str, *, config: str, model: onnx.ModelProto | None) -> Path:
        (repository / name / "1").mkdir(parents=True)
        (repository / name / "config.pbtxt").write_text(f'name: "{name}"{config}')
        if model is not None:
            onnx.save(model, repository / name / "1" / "model.onnx")
        return repository / name

    return write


@pytest.fixture(scope="session")
def double_model() -> onnx.ModelProto:
    """See `make_double`."""
    return make_double()


@pytest.fixture(scope="session")
def double_config() -> str:
    """Configuration of `make_double`."""
    return DOUBLE_CONFIG


@pytest.fixture(scope="session")
def chain_config() -> str:
    """Configuration of an ensemble of the models `double` and `again`."""
    return CHAIN_CONFIG


@pytest.fixture(scope="session")
def table() -> tuple[float, ...]:
    """What the model `pick` picks from."""
    return TABLE


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory, write_model: WriteModel) -> Path:
    """A repository of five models; a space in its name must not matter anywhere."""
    folder = tmp_path_factory.mktemp("with space") / "model repository"
    write_model(folder, "double", config=DOUBLE_CONFIG, model=make_double())
    write_model(folder, "again", config=DOUBLE_CONFIG, model=make_double())
    write_model(folder, "chain", config=CHAIN_CONFIG, model=None)
    write_model(folder, "pick", config=PICK_CONFIG, model=make_pick())
    single = DOUBLE_CONFIG.replace("max_batch_size: 8", "max_batch_size: 0").replace("dims: [4]", "dims: [-1, 4]")
    single = single.replace("dims: [1]", "dims: [-1, 1]").replace("dynamic_batching", "#")
    threads = 'parameters { key: "intra_op_thread_count" value { string_value: "1" } }'
    write_model(folder, "single", config=f"{single}\n{threads}", model=make_double())
    return folder


@pytest.fixture(scope="session")
def server(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTriton]:
    """A real Triton with the tiny models."""
    run_folder = tmp_path_factory.mktemp("run folder")
    with EmbeddedTriton(TritonSettings(repository=repository, run_folder=run_folder)) as embedded:
        yield embedded


@pytest.fixture(scope="session")
def channel(server: EmbeddedTriton) -> Iterator[triton.InferenceServerClient]:
    """NVIDIA's own gRPC client, as an independent oracle."""
    with triton.InferenceServerClient(server.grpc_address) as client:
        yield client


@pytest.fixture(scope="session")
def ask(channel: triton.InferenceServerClient) -> Ask:
    """Asks a model: `ask("double", {"x": array}, ["y"])` gives the arrays of the outputs by name."""

    def infer(model: str, inputs: dict[str, np.ndarray], outputs: list[str]) -> dict[str, np.ndarray]:
        tensors = []
        for name, array in inputs.items():
            kind = {"float32": "FP32", "int64": "INT64"}[array.dtype.name]
            tensors.append(triton.InferInput(name, list(array.shape), kind))
            tensors[-1].set_data_from_numpy(array)
        wanted = [triton.InferRequestedOutput(name) for name in outputs]
        answer = channel.infer(model, tensors, outputs=wanted)
        return {name: answer.as_numpy(name) for name in outputs}

    return infer
