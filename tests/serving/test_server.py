"""A real Triton from start to stop."""

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import onnx
import psutil
import pytest
import tritonclient.grpc as triton

from serving import EmbeddedTriton, Ports, TritonSettings
from serving.errors import (
    ModelNotLoaded,
    PortTaken,
    RepositoryEmpty,
    RepositoryMissing,
    RunFolderUnusable,
    StartTimeout,
)
from serving.supervisor import SHARED_MEMORY

WriteModel = Callable[..., Path]


def list_regions(server: EmbeddedTriton) -> list[Path]:
    assert server.server_id is not None
    return list(SHARED_MEMORY.glob(f"{server.server_id}*"))


def test_the_endpoints_listen_on_the_loopback_address_only(server: EmbeddedTriton) -> None:
    listening = {
        # gRPC listens through a dual-stack socket, in which the address has its IPv6 form.
        (connection.laddr.ip.removeprefix("::ffff:"), connection.laddr.port)
        for connection in psutil.Process(server.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    ports = server.ports
    assert listening == {("127.0.0.1", port) for port in (ports.grpc, ports.http, ports.metrics)}


def test_the_addresses_name_host_and_port(server: EmbeddedTriton) -> None:
    assert server.grpc_address == f"127.0.0.1:{server.ports.grpc}"
    assert server.http_address == f"127.0.0.1:{server.ports.http}"
    assert server.metrics_address == f"127.0.0.1:{server.ports.metrics}"


def test_the_response_cache_is_off(server: EmbeddedTriton) -> None:
    assert server.log_file is not None
    lines = server.log_file.read_text().splitlines()
    assert [line.split()[3] for line in lines if line.startswith("| cache_enabled")] == ["0"]


def test_triton_runs_in_a_session_of_its_own(server: EmbeddedTriton) -> None:
    assert server.pid is not None
    parent = psutil.Process(server.pid).parent()
    assert parent is not None
    assert parent.parent() == psutil.Process()
    assert os.getsid(server.pid) == parent.pid != os.getsid(0)


def test_a_stop_leaves_no_process_and_no_shared_memory(repository: Path, tmp_path: Path) -> None:
    stages: list[str] = []
    settings = TritonSettings(repository=repository, run_folder=tmp_path)
    others = set(psutil.Process().children(recursive=True))
    with EmbeddedTriton(settings, progress=stages.append) as server:
        family = set(psutil.Process().children(recursive=True)) - others
        assert len(family) == 2 + 4  # supervisor, Triton, a stub for each of four models; an ensemble has none
        assert list_regions(server)
    assert not list_regions(server)
    assert not any(process.is_running() for process in family)
    assert server.pid is None
    assert stages[0] == "starting Triton"
    assert "loaded 5 of 5 models" in stages
    assert stages[-1].startswith("ready after")


def test_an_exception_in_the_context_stops_the_server(repository: Path, tmp_path: Path) -> None:
    server = EmbeddedTriton(TritonSettings(repository=repository, run_folder=tmp_path))
    pids = []

    def interrupt() -> None:
        with server:
            pids.append(server.pid)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert [psutil.pid_exists(pid) for pid in pids if pid] == [False]


def test_the_repository_is_only_read(repository: Path, server: EmbeddedTriton) -> None:
    assert server.is_alive
    names = {path.name for path in repository.rglob("*")}
    assert names == {"double", "again", "chain", "pick", "single", "1", "config.pbtxt", "model.onnx"}


def test_servers_side_by_side_share_a_run_folder(repository: Path, tmp_path: Path, server: EmbeddedTriton) -> None:
    settings = TritonSettings(repository=repository, run_folder=tmp_path)
    with EmbeddedTriton(settings) as one, EmbeddedTriton(settings) as other:
        assert one.log_file != other.log_file
        assert len({one.grpc_address, other.grpc_address, server.grpc_address}) == 3
        for address in (one.grpc_address, other.grpc_address, server.grpc_address):
            with triton.InferenceServerClient(address) as client:
                assert client.is_server_ready()
    assert server.is_alive


@pytest.mark.parametrize("endpoint", ["grpc", "http", "metrics"])
def test_a_taken_port_is_named(repository: Path, tmp_path: Path, endpoint: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        settings = TritonSettings(repository=repository, run_folder=tmp_path, ports=Ports(**{endpoint: port}))
        with pytest.raises(PortTaken, match=f"Port {port} for {endpoint} is taken"):
            EmbeddedTriton(settings).start()


def test_a_run_folder_that_cannot_be_made_is_said_so(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderUnusable, match=r"cannot be written \(Not a directory\)"):
        EmbeddedTriton(TritonSettings(repository=repository, run_folder=tmp_path / "file")).start()


def test_a_missing_and_an_empty_repository_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(RepositoryMissing):
        EmbeddedTriton(TritonSettings(repository=tmp_path / "none", run_folder=tmp_path / "run")).start()
    with pytest.raises(RepositoryEmpty):
        EmbeddedTriton(TritonSettings(repository=tmp_path, run_folder=tmp_path / "run")).start()


def test_a_start_that_takes_too_long_is_given_up(repository: Path, tmp_path: Path) -> None:
    settings = TritonSettings(repository=repository, run_folder=tmp_path, start_timeout_s=0.05)
    server = EmbeddedTriton(settings)
    with pytest.raises(StartTimeout, match=r"not ready after 0\.05 s \(\d of 5 models loaded\)"):
        server.start()
    assert not server.is_alive
    assert not list_regions(server)


def write_junk(entry: Path) -> None:
    (entry / "1" / "model.onnx").write_text("junk")


def delete_graph(entry: Path) -> None:
    (entry / "1" / "model.onnx").unlink()


def delete_version(entry: Path) -> None:
    delete_graph(entry)
    (entry / "1").rmdir()


def delete_config(entry: Path) -> None:
    (entry / "config.pbtxt").unlink()


def replace_in_config(old: str, new: str) -> Callable[[Path], None]:
    def replace(entry: Path) -> None:
        config = entry / "config.pbtxt"
        config.write_text(config.read_text().replace(old, new))

    return replace


def name_other_weights(entry: Path) -> None:
    contract = json.dumps({"weights": {"model_sha256": "0" * 64}}).replace('"', '\\"')
    with (entry / "config.pbtxt").open("a") as config:
        config.write(f'parameters {{ key: "contract.1" value {{ string_value: "{contract}" }} }}\n')


@pytest.mark.parametrize(
    ("break_entry", "reason"),
    [
        (name_other_weights, "its ONNX file is not the one that its configuration names"),
        (write_junk, "Protobuf parsing failed"),
        (delete_graph, "File doesn't exist"),
        (delete_version, "at least one version must be available"),
        (delete_config, "failed to open text file for read models/broken/config.pbtxt"),
        (replace_in_config("max_batch_size", "max_batch"), 'no field named "max_batch"'),
        (
            replace_in_config('"onnxruntime"', '"nosuch"'),
            "unable to find backend library for backend 'nosuch'",
        ),
        (replace_in_config('name: "x"', 'name: "w"'), "config.pbtxt names the tensor w, the ONNX file has x"),
        (
            replace_in_config("FP32 dims: [1]", "FP64 dims: [1]"),
            "the tensor z is tensor.double. in config.pbtxt",
        ),
    ],
    ids=[
        "other weights",
        "junk",
        "no graph",
        "no version",
        "no config",
        "bad config",
        "bad backend",
        "bad name",
        "bad type",
    ],
)
def test_a_model_that_does_not_load_is_named_with_its_reason(
    tmp_path: Path,
    write_model: WriteModel,
    double_config: str,
    double_model: onnx.ModelProto,
    break_entry: Callable[[Path], None],
    reason: str,
) -> None:
    write_model(tmp_path / "models", "sound", config=double_config, model=double_model)
    break_entry(write_model(tmp_path / "models", "broken", config=double_config, model=double_model))
    server = EmbeddedTriton(TritonSettings(repository=tmp_path / "models", run_folder=tmp_path / "run"))
    with pytest.raises(ModelNotLoaded, match=f"The model broken does not load: .*{reason}") as caught:
        server.start()
    assert str(tmp_path) not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not server.is_alive
    assert not list_regions(server)


def test_a_member_that_does_not_load_is_named_before_its_ensemble(
    tmp_path: Path,
    write_model: WriteModel,
    chain_config: str,
    double_config: str,
    double_model: onnx.ModelProto,
) -> None:
    write_model(tmp_path / "models", "chain", config=chain_config, model=None)
    write_model(tmp_path / "models", "double", config=double_config, model=double_model)
    write_junk(write_model(tmp_path / "models", "again", config=double_config, model=double_model))
    settings = TritonSettings(repository=tmp_path / "models", run_folder=tmp_path / "run")
    with pytest.raises(ModelNotLoaded, match=r"The model again does not load: .*Not loaded either: chain\."):
        EmbeddedTriton(settings).start()
