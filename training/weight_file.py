"""Weights in a file: read without running anything that the file holds, compared name by name and shape by shape."""

import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from training.errors import UnsafeWeights, WeightsMismatch

_NAMES_SHOWN = 5

_UNREADABLE = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OSError,
    RuntimeError,
    SafetensorError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)
"""What safetensors and PyTorch raise on damaged files."""


def read_state(file: Path) -> dict[str, Tensor]:
    """Read a state dict without running anything that the file holds.

    Args:
        file: `.safetensors`, or a state dict as `torch.save` writes it, or TorchScript as `torch.jit.save` does.

    Raises:
        UnsafeWeights: reading it could run what it holds.
        WeightsMismatch: the file is none of these.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TorchScript is deprecated; of another pickle protocol the error says more
            state = _state(file)
    except UnpicklingError:
        what = "it holds more than tensors, as a pickled model does (a fastai Learner's .pkl), or is none of PyTorch's"
        raise UnsafeWeights(what=what) from None
    except _UNREADABLE as error:
        raise WeightsMismatch(what=f"the file cannot be read ({type(error).__name__})") from None
    if not isinstance(state, dict) or not all(map(_is_named_tensor, state.items())):
        raise WeightsMismatch(what="the file holds no state dict")
    return state


def _is_named_tensor(item: tuple[object, object]) -> bool:
    return isinstance(item[0], str) and isinstance(item[1], Tensor)


def _state(file: Path) -> object:
    if file.suffix == ".safetensors":
        return safetensors.torch.load_file(file)
    if _is_torchscript(file):
        return _torchscript_state(file)
    return torch.load(file, map_location="cpu", weights_only=True)


def _is_torchscript(file: Path) -> bool:
    if not zipfile.is_zipfile(file):
        return False
    return "constants.pkl" in torch._C.PyTorchFileReader(str(file)).get_all_records()  # as torch.load tells it


def _torchscript_state(file: Path) -> dict[str, Tensor]:
    """Read the tensors of TorchScript that runs nothing when it is loaded.

    `torch.jit.load` runs a `__setstate__` of the archive, which may write files (tried with PyTorch 2.15), so the code
    is searched first, by the reader that loads it.

    Raises:
        UnsafeWeights: it has one.
        WeightsMismatch: it has no named tensors: `torch.jit.freeze` has made constants of them.
    """
    reader = torch._C.PyTorchFileReader(str(file))
    code = [name for name in reader.get_all_records() if name.startswith("code/")]
    if any(b"__setstate__" in reader.get_record(name) for name in code):
        raise UnsafeWeights(what="its TorchScript has code that runs when it is loaded (__setstate__)")
    module = torch.jit.load(file, map_location="cpu")  # type: ignore[no-untyped-call]
    state: dict[str, Tensor] = dict(module.state_dict())
    if not state:
        raise WeightsMismatch(what="its TorchScript has no named tensors, for it is frozen")
    return state


def require_same(wanted: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    """Compare names, shapes and kinds of number; batch counters, which old files lack, may be absent.

    Raises:
        WeightsMismatch: names the first differences of each kind.
    """
    shared = {name: (tensor, found[name]) for name, tensor in wanted.items() if name in found}
    differences = {
        "it lacks": [n for n in wanted if n not in found and not n.endswith("num_batches_tracked")],
        "it has beyond": [name for name in found if name not in wanted],
        "other shapes:": [
            f"{name} is {tuple(theirs.shape)} instead of {tuple(own.shape)}"
            for name, (own, theirs) in shared.items()
            if theirs.shape != own.shape
        ],
        "no finite numbers of its own type:": [
            name for name, (own, theirs) in shared.items() if theirs.shape == own.shape and not _is_usable(theirs, own)
        ],
    }
    told = [f"{what} {_shown(names)}" for what, names in differences.items() if names]
    if told:
        raise WeightsMismatch(what="; ".join(told))


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{', '.join(names[:_NAMES_SHOWN])}{more}"


def _is_usable(theirs: Tensor, own: Tensor) -> bool:
    """Tell whether a tensor holds finite numbers, floating-point where the network's own are, in memory."""
    plain = theirs.layout is torch.strided and theirs.device.type == "cpu"
    if not plain or (own.is_floating_point() and not theirs.is_floating_point()):
        return False
    return bool(torch.isfinite(theirs.to(own.dtype)).all())
