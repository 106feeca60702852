"""Weights of a backbone from a local file, such as ImageNet's as timm publishes them."""

from pathlib import Path
from pickle import UnpicklingError

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from training.errors import WeightsMismatch
from training.radiograph_network import RadiographNetwork

_CLASSIFIERS = ("fc.", "classifier.", "head.", "last_linear.", "AuxLogits.")
"""First parts of the names that belong to the classifier of ImageNet, which a radiograph model has no use for."""

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
)
"""What safetensors and PyTorch raise on damaged files."""


def load_backbone(network: RadiographNetwork, file: Path) -> None:
    """Put the weights of a file into the backbone of a network, name by name and shape by shape.

    Args:
        network: Of the paper preset; changed in place.
        file: A state dict, `.safetensors` or as `torch.save` writes it. Nothing else in it is ever unpickled.

    Raises:
        WeightsMismatch: the file cannot be read so, or names or shapes differ.
    """
    found = {name: tensor for name, tensor in read_state(file).items() if not name.startswith(_CLASSIFIERS)}
    require_same(network.backbone.state_dict(), found)
    network.backbone.load_state_dict(found, strict=False)


def read_state(file: Path) -> dict[str, Tensor]:
    """Read a state dict without running anything that the file holds.

    Raises:
        WeightsMismatch: the file is neither safetensors nor a PyTorch file of tensors only.
    """
    try:
        if file.suffix == ".safetensors":
            return safetensors.torch.load_file(file)
        state = torch.load(file, map_location="cpu", weights_only=True)
    except _UNREADABLE as error:
        raise WeightsMismatch(what=f"the file cannot be read ({type(error).__name__})") from None
    except UnpicklingError:
        raise WeightsMismatch(what="the file holds more than tensors, or is none of PyTorch's") from None
    if not isinstance(state, dict) or not all(isinstance(tensor, Tensor) for tensor in state.values()):
        raise WeightsMismatch(what="the file holds no state dict")
    return state


def require_same(wanted: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    """Compare names and shapes; batch counters, which old files lack, may be absent.

    Raises:
        WeightsMismatch: names the first differences.
    """
    missing = [name for name in wanted if name not in found and not name.endswith("num_batches_tracked")]
    unknown = [name for name in found if name not in wanted]
    shaped = [
        f"{name} is {tuple(found[name].shape)} instead of {tuple(tensor.shape)}"
        for name, tensor in wanted.items()
        if name in found and found[name].shape != tensor.shape
    ]
    for what, names in (("it lacks", missing), ("it has beyond", unknown), ("other shapes:", shaped)):
        if names:
            more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
            raise WeightsMismatch(what=f"{what} {', '.join(names[:_NAMES_SHOWN])}{more}")
