"""How many processors there are to work on."""

import os


def available_processors() -> int:
    """Return the processors that this process may use, at least 1: a container may have fewer than the machine."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
