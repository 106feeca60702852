"""Choosing ports."""

import socket

import pytest

from serving.errors import AddressUnusable, PortTaken
from serving.ports import choose_ports
from serving.settings import Ports


def test_picked_ports_are_all_different() -> None:
    ports = choose_ports("127.0.0.1", Ports())
    assert len({ports.grpc, ports.http, ports.metrics, 0}) == 4


def test_a_free_port_is_kept() -> None:
    wanted = choose_ports("127.0.0.1", Ports()).http
    assert choose_ports("127.0.0.1", Ports(http=wanted)).http == wanted


def test_a_port_that_listens_on_every_address_is_taken() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} for metrics"):
            choose_ports("127.0.0.1", Ports(metrics=port))


def test_one_port_for_two_endpoints_is_taken() -> None:
    port = choose_ports("127.0.0.1", Ports()).grpc
    with pytest.raises(PortTaken):
        choose_ports("127.0.0.1", Ports(grpc=port, http=port))


def test_a_host_that_is_not_here_is_named() -> None:
    with pytest.raises(AddressUnusable, match=r"The host 192\.0\.2\.1 is no address"):
        choose_ports("192.0.2.1", Ports())  # RFC 5737: an address for documentation, that no machine has
