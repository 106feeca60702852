"""Worker processes that prepare images, and end with the run that started them."""

import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process

import cv2


def worker_pool() -> ProcessPoolExecutor:
    """Make a pool with a process for each processor; all end when this process is killed."""
    return ProcessPoolExecutor(mp_context=get_context("forkserver"), initializer=_begin_worker)


def _begin_worker() -> None:
    cv2.setNumThreads(1)  # OpenCV's own threads would contend for the cores that the workers fill
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when the run is killed: it would wait for work forever (Python 3.11)."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
