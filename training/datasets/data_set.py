"""From a data set on disk to the parts, or the folds, that training reads."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from specs.contract import AnswerSpec
from specs.recipe import FrontalChestRadiograph
from training.datasets.errors import DataSetDamaged, ManifestFaults, OfRadiographsOnly
from training.datasets.example import Example, ImageFile, LabeledSet
from training.datasets.jsrt import read_jsrt
from training.datasets.manifest import image_faults, learning_faults, read_manifest
from training.datasets.manifest_columns import radiograph_columns
from training.datasets.nih import read_nih
from training.datasets.prepared import PreparedImages, prepared_images
from training.datasets.split import FEWEST_TO_SPLIT, k_folds, patients_sha256, split_patients
from training.datasets.targets import Target
from training.prepared_part import PreparedPart


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
class ImagePreparation:
    """How images are prepared, and where they are kept.

    Attributes:
        recipe: As the client applies it.
        cache: Folder for prepared images; they are read back while neither file nor preparation has changed.
        progress: Where a bar is shown.
    """

    recipe: FrontalChestRadiograph
    cache: Path
    progress: Progress


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
        seen_patients_sha256: `Split.seen_patients_sha256`.
    """

    name: str
    description: str
    training: PreparedPart
    validation: PreparedPart
    test: PreparedPart
    left_out: Mapping[str, int]
    seen_patients_sha256: str


@dataclass(frozen=True, kw_only=True)
class PreparedWhole:
    """A data set, prepared and not split.

    Attributes:
        part: All its usable images.
        left_out: Number of the others, by reason.
    """

    part: PreparedPart
    left_out: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class FoldedDataSet:
    """A data set for a cross-validation, dealt to folds by patient and prepared.

    Attributes:
        description: One sentence for records.
        whole: Every study, also of a test part that the publisher set apart, under the name of the data set.
        held_out: The numbers of the studies of each fold; every study is in one, no patient is in two.
        left_out: Number of images that are in no fold, by reason.
        patients_sha256: Tells the patients of all folds.
    """

    description: str
    whole: PreparedPart
    held_out: tuple[NDArray[np.intp], ...]
    left_out: Mapping[str, int]
    patients_sha256: str


def radiograph_recipe(spec: AnswerSpec) -> FrontalChestRadiograph:
    """Return the recipe by which the images of data sets on disk, which are radiographs, are prepared.

    Raises:
        OfRadiographsOnly: the model takes other studies.
    """
    if not isinstance(spec.recipe, FrontalChestRadiograph):
        raise OfRadiographsOnly(model=spec.name)
    return spec.recipe


def labeled_set(source: DataSource, target: Target, recipe: FrontalChestRadiograph) -> LabeledSet:
    """Read the tables of a data set, without the images of views that the recipe does not accept.

    No image is opened.

    Args:
        source: Which data set.
        target: What must be known of an image.
        recipe: Whose views are accepted.

    Raises:
        DataSetError: the tables are not sound, or say nothing of the target.
        UnreadableFile: the manifest cannot be read.
    """
    match source.kind:
        case DataSetKind.NIH:
            labeled = read_nih(source.path, target)
        case DataSetKind.JSRT:
            labeled = read_jsrt(source.path, target)
        case DataSetKind.MANIFEST:
            manifest = read_manifest(source.path, target, radiograph_columns(recipe))
            if manifest.faults:
                raise ManifestFaults(faults=manifest.faults)
            labeled = manifest.labeled_set()
        case _:
            assert_never(source.kind)
    return _of_accepted_views(labeled, recipe)


def prepared_data_set(
    source: DataSource, target: Target, preparation: ImagePreparation, *, seed: int
) -> PreparedDataSet:
    """Read a data set, split it by patient and by the target, and prepare its images as the client would.

    Args:
        source: Which data set.
        target: What is to be learned.
        preparation: How images are prepared.
        seed: Of the split.

    Raises:
        DataSetError: there is nothing sound to train on.
        UnreadableFile: the manifest cannot be read.
    """
    prepared = _prepared(source, target, preparation, patients=FEWEST_TO_SPLIT)
    split = split_patients(prepared.labeled.examples, seed=seed)
    return PreparedDataSet(
        name=prepared.labeled.name,
        description=prepared.labeled.description,
        training=prepared.part("training part", split.training, seed=seed),
        validation=prepared.part("validation part", split.validation, seed=seed),
        test=prepared.part("test part", split.test, seed=seed),
        left_out=prepared.left_out,
        seen_patients_sha256=split.seen_patients_sha256,
    )


