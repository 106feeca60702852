"""A gRPC channel to Triton."""

import tritonclient.grpc as tritongrpc

_LARGEST_MESSAGE_BYTES = 2**31 - 1
_CHANNEL_ARGUMENTS = [
    ("grpc.max_send_message_length", _LARGEST_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES),
    ("grpc.enable_http_proxy", 0),  # a proxy of the environment would take even loopback addresses
]


class Channel(tritongrpc.InferenceServerClient):  # type: ignore[misc]  # tritonclient is not typed
    """A channel to a server."""

    def __init__(self, address: str) -> None:
        """Open a channel.

        Args:
            address: gRPC endpoint, HOST:PORT.
        """
        super().__init__(url=address, channel_args=_CHANNEL_ARGUMENTS)

    def __del__(self) -> None:
        """Close the channel, if it was opened: tritonclient 2.73 complains of one that was interrupted meanwhile."""
        if hasattr(self, "_stream"):  # set last
            super().__del__()
