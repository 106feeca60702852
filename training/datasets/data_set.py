"""From a data set on disk to the three parts that training reads."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import assert_never

import numpy as np
from rich.progress import Progress

from specs.recipe import ImageRecipe
from training.datasets.errors import DataSetDamaged, ManifestFaults
from training.datasets.example import Example, LabeledSet
from training.datasets.jsrt import read_jsrt
from training.datasets.manifest import image_faults, read_manifest
from training.datasets.nih import read_nih
from training.datasets.prepared import PreparedImages, prepared_images
from training.datasets.split import Split, split_patients
from training.datasets.targets import Target
from training.phantom_data import PreparedPart


class DataSetKind(StrEnum):
    """Layouts of data sets that are read."""

    NIH = "nih"
    JSRT = "jsrt"
    MANIFEST = "manifest"


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """A data set on disk.

    Attributes:
        kind: Its layout.
        path: Its folder; of a manifest, the CSV file.
    """

    kind: DataSetKind
    path: Path


@dataclass(frozen=True, kw_only=True)
class PreparedDataSet:
    """A data set, split by patient and prepared.

    Attributes:
        name: Name for records.
        description: One sentence for records.
        training: Eight tenths of the patients.
        validation: A tenth.
        test: A tenth, or what the publisher set apart.
        left_out: Number of images that are in no part, by reason.
    """

    name: str
    description: str
    training: PreparedPart
    validation: PreparedPart
    test: PreparedPart
    left_out: Mapping[str, int]


def prepared_data_set(
    source: DataSource, target: Target, recipe: ImageRecipe, *, seed: int, cache: Path, progress: Progress
) -> PreparedDataSet:
    """Read a data set, split it by patient and prepare its images as the client would.

    Args:
        source: Which data set.
        target: What is to be learned.
        recipe: How images are prepared.
        seed: Of the split.
        cache: Folder for prepared images; they are read back while neither file nor preparation has changed.
        progress: Where a bar is shown.

    Raises:
        DataSetError: there is nothing sound to train on.
        UnreadableFile: the manifest cannot be read.
    """
    match source.kind:
        case DataSetKind.NIH:
            labeled = read_nih(source.path, target)
        case DataSetKind.JSRT:
            labeled = read_jsrt(source.path, target)
        case DataSetKind.MANIFEST:
            labeled = _checked_manifest(source.path, target, recipe, seed=seed, cache=cache, progress=progress)
        case _:
            assert_never(source.kind)
    labeled = _of_accepted_views(labeled, recipe)
    split = split_patients(labeled.examples, seed=seed)
    images = prepared_images([example.image for example in split.examples], recipe, cache=cache, progress=progress)
    return _prepared(labeled, split, images, seed=seed)


def _of_accepted_views(labeled: LabeledSet, recipe: ImageRecipe) -> LabeledSet:
    """Leave out the images whose view, as the data set states it, is none of the recipe's."""
    accepted = tuple(example for example in labeled.examples if example.view in {None, *recipe.view_positions})
    refused = len(labeled.examples) - len(accepted)
    reason = f"the view is not {' or '.join(recipe.view_positions)}"
    return replace(labeled, examples=accepted, left_out=Counter(labeled.left_out) + Counter({reason: refused}))


def _checked_manifest(
    file: Path, target: Target, recipe: ImageRecipe, *, seed: int, cache: Path, progress: Progress
) -> LabeledSet:
    """Read a manifest and prepare its images, in the order of the split, to find every fault of both at once."""
    manifest = read_manifest(file, target, views=recipe.view_positions)
    examples = manifest.examples()
    ordered = manifest.images
    if not manifest.faults:
        ordered = tuple(example.image for example in split_patients(examples, seed=seed).examples)
    images = prepared_images(ordered, recipe, cache=cache, progress=progress)
    faults = [*manifest.faults, *image_faults(manifest, images)]
    if faults:
        raise ManifestFaults(faults=faults)
    return LabeledSet(
        name="manifest",
        description="radiographs of a manifest of the user's own",
        examples=examples,
        left_out={f"the cell {target.column} is empty": manifest.unknown} if manifest.unknown else {},
    )


def _prepared(labeled: LabeledSet, split: Split, images: PreparedImages, *, seed: int) -> PreparedDataSet:
    refused = images.refusal_counts()
    if not any(example.image in images.rows for example in split.training):
        reason = refused.most_common(1)[0][0]
        raise DataSetDamaged(data_set=labeled.name, what=f"no image can be used ({reason.rstrip('.')})")

    def part(name: str, examples: Sequence[Example]) -> PreparedPart:
        usable = [example for example in examples if example.image in images.rows]
        return PreparedPart(
            name=f"{labeled.name}, {name} part",
            seed=seed,
            pixels=images.select([example.image for example in usable]),
            truth=np.array([example.value for example in usable], dtype=np.float32),
            measurements=np.empty((len(usable), 0), dtype=np.float32),
        )

    return PreparedDataSet(
        name=labeled.name,
        description=labeled.description,
        training=part("training", split.training),
        validation=part("validation", split.validation),
        test=part("test", split.test),
        left_out=Counter(labeled.left_out) + refused,
    )
