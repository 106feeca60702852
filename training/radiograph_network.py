"""The graph of an image model: from wire pixels, of one view or several, to its answer and map."""

from typing import Any, assert_never

import timm
import torch
from timm.models.senet import SEBottleneck
from torch import Tensor, nn
from torch.nn import functional

from specs.head import FindingProbability, Head, MeasuredQuantity
from specs.model import NetworkSpec
from specs.network import Architecture, Classifier, ConcatPoolClassifier, LinearClassifier, Preset
from training.narrowing import narrow


class RadiographNetwork(nn.Module):
    """Backbone, pool and classifier, with everything around them that the wire leaves out.

    The classifier's single output is the score: the log-odds of a finding, or a quantity in deviations from its
    center. The class activation map is the linear layer applied at every place before the average, bias included,
    so its mean is the log-odds or the quantity; it is enlarged to the declared shape by an integer factor, linearly,
    which keeps the mean.

    Where the wire carries several views, each a channel, all go through the one backbone, and their pooled features
    stand side by side before the classifier. The map of such a model is Grad-CAM of each view: the features weighed by
    the mean gradient of the score, negative evidence cut off. With an average pool that gradient is the classifier's
    weight over the number of places, so that no backward pass is needed.

    Of a view whose sides mean the same for the answer, the features are those of the view and, mirrored back, of its
    mirror image in the mean; with an average pool so are the log-odds. Fitting sees the view alone.

    Where two backbones look at an image, one of them coarsely, the features of the coarse one are repeated over the
    places of the other and stand before its own.

    Source:
        Zhou B et al., CVPR 2016 (class activation mapping); Selvaraju RR et al., ICCV 2017 (Grad-CAM; its appendix A
        for the pooled head). The variant of the papers on radiographs is not known: our choice.
    """

    mean: Tensor
    deviation: Tensor
    quantity_center: Tensor
    quantity_deviation: Tensor

    def __init__(self, spec: NetworkSpec, preset: Preset) -> None:
        super().__init__()
        sizing = spec.network.presets[preset]
        self.head = spec.head
        self.full_scale = float(torch.iinfo(getattr(torch, spec.recipe.pixels.element_type)).max)
        self.views = spec.recipe.pixels.shape[0]
        self.symmetric_views = spec.network.symmetric_views
        self.reduction = _whole_factor(spec.recipe.pixels.shape[1:], (sizing.rows, sizing.columns))
        self.backbone: Any = _backbone(spec.network.architecture, sizing.width_divisor)  # timm declares no layers
        self.stem_pool: nn.Module | None = None
        if not spec.network.stem_pool:
            self.stem_pool = self.backbone.get_submodule("maxpool")
            self.backbone.maxpool = nn.Identity()
        if spec.network.coarse_backbone:
            coarse = _backbone(spec.network.architecture, sizing.width_divisor)
            self.backbone = _TwoScales(coarse=coarse, detailed=self.backbone)
            self.stem_pool = None  # each is fitted in a network of its own
        with torch.no_grad():
            places = self.backbone.eval()(torch.zeros(1, 3, sizing.rows, sizing.columns))
        self.pool = _Pool(spec.network.classifier)
        self.features = self.views * self.pool(places).shape[1]
        self.classifier = _classifier(spec.network.classifier, inputs=self.features)
        self.enlargement = _enlargement(spec.head, self.classifier, (places.shape[2], places.shape[3]))
        self.register_buffer("mean", torch.tensor(spec.network.mean).view(1, 3, 1, 1), persistent=False)
        deviation = torch.tensor(spec.network.standard_deviation).view(1, 3, 1, 1)
        self.register_buffer("deviation", deviation, persistent=False)
        measures = isinstance(spec.head, MeasuredQuantity)
        self.register_buffer("quantity_center", torch.tensor(0.0), persistent=measures)
        self.register_buffer("quantity_deviation", torch.tensor(1.0), persistent=measures)

    @property
    def backbones(self) -> tuple[nn.Module, ...]:
        """The backbone; of two the coarse one first."""
        two_scales = isinstance(self.backbone, _TwoScales)
        return (self.backbone.coarse, self.backbone.detailed) if two_scales else (self.backbone,)

    def join(self, *networks: "RadiographNetwork") -> None:
        """Take the weights of a network for each backbone, so that the score is the mean of theirs."""
        for own, network in zip(self.backbones, networks, strict=True):
            own.load_state_dict(network.backbone.state_dict())
        mine, *layers = (_linear(each) for each in (self, *networks))
        weights = torch.cat([layer.weight.reshape(self.views, -1) for layer in layers], dim=1)
        with torch.no_grad():
            mine.weight.copy_(weights.reshape(1, -1) / len(layers))
            mine.bias.copy_(torch.stack([layer.bias for layer in layers]).mean(dim=0))
        self.quantity_center.copy_(networks[0].quantity_center)
        self.quantity_deviation.copy_(networks[0].quantity_deviation)

    def put_stem_pool(self, *, in_place: bool) -> None:
        """Give a backbone that is served without its stem's pool that pool, or take it out again."""
        if self.stem_pool is not None:
            self.backbone.maxpool = self.stem_pool if in_place else nn.Identity()

    def reduce(self, pixels: Tensor) -> Tensor:
        """Bring wire pixels, shape (batch, view, row, column), to the network's own size, in [0, 1]."""
        scaled = pixels.to(torch.float32) / self.full_scale
        return scaled if self.reduction == 1 else functional.avg_pool2d(scaled, self.reduction)

    def places(self, reduced: Tensor) -> Tensor:
        """Return the features, shape (batch x view, channel, row, column)."""
        if self.training or not self.symmetric_views:
            return self._seen(self._each_view(reduced))
        mirror_images = torch.stack([_mirrored(reduced[:, view]) for view in self.symmetric_views], dim=1)
        seen = self._seen(self._each_view(torch.cat([reduced, mirror_images], dim=1)))
        of_study = seen.reshape(-1, self.views + len(self.symmetric_views), *seen.shape[1:])
        features = [of_study[:, view] for view in range(self.views)]
        for number, view in enumerate(self.symmetric_views):
            features[view] = (features[view] + _mirrored(of_study[:, self.views + number])) / 2
        return torch.stack(features, dim=1).reshape(-1, *seen.shape[1:])

    def _seen(self, images: Tensor) -> Tensor:
        """Return the backbone's features of each image, shape (image, 1, row, column)."""
        features: Tensor = self.backbone((images.expand(-1, 3, -1, -1) - self.mean) / self.deviation)
        return features

    def _each_view(self, reduced: Tensor) -> Tensor:
        return reduced if reduced.shape[1] == 1 else reduced.reshape(-1, 1, *reduced.shape[2:])

    def pooled(self, reduced: Tensor) -> Tensor:
        """Return the features pooled over all places, shape (batch, feature), view after view."""
        return self._side_by_side(self.pool(self.places(reduced)))

    def _side_by_side(self, pooled: Tensor) -> Tensor:
        return pooled if self.views == 1 else pooled.reshape(-1, self.features)

    def score(self, reduced: Tensor) -> Tensor:
        """Return the score, shape (batch, 1), from pixels of the network's own size."""
        score: Tensor = self.classifier(self.pooled(reduced))
        return score

    def answer(self, score: Tensor) -> Tensor:
        """Turn a score into a probability, or into a quantity in its unit; the same shape."""
        match self.head:
            case FindingProbability():
                return torch.sigmoid(score)
            case MeasuredQuantity():
                return self.quantity_center + self.quantity_deviation * score
            case _:
                assert_never(self.head)

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Return the answer, shape (batch, 1), and the map, if any.

        That has shape (batch, row, column), or of several views (batch, view, row, column).
        """
        places = self.places(self.reduce(pixels))
        answer = self.answer(self.classifier(self._side_by_side(self.pool(places))))
        if not isinstance(self.classifier, nn.Linear) or not self.enlargement:
            return (answer,)
        if self.views > 1:
            return answer, self._gradient_map(places, self.classifier)
        return answer, self._activation_map(places, self.classifier)

    def _gradient_map(self, places: Tensor, layer: nn.Linear) -> Tensor:
        by_view = places.reshape(-1, places.shape[1] * self.views, *places.shape[2:])
        weights = layer.weight.reshape(self.views, -1, 1, 1) / (places.shape[2] * places.shape[3])
        evidence = functional.relu(functional.conv2d(by_view, weights, groups=self.views))
        return self._enlarged(evidence)

    def _activation_map(self, places: Tensor, layer: nn.Linear) -> Tensor:
        evidence = functional.conv2d(places, layer.weight[:, :, None, None], layer.bias)
        evidence = self._enlarged(evidence)
        if isinstance(self.head, MeasuredQuantity):
            evidence = self.answer(evidence)
        return evidence.squeeze(1)

    def _enlarged(self, evidence: Tensor) -> Tensor:
        if self.enlargement == 1:
            return evidence
        return functional.interpolate(
            evidence, scale_factor=float(self.enlargement), mode="bilinear", align_corners=False
        )


def _mirrored(images: Tensor) -> Tensor:
    """Reverse the columns; `flip` would be exported as a slice of negative step, which not every engine may have."""
    return images.index_select(-1, torch.arange(images.shape[-1] - 1, -1, -1, device=images.device))


def _linear(network: RadiographNetwork) -> nn.Linear:
    assert isinstance(network.classifier, nn.Linear)  # as `Network` demands of two backbones
    return network.classifier


def _backbone(architecture: Architecture, width_divisor: int) -> nn.Module:
    backbone: nn.Module = timm.create_model(architecture, pretrained=False, num_classes=0, global_pool="")
    narrow(backbone, width_divisor)
    _let_branches_start_at_zero(backbone)
    return backbone


class _TwoScales(nn.Module):
    """Two backbones, of which one sees half the detail along either axis; features of the coarse one first."""

    def __init__(self, *, coarse: nn.Module, detailed: nn.Module) -> None:
        super().__init__()
        self.coarse = coarse
        self.detailed = detailed

    def forward(self, images: Tensor) -> Tensor:
        repeated = functional.interpolate(self.coarse(images), scale_factor=2.0, mode="nearest")
        return torch.cat([repeated, self.detailed(images)], dim=1)


class _Pool(nn.Module):
    """From features of all places, shape (batch, channel, row, column), to (batch, feature)."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.with_largest = isinstance(classifier, ConcatPoolClassifier)

    def forward(self, places: Tensor) -> Tensor:
        average = places.mean(dim=(2, 3))
        return torch.cat([places.amax(dim=(2, 3)), average], dim=1) if self.with_largest else average


