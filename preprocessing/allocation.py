"""How the C library's allocator treats memory that was freed."""

import ctypes
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
"""Parameters of glibc's mallopt(3)."""

KEPT_BYTES = 256 * 2**20
"""Freed memory at the end of the heap beyond this goes back to the system; our choice."""

_LARGEST_IN_HEAP_BYTES = 32 * 2**20
"""Larger blocks are always mapped and given back one by one: the most that mallopt takes, on 64 bits."""


def keep_freed_memory() -> bool:
    """Let this process use the memory of one image for the next, instead of giving it back and asking for it again.

    A new page has to be mapped and filled with zeros: for a raw radiograph on a virtual machine that took longer than
    all else that is done with it.

    Returns:
        Whether the C library can: glibc does.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _LARGEST_IN_HEAP_BYTES) and mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES))
