"""Says what PyTorch sees of this machine, as a JSON list of TorchMachine of `specs/compiled_package.py`.

It is run as a script by the Python that has PyTorch, in a process of its own: `python -I machine.py`. The first is the
CPU; of GPUs each kind is there once.
"""

import json
import sys

import torch

BEYOND_CAPABILITY = ("avx512_bf16", "avx512_vnni", "amx_tile", "amx_fp16")
"""What AOTInductor compiles for where it is there, though PyTorch's own capability does not tell of it."""


def describe_cpu() -> str:
    """Name the widest instructions that PyTorch itself uses, and those beyond, as "AVX512 avx512_vnni"."""
    found = torch.cpu.get_capabilities()
    return " ".join([torch.backends.cpu.get_cpu_capability(), *(each for each in BEYOND_CAPABILITY if found.get(each))])


def list_machines() -> list[dict[str, str]]:
    """Return what a package could be made for here."""
    kinds = {torch.cuda.get_device_capability(index) for index in range(torch.cuda.device_count())}
    found = [("cpu", describe_cpu())]
    found += [("cuda", f"{major}.{minor}") for major, minor in sorted(kinds)]
    return [{"torch": torch.__version__, "device": device, "capability": each} for device, each in found]


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(list_machines())}\n")
