"""The processes in which Triton's Python backend runs models."""

import psutil


def end_stubs(region_prefix: str) -> None:
    """Kill the stubs of one server: a busy one does not notice that its Triton is gone.

    Args:
        region_prefix: How the names of the server's shared memory regions begin; a stub has them on its command line.
    """
    for process in psutil.process_iter(["cmdline"]):
        arguments = process.info["cmdline"] or []
        if any(argument.startswith(region_prefix) for argument in arguments):
            process.kill()
