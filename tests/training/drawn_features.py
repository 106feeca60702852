"""Features of studies drawn from a law of their own: no phantom is rendered for them."""

import numpy as np
from numpy.typing import NDArray

from specs.striatal_recipes import STRIATAL_FEATURES, StriatalFeature
from training.feature_data import FeatureData, FeaturePart

_LOWEST_BINDING = 0.5


def drawn_part(name: str, *, count: int, seed: int, decimals: int | None = None) -> FeaturePart:
    """Draw studies; `decimals` rounds every feature, so that values fall upon each other and upon splits."""
    rng = np.random.default_rng(seed)
    level = np.clip(rng.normal(5.5, 2.0, count), _LOWEST_BINDING, None)
    asymmetry = np.abs(rng.normal(0, 12, count))
    shape = np.clip(rng.normal(0.85, 0.15, count), 0.3, 1.5)
    columns = {
        StriatalFeature.AGE_YEARS: np.round(np.clip(rng.normal(70, 10, count), 40, 90)),
        StriatalFeature.BINDING_MEAN: level,
        StriatalFeature.BINDING_LOWER: level * (1 - asymmetry / 200),
        StriatalFeature.BINDING_ASYMMETRY_PERCENT: asymmetry,
        StriatalFeature.SHAPE_MEAN: shape,
        StriatalFeature.SHAPE_LOWER: shape * 0.97,
    }
    noise = np.abs(rng.normal(0, 1, (count, len(StriatalFeature))))
    for place, feature in enumerate(STRIATAL_FEATURES.names):
        noise[:, place] = columns.get(feature, noise[:, place] + level)
    features = noise if decimals is None else np.round(noise, decimals)
    facts = {
        "low_uptake": level + rng.normal(0, 0.7, count) < 4.5,
        "asymmetric": asymmetry + rng.normal(0, 4, count) > 15,
        "dot_shaped": shape + rng.normal(0, 0.06, count) < 0.75,
    }
    votes: NDArray[np.float64] = sum((known.astype(float) for known in facts.values()), np.zeros(count))
    facts["diseased"] = votes + rng.normal(0, 0.4, count) > 0.5
    return FeaturePart(
        name=name,
        seed=seed,
        features=features.astype(np.float32),
        facts={fact: known.astype(np.float32) for fact, known in facts.items()},
    )


def drawn_data(*, count: int = 240, decimals: int | None = None) -> FeatureData:
    """Draw a training and a validation part."""
    return FeatureData(
        description="drawn for tests",
        training=drawn_part("drawn, training", count=count, seed=1, decimals=decimals),
        validation=drawn_part("drawn, validation", count=count, seed=2, decimals=decimals),
    )
