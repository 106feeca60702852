"""Says what PyTorch sees of this machine, as a JSON list of TorchMachine of `specs/compiled_package.py`.

It is run as a script by the Python that has PyTorch, in a process of its own: `python -I machine.py`. The first is the
CPU; of GPUs each kind is there once.
"""

import json
import sys

import torch


def list_machines() -> list[dict[str, str]]:
    """Return what a package could be made for here."""
    kinds = {torch.cuda.get_device_capability(index) for index in range(torch.cuda.device_count())}
    found = [("cpu", torch.backends.cpu.get_cpu_capability())]
    found += [("cuda", f"{major}.{minor}") for major, minor in sorted(kinds)]
    return [{"torch": torch.__version__, "device": device, "capability": each} for device, each in found]


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(list_machines())}\n")
