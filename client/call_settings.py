"""Where a Triton server is, and how long and how often to ask it."""

from dataclasses import dataclass

from specs.deployment import Priority

SMALLEST_SHARED_BYTES = 200_000
"""Below this a request goes over the wire: the least size at which shared memory was shown to cost less.

Processor time of client and server of a request in shared memory over that of one inline, by `benchmarks/wire.py` on
two cores with much else to do (load 13 to 16): 102 kB 0.92 (quartiles of 16 pairs 0.76 to 1.11), 205 kB 0.85 (0.79 to
0.98); of 3 pairs, 410 kB 0.74, 819 kB 0.71, 1.6 MB 0.62. Latency: 0.84 to 0.98. Outputs, at most some kB, stay on the
wire.
"""


@dataclass(frozen=True, kw_only=True)
class CallSettings:
    """Deployment settings of the gRPC boundary.

    Attributes:
        address: gRPC endpoint, HOST:PORT.
        deadline_s: How long one attempt may take.
        patience_s: How long an inference that fails for a passing reason is tried again, with a random pause that
            grows between attempts; questions about models are asked for a second at most.
        shared_memory: Whether large inputs are handed over in shared memory where the address is on this machine.
        smallest_shared_bytes: Least size of a request's inputs that are handed over so.
        priority: In which of the server's queues inferences wait.
    """

    address: str = "127.0.0.1:8001"
    deadline_s: float = 30.0
    patience_s: float = 10.0
    shared_memory: bool = True
    smallest_shared_bytes: int = SMALLEST_SHARED_BYTES
    priority: Priority = Priority.ORDINARY
