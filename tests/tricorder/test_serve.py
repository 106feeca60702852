"""`tricorder serve` as far as it ends by itself; tests/docker/ starts it for good."""

from tests.tricorder.conftest import Tricorder


def test_an_address_of_another_machine_is_refused(tricorder: Tricorder) -> None:
    # 192.0.2.1 is nobody's address (RFC 5737).
    done = tricorder("serve", "--host", "192.0.2.1", "--grpc-port", 0, "--http-port", 0, "--metrics-port", 0)
    assert done.returncode == 5
    assert "The host 192.0.2.1 is no address" in done.stderr


def test_without_a_host_only_this_machine_is_answered(tricorder: Tricorder) -> None:
    done = tricorder("serve", "--help")
    assert "[default: 127.0.0.1]" in done.stdout
