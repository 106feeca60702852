"""How the tensors of a network are named in files: each layout a table, declared once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import timm
from torch import Tensor

from specs.network import Architecture, ConcatPoolClassifier, LinearClassifier, Network

_SCALING = ("quantity_center", "quantity_deviation")
"""Names in a RadiographNetwork that only `tricorder train` knows."""


@dataclass(frozen=True, kw_only=True)
class WeightLayout:
    """Where the tensors of a RadiographNetwork stand in a file.

    Attributes:
        title: What made the file, as people call it.
        renamed: First parts of names in the network, each with what stands for it in the file.
        absent: Names in the network that no such file has.
        ignored: First parts of names in the file that the network has no use for.
    """

    title: str
    renamed: Mapping[str, str]
    absent: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def places(self, own: Mapping[str, Tensor]) -> dict[str, str]:
        """Return the name in the file of each tensor of a network, by its own name."""
        return {name: self._place(name) for name in own if name not in self.absent}

    def _place(self, name: str) -> str:
        for ours, theirs in self.renamed.items():
            if name.startswith(ours):
                return theirs + name.removeprefix(ours)
        return name


OWN_LAYOUT = WeightLayout(title="tricorder train", renamed={})

_FASTAI_SENET154 = WeightLayout(
    title="fastai 1, cnn_learner on senet154",
    renamed={
        **{f"backbone.layer{number}.": f"0.{number}." for number in range(5)},
        **{f"classifier.{number}.": f"1.{number + 2}." for number in (0, 2, 4, 6)},
    },
    absent=_SCALING,
)
"""The public weights of X-ray age.

Body and head are one Sequential: the body is `list(senet154().children())[:-3]`, that is layer0 to layer4; the head
starts with AdaptiveConcatPool2d (largest value first) and Flatten, which have no weights, then has the order of our
classifier. The backbones are the same, but for the pool behind layer0, which has no weights either.

Source:
    fastai 1.0.61: `vision/learner.py` (create_body, create_head, create_cnn_model), `layers.py` (AdaptiveConcatPool2d,
    bn_drop_lin), `vision/models/cadene_models.py` (cut -3); pretrainedmodels 0.7.4: `models/senet.py`; their use:
    `predict.py` of pirocv/xray_age. The file itself was not at hand.
"""


def layouts(declared: Network) -> tuple[WeightLayout, ...]:
    """Return every layout in which the weights of a network are read."""
    match declared.classifier:
        case LinearClassifier() if declared.coarse_backbone:
            return (OWN_LAYOUT,)
        case LinearClassifier():
            return (OWN_LAYOUT, _timm_layout(declared.architecture))
        case ConcatPoolClassifier() if declared.architecture is Architecture.SENET154:
            return (OWN_LAYOUT, _FASTAI_SENET154)
        case ConcatPoolClassifier():
            return (OWN_LAYOUT,)
        case _:
            assert_never(declared.classifier)


def _timm_layout(architecture: Architecture) -> WeightLayout:
    """Return how timm names a backbone with its classifier; torchvision has the same names."""
    classifier = timm.models.get_pretrained_cfg(architecture.value).classifier
    return WeightLayout(
        title=f"timm or torchvision, {architecture}",
        renamed={"backbone.": "", "classifier.": f"{classifier}."},
        absent=_SCALING,
        ignored=("AuxLogits.",),  # of InceptionV3: a second classifier that only training has
    )


def layout_of(found: Mapping[str, Tensor], own: Mapping[str, Tensor], known: Sequence[WeightLayout]) -> WeightLayout:
    """Return the layout by which most of the names in a file are those of the network."""
    return max(known, key=lambda layout: len(found.keys() & set(layout.places(own).values())))


def without_wrapper(found: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Leave out the first parts that all names share: those of modules around the network, such as `module.`."""
    inner = dict(found)
    while len({name.partition(".")[0] for name in inner}) == 1 and all("." in name for name in inner):
        inner = {name.partition(".")[2]: tensor for name, tensor in inner.items()}
    return inner
