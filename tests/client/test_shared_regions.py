"""Regions of shared memory: whose they are, how they are lent, and which addresses are worth a try."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import tritonclient.grpc as tritongrpc

from client.call_settings import SMALLEST_SHARED_BYTES, CallSettings
from client.engine import TensorValue
from client.shared_memory import SharedInputs, is_local
from client.shared_region import Owner
from client.triton import ServerRegions
from serving import EmbeddedTriton
from tests.client.conftest import registered, shared_files

MEMORY = Path("/dev/shm")


@pytest.fixture
def regions(triton: EmbeddedTriton) -> Iterator[SharedInputs]:
    with closing(ServerRegions(CallSettings(address=triton.grpc_address))) as registry:
        shared = SharedInputs(registry, smallest_bytes=SMALLEST_SHARED_BYTES)
        with closing(shared):
            yield shared


def tensor(size_bytes: int) -> dict[str, TensorValue]:
    return {"pixels": np.zeros(size_bytes, dtype=np.uint8)}


def test_a_region_is_readable_by_its_user_alone_and_has_all_of_its_space() -> None:
    with closing(Owner()) as owner:
        region = owner.region(at_least_bytes=3 << 20)
        status = (MEMORY / region.name).stat()
        region.hide()
        region.close()
    assert status.st_mode & 0o777 == 0o600
    assert status.st_blocks * 512 >= 4 << 20
    assert region.name not in shared_files()


def test_a_region_serves_one_request_at_a_time_and_after_a_failure_none(
    regions: SharedInputs, channel: tritongrpc.InferenceServerClient
) -> None:
    inputs = tensor(1 << 20)
    first, second = regions.lend(inputs), regions.lend(inputs)
    assert first
    assert second
    assert first.name != second.name
    regions.take_back(first)
    assert regions.lend(inputs) is first
    regions.give_up(first)
    third = regions.lend(inputs)
    assert third
    assert third.name not in {first.name, second.name}
    regions.take_back(third)
    larger = regions.lend(tensor(3 << 20))
    assert larger
    assert larger.size_bytes == 4 << 20
    assert registered(channel) >= {second.name, larger.name}
    assert not registered(channel) & {first.name, third.name}


def test_a_region_that_never_served_shows_that_none_will_and_one_that_did_does_not(regions: SharedInputs) -> None:
    inputs = tensor(1 << 20)
    served = regions.lend(inputs)
    assert served
    regions.take_back(served)
    assert regions.lend(inputs) is served
    regions.give_up(served)
    regions.mistrust(served)
    fresh = regions.lend(inputs)
    assert fresh
    regions.give_up(fresh)
    regions.mistrust(fresh)
    assert not regions.is_on
    assert regions.lend(inputs) is None


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8001", "127.9.9.9:1", "localhost:8001", "[::1]:8001", "unix:/run/triton", "unix-abstract:a"]
)
def test_an_address_of_this_machine_is_local(address: str) -> None:
    assert is_local(address)


@pytest.mark.parametrize("address", ["triton:8001", "10.0.0.1:8001", "[2001:db8::1]:8001", "localhost.example:80", ""])
def test_an_address_elsewhere_is_not_local(address: str) -> None:
    assert not is_local(address)
