"""The graph of a radiograph finding model: from wire pixels to probability and class activation map."""

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional

from specs.head import FindingProbability
from specs.model import ModelSpec
from specs.network import Preset
from training.narrowing import narrow


class RadiographNetwork(nn.Module):
    """Backbone, global average pool and one linear layer, with everything around them that the wire leaves out.

    The class activation map is the linear layer applied at every place before the pool, bias included, so its
    mean is the log-odds; it is enlarged to the declared shape by an integer factor, linearly, which keeps the mean.

    Source:
        Zhou B et al., CVPR 2016 (class activation mapping). The variant of the paper is not known: our choice.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, spec: ModelSpec, preset: Preset) -> None:
        super().__init__()
        sizing = spec.network.presets[preset]
        self.full_scale = float(torch.iinfo(getattr(torch, spec.recipe.pixels.element_type)).max)
        self.reduction = _whole_factor(spec.recipe.pixels.shape[1:], (sizing.rows, sizing.columns))
        self.backbone = timm.create_model(spec.network.architecture, pretrained=False, num_classes=0, global_pool="")
        narrow(self.backbone, sizing.width_divisor)
        self.backbone.init_weights()  # timm's own: each residual branch starts at zero
        with torch.no_grad():
            places = self.backbone.eval()(torch.zeros(1, 3, sizing.rows, sizing.columns))
        self.classifier = nn.Linear(places.shape[1], 1)
        self.enlargement = _enlargement(spec.head, (places.shape[2], places.shape[3]))
        self.register_buffer("mean", torch.tensor(spec.network.mean).view(1, 3, 1, 1), persistent=False)
        deviation = torch.tensor(spec.network.standard_deviation).view(1, 3, 1, 1)
        self.register_buffer("deviation", deviation, persistent=False)

    def reduce(self, pixels: Tensor) -> Tensor:
        """Bring wire pixels, shape (batch, 1, row, column), to the network's own size, in [0, 1]."""
        scaled = pixels.to(torch.float32) / self.full_scale
        return scaled if self.reduction == 1 else functional.avg_pool2d(scaled, self.reduction)

    def places(self, reduced: Tensor) -> Tensor:
        """Return the backbone's features, shape (batch, channel, row, column)."""
        normalized = (reduced.expand(-1, 3, -1, -1) - self.mean) / self.deviation
        features: Tensor = self.backbone(normalized)
        return features

    def pooled(self, reduced: Tensor) -> Tensor:
        """Return the features averaged over all places, shape (batch, channel)."""
        return self.places(reduced).mean(dim=(2, 3))

    def log_odds(self, reduced: Tensor) -> Tensor:
        """Return the log-odds of the finding, shape (batch, 1), from pixels of the network's own size."""
        log_odds: Tensor = self.classifier(self.pooled(reduced))
        return log_odds

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the probability, shape (batch, 1), and the class activation map, shape (batch, row, column)."""
        places = self.places(self.reduce(pixels))
        evidence = functional.conv2d(places, self.classifier.weight[:, :, None, None], self.classifier.bias)
        if self.enlargement > 1:
            evidence = functional.interpolate(
                evidence, scale_factor=float(self.enlargement), mode="bilinear", align_corners=False
            )
        return torch.sigmoid(self.classifier(places.mean(dim=(2, 3)))), evidence.squeeze(1)


def _enlargement(head: FindingProbability, places: tuple[int, int]) -> int:
    return 1 if head.activation_map is None else _whole_factor(head.activation_map.shape, places)


def _whole_factor(large: tuple[int, ...], small: tuple[int, int]) -> int:
    """Return the whole number by which one shape is larger than another.

    Raises:
        ValueError: there is none; only whole factors give the same result on every engine.
    """
    factor = large[0] // small[0]
    if (small[0] * factor, small[1] * factor) != tuple(large):
        raise ValueError(f"{large} is not a whole multiple of {small}")
    return factor
