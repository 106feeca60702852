"""Inputs handed over in shared memory where client and server are on one machine, else on the wire.

A region belongs to one request at a time. It is used again only once that request has been answered: after a deadline
or any other failure the server may still read it, so it is given up. What goes wrong here costs no request: it goes
over the wire, and where shared memory is of no use all later ones do.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Protocol

from client.engine import TensorValue
from client.errors import ServerError, ServerUnavailable
from client.shared_region import Owner, Region, required_bytes

_NUMBERS = "buif"
"""Kinds of NumPy types that lie in memory as Triton wants them: bool, unsigned, signed, float."""

_FIRST_PAUSE_S = 1.0
_FAREWELL_S = 1.0
_FAREWELL_POLL_S = 0.05


class RegionRegistry(Protocol):
    """What a server knows of regions. Every method raises a ServerError where it does not do what it says."""

    def register(self, name: str, *, size_bytes: int) -> None:
        """Let the server map a region."""
        ...

    def unregister(self, name: str) -> None:
        """Let the server drop a region, known to it or not; refused while a request that uses it is not over."""
        ...

    def names(self) -> Iterable[str]:
        """Return the names of all regions that the server has mapped, of whichever client."""
        ...


class SharedInputs:
    """The regions of one engine; safe to use from several threads."""

    def __init__(self, registry: RegionRegistry, *, smallest_bytes: int | None) -> None:
        """Plan regions; nothing is made before the first request.

        Args:
            registry: The server's.
            smallest_bytes: Least size of a request's inputs that are shared; None where none may be.
        """
        self._registry = registry
        self._is_off = smallest_bytes is None
        self._smallest_bytes = smallest_bytes or 0
        self._owner: Owner | None = None
        self._has_swept = False
        self._pause_s = _FIRST_PAUSE_S
        self._paused_until_s = 0.0
        self._free: list[Region] = []
        self._lent: set[Region] = set()
        self._given_up: list[str] = []
        self._changing = threading.Lock()
        self._making = threading.Lock()  # held through calls of the server; `_changing` is not

    @property
    def is_on(self) -> bool:
        """Whether shared memory may still be used."""
        return not self._is_off

    def lend(self, inputs: Mapping[str, TensorValue]) -> Region | None:
        """Return a region that no other request uses, large enough for the inputs; None where they go on the wire."""
        if self._is_off or not (self._has_swept or self._swept()):
            return None
        needed_bytes = required_bytes(inputs)
        if needed_bytes < self._smallest_bytes or any(value.dtype.kind not in _NUMBERS for value in inputs.values()):
            return None
        return self._free_region(needed_bytes) or self._new_region(needed_bytes)

    def take_back(self, region: Region) -> None:
        """Keep a region for the next request: the one that used it has been answered."""
        region.proven = True
        with self._changing:
            self._lent.discard(region)
            if not self._is_off:
                self._free.append(region)
                return
        self.give_up(region)

    def give_up(self, region: Region) -> None:
        """Use a region no more: its request has failed, and the server may still read it."""
        with self._changing:
            self._lent.discard(region)
            self._given_up.append(region.name)
        region.close()

    def mistrust(self, region: Region) -> None:
        """Draw the conclusion where a request failed with a region, given up since, and not without it.

        One that had served before is lost with a restart of the server. One that never did shows that none will.
        """
        if not region.proven:
            self._is_off = True

    def close(self) -> None:
        """Let the server drop every region. What it still reads after a second is left to the next client."""
        with self._making:
            self._is_off = True
            with self._changing:
                self._given_up += [region.name for region in (*self._free, *self._lent)]
                for region in self._free:
                    region.close()
                self._free.clear()
            until_s = time.monotonic() + _FAREWELL_S
            while not self._dropped(self._given_up) and time.monotonic() < until_s:
                time.sleep(_FAREWELL_POLL_S)
            if self._owner is not None:
                self._owner.close()

    def _free_region(self, needed_bytes: int) -> Region | None:
        """Take the free region that was used last, so that those never needed are never made; one too small is shed."""
        with self._changing:
            for region in reversed(self._free):
                if region.size_bytes >= needed_bytes:
                    self._free.remove(region)
                    self._lent.add(region)
                    return region
            if self._free:
                region = self._free.pop()
                self._given_up.append(region.name)
                region.close()
        return None

    def _new_region(self, needed_bytes: int) -> Region | None:
        with self._making:
            if self._is_off or self._owner is None or time.monotonic() < self._paused_until_s:
                return None
            self._dropped(self._given_up)
            try:
                region = self._owner.region(at_least_bytes=needed_bytes)
            except OSError:
                self._is_off = True
                return None
            with self._changing:
                self._lent.add(region)
            try:
                self._registry.register(region.name, size_bytes=region.size_bytes)
            except ServerError as error:
                self.give_up(region)  # after a deadline it may yet be registered
                self._miss(error)
                return None
            finally:
                region.hide()
            self._pause_s = _FIRST_PAUSE_S
            return region

    def _swept(self) -> bool:
        """Claim an identity and let the server drop what dead clients have left; tell whether that is done."""
        with self._making:
            if self._is_off or self._has_swept or time.monotonic() < self._paused_until_s:
                return self._has_swept
            try:
                owner = self._owner = self._owner or Owner()
                owner.remove_files_left_behind()
                left_behind = [name for name in self._registry.names() if owner.is_left_behind(name)]
                self._dropped(left_behind)
                self._given_up += left_behind  # what the server still reads is asked for again
            except OSError:
                self._is_off = True
            except ServerError as error:
                self._miss(error)
            else:
                self._has_swept = True
            return self._has_swept

    def _dropped(self, names: list[str]) -> bool:
        """Let the server drop what it may, and shorten the list by it; tell whether there is nothing to wait for."""
        for name in tuple(names):
            try:
                self._registry.unregister(name)
            except ServerError as error:
                if error.retryable:
                    return isinstance(error, ServerUnavailable)  # nobody is there who would hold a region
                continue
            names.remove(name)
        return not names

    def _miss(self, error: ServerError) -> None:
        """Stop trying where the server refuses; where it is away, or says so, more and more seldom."""
        if not error.retryable:
            self._is_off = True
        self._paused_until_s = time.monotonic() + self._pause_s
        self._pause_s *= 2


def is_local(address: str) -> bool:
    """Tell whether a gRPC address can only lead to this machine by itself; a forwarded port shows at the first use."""
    if address.startswith(("unix:", "unix-abstract:")):
        return True
    host = address.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
