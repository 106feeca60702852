"""Features of studies as training data: phantoms, prepared by the client's own code, with all that is true of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from phantoms import Part, Site
from specs.recipe import AnswerRecipe
from training.phantom_data import known_phantoms
from training.training_data import phantom_description

FeatureRows = NDArray[np.float32]
"""Shape (studies, features), in the order of the recipe."""


@dataclass(frozen=True, kw_only=True)
class FeaturePart:
    """One part of a data set.

    Attributes:
        name: Name for records.
        seed: Seed of its phantoms.
        features: What is known of each study from its images.
        facts: What is true of each study, by its name among the truth of a phantom, each shape (studies,).
    """

    name: str
    seed: int
    features: FeatureRows
    facts: Mapping[str, NDArray[np.float32]]

    def truth(self, fact: str) -> NDArray[np.bool_]:
        """Return where a fact is true, shape (studies,)."""
        return self.facts[fact] > 0


@dataclass(frozen=True, kw_only=True)
class FeatureData:
    """What classifiers are fitted on, and what measures them and chooses their operating points."""

    description: str
    training: FeaturePart
    validation: FeaturePart


def phantom_features(recipe: AnswerRecipe, *, count: int, cache: Path, progress: Callable[[], Progress]) -> FeatureData:
    """Prepare phantoms of a recipe of features; the validation part has a quarter as many as the training part.

    Args:
        recipe: The recipe.
        count: Phantoms in the training part.
        cache: Folder for what is prepared.
        progress: Makes the bar shown meanwhile.
    """
    with progress() as bar:
        return FeatureData(
            description=phantom_description(recipe),
            training=phantom_part(Part.TRAINING, recipe, count=count, cache=cache, progress=bar),
            validation=phantom_part(Part.VALIDATION, recipe, count=max(1, count // 4), cache=cache, progress=bar),
        )


def phantom_part(
    part: Part, recipe: AnswerRecipe, *, count: int, cache: Path, progress: Progress, site: Site = Site.A
) -> FeaturePart:
    """Prepare the first phantoms of a part."""
    known = known_phantoms(part, recipe, count=count, cache=cache, progress=progress, site=site)
    return FeaturePart(name=known.name, seed=known.seed, features=known.tensors, facts=known.facts)
