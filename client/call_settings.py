"""Where a Triton server is, and how long and how often to ask it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CallSettings:
    """Deployment settings of the gRPC boundary.

    Attributes:
        address: gRPC endpoint, HOST:PORT.
        deadline_s: How long one attempt may take.
        patience_s: How long an inference that fails for a passing reason is tried again, with a random pause that
            grows between attempts; questions about models are asked for a second at most.
        shared_memory: Whether large inputs are handed over in shared memory where the address is on this machine.
    """

    address: str = "127.0.0.1:8001"
    deadline_s: float = 30.0
    patience_s: float = 10.0
    shared_memory: bool = True
