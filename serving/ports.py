"""Finds TCP ports for Triton's three endpoints before Triton is started on them."""

import errno
import socket
from contextlib import ExitStack
from dataclasses import asdict

from serving.errors import AddressUnusable, PortForbidden, PortTaken
from serving.settings import Ports


def choose_ports(host: str, wanted: Ports) -> Ports:
    """Check the ports that were asked for, and pick free ones for the rest.

    Args:
        host: Address to listen on.
        wanted: 0 for any free one.

    Returns:
        Ports that were all free a moment ago, and all different.

    Raises:
        PortTaken: Another program listens on one of them.
        PortForbidden: This user may not listen on one of them.
        AddressUnusable: The host is no address of this machine.
    """
    chosen: dict[str, int] = {}
    with ExitStack() as stack:
        # Fixed ones first: a picked port must not take one away.
        for endpoint, port in sorted(asdict(wanted).items(), key=lambda item: item[1] == 0):
            bound = stack.enter_context(_listen(host, port, endpoint=endpoint))
            chosen[endpoint] = int(bound.getsockname()[1])
    return Ports(**chosen)


def _listen(host: str, port: int, *, endpoint: str) -> socket.socket:
    bound = socket.socket()
    # As Triton does: a port whose last connection lingers counts as free, one that is listened on does not.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen()
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(endpoint=endpoint, port=port) from None
        if error.errno in (errno.EACCES, errno.EPERM):
            raise PortForbidden(endpoint=endpoint, port=port) from None
        raise AddressUnusable(host=host) from None
    return bound
