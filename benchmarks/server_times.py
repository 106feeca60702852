"""Where a server's time went, by Triton's statistics extension: the difference of two readings.

Source: https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_statistics.md
"""

from collections.abc import Mapping, Sequence

from pydantic import Field
from tritonclient.grpc import service_pb2

from client.channel import Channel
from specs.declared import Declared

Statistics = Mapping[str, service_pb2.ModelStatistics]
"""Of each model by name, of the one version that runs."""


class ServerTimes(Declared):
    """Means of a request to one model; the parts of an ensemble have their own."""

    model: str
    requests: int
    mean_batch: float = Field(
        description="Requests that one run of the model answered; 0 of an ensemble, which has none."
    )
    whole_ms: float = Field(description="From the moment the server has the request until it has the answer.")
    queue_ms: float
    input_ms: float = Field(description="Gathering the inputs for the backend.")
    compute_ms: float = Field(description="Within the backend, with the way to its process and back.")
    output_ms: float = Field(description="Handing the outputs over.")


class ServerStatistics:
    """Reads the statistics of a server."""

    def __init__(self, address: str) -> None:
        """Open a channel.

        Args:
            address: gRPC endpoint, HOST:PORT.
        """
        self._client = Channel(address)

    def version(self) -> str:
        """Return Triton's version."""
        return str(self._client.get_server_metadata().version)

    def read(self, models: Sequence[str]) -> Statistics:
        """Return the counts of these models since the server's start."""
        return {name: self._client.get_inference_statistics(name).model_stats[0] for name in models}


def times_between(before: Statistics, after: Statistics) -> tuple[ServerTimes, ...]:
    """Return the mean times of the requests that were answered between two readings; of each model that had any."""
    return tuple(
        _times(name, before[name], after[name])
        for name in after
        if after[name].inference_stats.success.count > before[name].inference_stats.success.count
    )


def _times(model: str, before: service_pb2.ModelStatistics, after: service_pb2.ModelStatistics) -> ServerTimes:
    requests = after.inference_stats.success.count - before.inference_stats.success.count
    runs = after.execution_count - before.execution_count

    def mean_ms(part: str) -> float:
        ns = getattr(after.inference_stats, part).ns - getattr(before.inference_stats, part).ns
        return 1e-6 * int(ns) / int(requests)

    return ServerTimes(
        model=model,
        requests=requests,
        mean_batch=requests / runs if runs else 0.0,
        whole_ms=mean_ms("success"),
        queue_ms=mean_ms("queue"),
        input_ms=mean_ms("compute_input"),
        compute_ms=mean_ms("compute_infer"),
        output_ms=mean_ms("compute_output"),
    )
