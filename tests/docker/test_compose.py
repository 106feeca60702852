"""The compose file: what every service of it keeps to."""

import re
import tomllib
from typing import Any

import pytest

from tests.conftest import CLONE
from tests.docker.compose import COMPOSE, PROJECT, SERVERS, SERVICES
from tests.docker.dockerfiles import last, read_dockerfile
from tricorder.settings import Settings

VERSION = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

every_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())
every_server = pytest.mark.parametrize("service", SERVERS.values(), ids=SERVERS.keys())


def test_the_profiles_are_those_that_are_promised() -> None:
    assert {name: service["profiles"] for name, service in SERVICES.items()} == {
        "server-gpu": ["gpu"],
        "server-cpu": ["cpu"],
        "client": ["client"],
    }


@every_service
def test_a_service_can_change_nothing_but_what_it_is_given(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["init"] is True
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices", "env_file"} & service.keys()


@every_service
def test_a_service_is_the_user_of_its_image_and_never_root(service: dict[str, Any]) -> None:
    user = re.sub(r"\$\{CLIENT_USER:-(.+)\}", r"\1", service["user"])
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert last(read_dockerfile(CLONE / service["build"]["dockerfile"]), "USER") == [user]


@every_service
def test_an_image_is_named_after_the_version_of_the_project(service: dict[str, Any]) -> None:
    assert service["image"].endswith(f":{VERSION}")


@every_service
def test_the_paths_of_a_build_exist(service: dict[str, Any]) -> None:
    context = (COMPOSE.parent / service["build"]["context"]).resolve()
    assert context == CLONE
    assert (context / service["build"]["dockerfile"]).is_file()


@every_service
def test_a_service_is_bounded_in_memory_and_processes(service: dict[str, Any]) -> None:
    assert {"memory", "pids"} <= service["deploy"]["resources"]["limits"].keys()
    assert all("size=" in mount for mount in service["tmpfs"])


@every_server
def test_a_server_is_watched_started_again_and_given_time_to_stop(service: dict[str, Any]) -> None:
    check = service["healthcheck"]
    assert check["test"][:3] == ["CMD", "python3", "-I"]
    assert {"interval", "timeout", "retries", "start_period"} <= check.keys()
    assert service["restart"] == "unless-stopped"
    assert "stop_grace_period" in service


@every_server
def test_the_health_check_is_in_the_image(service: dict[str, Any]) -> None:
    copies = [each for each in read_dockerfile(CLONE / service["build"]["dockerfile"]) if each.name == "COPY"]
    assert any("docker/ready.py" in copy.words for copy in copies)
    assert service["healthcheck"]["test"][3] == "/opt/tricorder/docker/ready.py"


@every_server
def test_ports_are_published_on_the_loopback_address_only(service: dict[str, Any]) -> None:
    exposed = last(read_dockerfile(CLONE / service["build"]["dockerfile"]), "EXPOSE")
    assert service["ports"] == [f"127.0.0.1:{port}:{port}" for port in exposed]


def test_only_servers_listen_and_only_the_client_ends() -> None:
    assert SERVICES.keys() - SERVERS.keys() == {"client"}
    assert not {"ports", "restart", "healthcheck"} & SERVICES["client"].keys()


def test_the_client_reads_one_folder_and_writes_another() -> None:
    studies, results = SERVICES["client"]["volumes"]
    assert (studies["target"], studies["read_only"]) == ("/studies", True)
    assert (results["target"], results.get("read_only", False)) == ("/results", False)
    assert not studies["bind"]["create_host_path"]
    assert not results["bind"]["create_host_path"]
    assert SERVICES["client"]["command"] == ["score", studies["target"], "--out", results["target"]]


def test_the_client_waits_for_either_server_and_asks_it_by_the_name_they_share() -> None:
    client = SERVICES["client"]
    assert client["depends_on"].keys() == SERVERS.keys()
    assert all(wait == {"condition": "service_healthy", "required": False} for wait in client["depends_on"].values())
    name, _, port = client["environment"]["TRICORDER_SERVER"].partition(":")
    for service in SERVERS.values():
        assert name in service["networks"]["inside"]["aliases"]
        assert any(each.endswith(f":{port}") for each in service["ports"])
    assert {
        setting.removeprefix("TRICORDER_").lower() for setting in client["environment"]
    } <= Settings.model_fields.keys()


def test_the_client_has_no_way_out() -> None:
    assert [PROJECT["networks"][name] for name in SERVICES["client"]["networks"]] == [{"internal": True}]


def test_the_run_folder_of_the_embedded_server_takes_programs() -> None:
    run_folder = next(mount for mount in SERVICES["server-cpu"]["tmpfs"] if mount.startswith("/opt/tricorder/build:"))
    assert "exec" in run_folder.partition(":")[2].split(",")


@pytest.mark.parametrize("document", ["README.md", "docker/README.md"])
def test_a_document_names_profiles_and_variables_that_there_are(document: str) -> None:
    text = (CLONE / document).read_text(encoding="utf-8")
    profiles = set(re.findall(r"--profile (\w+)", text))
    assert profiles
    assert profiles <= {profile for service in SERVICES.values() for profile in service["profiles"]}
    variables = set(re.findall(r"\b([A-Z_]+)=\"", text))
    assert variables <= set(re.findall(r"\$\{([A-Z_]+):-", COMPOSE.read_text(encoding="utf-8")))