def _let_branches_start_at_zero(backbone: nn.Module) -> None:
    """Initialize a backbone: by timm's own way where it has one, which lets each residual branch start at zero."""
    initialize = getattr(backbone, "init_weights", None)
    if initialize is not None:
        initialize()
    for block in backbone.modules():
        if isinstance(block, SEBottleneck):  # timm leaves it at one; at 50 blocks nothing was learnt in three epochs
            nn.init.zeros_(block.bn3.weight)


def _classifier(declared: Classifier, *, inputs: int) -> nn.Module:
    match declared:
        case LinearClassifier():
            return nn.Linear(inputs, 1)
        case ConcatPoolClassifier():
            first, second = declared.dropout
            return nn.Sequential(
                nn.BatchNorm1d(inputs),
                nn.Dropout(first),
                nn.Linear(inputs, declared.hidden),
                nn.ReLU(),
                nn.BatchNorm1d(declared.hidden),
                nn.Dropout(second),
                nn.Linear(declared.hidden, 1),
            )
        case _:
            assert_never(declared)


def _enlargement(head: Head, classifier: nn.Module, places: tuple[int, int]) -> int:
    """Return how many times larger the declared map is than the features; 0 where no map is declared.

    Raises:
        ValueError: a map is declared for a classifier that has none.
    """
    if head.activation_map is None:
        return 0
    if not isinstance(classifier, nn.Linear):
        raise ValueError("a class activation map needs a linear classifier")
    return _whole_factor(head.activation_map.shape[-2:], places)


def _whole_factor(large: tuple[int, ...], small: tuple[int, int]) -> int:
    """Return the whole number by which one shape is larger than another.

    Raises:
        ValueError: there is none; only whole factors give the same result on every engine.
    """
    factor = large[0] // small[0]
    if (small[0] * factor, small[1] * factor) != tuple(large):
        raise ValueError(f"{large} is not a whole multiple of {small}")
    return factor
