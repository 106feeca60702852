"""The health check of the server containers: ends with 0 where Triton says that every model is ready.

It runs on the Python of NVIDIA's image too, so the standard library of 3.10 has to do.
"""

import sys
from http.client import HTTPConnection, HTTPException

_PORT = 8000
_TIMEOUT_S = 5.0


def is_ready(port: int) -> bool:
    """Ask the Triton whose HTTP endpoint is on a port of this machine."""
    # Not urllib: it would go through a proxy that the environment names.
    connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/v2/health/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_ready(int(sys.argv[1]) if len(sys.argv) > 1 else _PORT) else 1)
