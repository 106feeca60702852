"""The precision is one that Lightning knows, and bfloat16 only where the processor computes with it."""

from pathlib import Path

import pytest
import torch

from training.hardware import fastest_precision

PROCESSORS = Path("/proc/cpuinfo")


def test_the_precision_is_one_of_two_and_the_same_whenever_asked() -> None:
    assert fastest_precision() in ("bf16-mixed", "32-true")
    assert fastest_precision() == fastest_precision()


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU decides here")
@pytest.mark.skipif(not PROCESSORS.exists(), reason="the kernel does not list the processor's instructions")
def test_a_processor_computes_in_bfloat16_exactly_where_the_kernel_lists_its_instructions() -> None:
    assert (fastest_precision() == "bf16-mixed") == ("avx512_bf16" in PROCESSORS.read_text(encoding="utf-8").split())
