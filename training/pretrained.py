"""Weights from a local file: those that a backbone starts from, or all of a network that somebody else trained."""

from pathlib import Path

from specs.network import Network
from training.radiograph_network import RadiographNetwork
from training.weight_file import read_state, require_same
from training.weight_layouts import WeightLayout, layout_of, layouts, without_wrapper

_CLASSIFIERS = ("fc.", "classifier.", "head.", "last_linear.", "AuxLogits.")
"""First parts of the names that belong to the classifier of ImageNet, which a radiograph model has no use for."""


def load_backbone(network: RadiographNetwork, file: Path) -> None:
    """Put the weights of a file into each backbone of a network, name by name and shape by shape.

    Args:
        network: Of the paper preset; changed in place.
        file: A state dict such as ImageNet's, by timm's names, in any form that `read_state` reads.

    Raises:
        WeightsMismatch: the file cannot be read so, or names or shapes differ.
        UnsafeWeights: reading the file could run what it holds.
    """
    found = {name: tensor for name, tensor in read_state(file).items() if not name.startswith(_CLASSIFIERS)}
    for backbone in network.backbones:
        require_same(backbone.state_dict(), found)
        backbone.load_state_dict(found, strict=False)


def load_network_weights(network: RadiographNetwork, declared: Network, file: Path) -> WeightLayout:
    """Put the weights of a file into a whole network, name by name and shape by shape.

    A quantity is answered in its unit as the weights give it, unless the file says by what it was scaled.

    Args:
        network: Of the preset whose weights the file holds; changed in place.
        declared: What the network was made from.
        file: In any form that `read_state` reads and any layout that `layouts` names.

    Returns:
        The layout that the file has.

    Raises:
        WeightsMismatch: the file cannot be read so, or names or shapes differ from those of the nearest layout.
        UnsafeWeights: reading the file could run what it holds.
    """
    own, found = network.state_dict(), without_wrapper(read_state(file))
    layout = layout_of(found, own, layouts(declared))
    found = {name: tensor for name, tensor in found.items() if not name.startswith(layout.ignored)}
    places = layout.places(own)
    require_same({place: own[name] for name, place in places.items()}, found)
    network.quantity_center.fill_(0.0)
    network.quantity_deviation.fill_(1.0)
    network.load_state_dict({name: found[place] for name, place in places.items() if place in found}, strict=False)
    return layout