def prepared_folds(
    source: DataSource, target: Target, preparation: ImagePreparation, *, folds: int, seed: int
) -> FoldedDataSet:
    """Read a data set, deal its patients to folds by the target, and prepare its images as the client would.

    Args:
        source: Which data set.
        target: What is to be learned.
        preparation: How images are prepared.
        folds: At least 2.
        seed: Of the dealing.

    Raises:
        DataSetError: there is nothing sound to train on.
        UnreadableFile: the manifest cannot be read.
    """
    prepared = _prepared(source, target, preparation, patients=folds)
    turns = k_folds(prepared.labeled.examples, k=folds, seed=seed)
    usable = [prepared.usable(turn.held_out) for turn in turns]
    sizes = [len(examples) for examples in usable]
    return FoldedDataSet(
        description=prepared.labeled.description,
        whole=prepared.part("", [example for examples in usable for example in examples], seed=seed),
        held_out=tuple(np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])),
        left_out=prepared.left_out,
        patients_sha256=patients_sha256(prepared.labeled.examples),
    )


def prepared_whole(source: DataSource, target: Target, preparation: ImagePreparation) -> PreparedWhole:
    """Read a data set and prepare all its images as one part, to measure on what was not fitted on any of it.

    Args:
        source: Which data set.
        target: What must be known of an image.
        preparation: How images are prepared.

    Raises:
        DataSetError: there is nothing sound to measure on.
        UnreadableFile: the manifest cannot be read.
    """
    prepared = _prepared(source, target, preparation, patients=1)
    part = prepared.part("all images", prepared.labeled.examples, seed=0)  # nothing is drawn
    return PreparedWhole(part=part, left_out=prepared.left_out)


@dataclass(frozen=True, kw_only=True)
class _Prepared:
    """A data set that has been read, and what became of its images."""

    labeled: LabeledSet
    images: PreparedImages

    @property
    def left_out(self) -> Counter[str]:
        return Counter(self.labeled.left_out) + self.images.refusal_counts()

    def usable(self, examples: Sequence[Example]) -> list[Example]:
        return [example for example in examples if example.image in self.images.rows]

    def part(self, name: str, examples: Sequence[Example], *, seed: int) -> PreparedPart:
        usable = self.usable(examples)
        return PreparedPart(
            name=f"{self.labeled.name}, {name}" if name else self.labeled.name,
            seed=seed,
            pixels=self.images.select([example.image for example in usable]),
            truth=np.array([example.value for example in usable], dtype=np.float32),
            measurements=np.empty((len(usable), 0), dtype=np.float32),
        )


def _prepared(source: DataSource, target: Target, preparation: ImagePreparation, *, patients: int) -> _Prepared:
    """Read and prepare a data set; of a manifest, fewer patients than are needed are one of its faults."""
    if source.kind is DataSetKind.MANIFEST:
        images = _checked_images(source.path, target, preparation, patients=patients)
        labeled = labeled_set(source, target, preparation.recipe)
    else:
        labeled = labeled_set(source, target, preparation.recipe)
        images = _images([example.image for example in labeled.examples], preparation)
    if images.refusals and not images.rows:
        reason = images.refusal_counts().most_common(1)[0][0]
        raise DataSetDamaged(data_set=labeled.name, what=f"no image can be used ({reason.rstrip('.')})")
    return _Prepared(labeled=labeled, images=images)


def _of_accepted_views(labeled: LabeledSet, recipe: FrontalChestRadiograph) -> LabeledSet:
    """Leave out the images whose view, as the data set states it, is none of the recipe's."""
    accepted = tuple(example for example in labeled.examples if example.view in {None, *recipe.view_positions})
    refused = len(labeled.examples) - len(accepted)
    reason = f"the view is not {' or '.join(recipe.view_positions)}"
    return replace(labeled, examples=accepted, left_out=Counter(labeled.left_out) + Counter({reason: refused}))


def _checked_images(file: Path, target: Target, preparation: ImagePreparation, *, patients: int) -> PreparedImages:
    """Prepare the images of a manifest, to find every fault of them and of the table at once."""
    manifest = read_manifest(file, target, radiograph_columns(preparation.recipe))
    images = _images(manifest.images, preparation)
    faults = [*manifest.faults, *learning_faults(manifest, needed_patients=patients), *image_faults(manifest, images)]
    if faults:
        raise ManifestFaults(faults=faults)
    return images


def _images(images: Sequence[ImageFile], preparation: ImagePreparation) -> PreparedImages:
    return prepared_images(images, preparation.recipe, cache=preparation.cache, progress=preparation.progress)
