"""Fitting a network of two backbones that see an image at two scales: apart, so that they err apart."""

from collections.abc import Iterator
from dataclasses import replace

import lightning

from specs.model import NetworkSpec
from specs.network import Preset
from training.fit_settings import FitSettings
from training.fitting import fit
from training.pretrained import load_backbone
from training.radiograph_network import RadiographNetwork
from training.training_data import TrainingData

_COARSE, _DETAILED = "coarse", "detailed"


def fit_scales(
    network: RadiographNetwork, spec: NetworkSpec, preset: Preset, data: TrainingData, *, settings: FitSettings
) -> None:
    """Fit a network for each backbone, alone and with the same seed, and join them in place.

    Args:
        network: Of two backbones; left in evaluation mode.
        spec: What it was made from.
        preset: Which size.
        data: What both are fitted on.
        settings: As for `fit`; each scale has a folder of its own in that of the run.

    Raises:
        FitDiverged: the answers became no numbers.
        KeyboardInterrupt: the user has interrupted it.
    """
    fitted = []
    for name, scale in scales(spec):
        lightning.seed_everything(settings.seed, verbose=False)
        single = RadiographNetwork(scale, preset)
        if settings.backbone_weights is not None:
            load_backbone(single, settings.backbone_weights)
        own = replace(settings, folder=settings.folder / name, epochs=_epochs(name, spec, settings))
        fit(single, scale.training, training=data.training, validation=data.validation, settings=own)
        fitted.append(single)
    network.join(*fitted)
    network.eval()


def scales(spec: NetworkSpec) -> Iterator[tuple[str, NetworkSpec]]:
    """Yield the spec of each scale by its name, the coarse one first, in the order of the backbones."""
    alone = spec.network.model_copy(update={"coarse_backbone": False})
    training = spec.training.model_copy(update={"coarse_epochs_share": None})
    coarse = training.model_copy(update={"stem_pool_share": 0.0, "averaging_decay": None})
    pooled = alone.model_copy(update={"stem_pool": True})
    yield _COARSE, spec.model_copy(update={"network": pooled, "training": coarse})
    yield _DETAILED, spec.model_copy(update={"network": alone, "training": training})


def _epochs(scale: str, spec: NetworkSpec, settings: FitSettings) -> int:
    share = spec.training.coarse_epochs_share
    return max(1, round(share * settings.epochs)) if scale == _COARSE and share is not None else settings.epochs
