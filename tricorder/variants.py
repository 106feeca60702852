"""`tricorder variants`: a version of an image model in another precision or for another engine."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import Progress

from phantoms import Part
from specs import SPECS
from specs.contract import ImageSpec
from specs.deployment import VERSION_ENGINES, Engine, Precision
from tricorder.data_option import FEWEST_TRAINING_PHANTOMS, DataOnDisk, DataType, Phantoms
from tricorder.export import entry_options, say_parity
from tricorder.places import DATA_CACHE, PHANTOM_CACHE
from tricorder.source_option import SourceChoice, source_options
from tricorder.terminal import progress_bar, say_left_out
from tricorder.training_extra import require_training_extra

if TYPE_CHECKING:
    from export.source_version import SourceVersion
    from export.variants import GatedVariant, VariantChoice, VariantStudies

IMAGE_MODELS: dict[str, ImageSpec] = {name: spec for name, spec in SPECS.items() if isinstance(spec, ImageSpec)}

CALIBRATION_STUDIES = 128
"""Enough that the ranges hardly change with more; our choice."""

COMPARED_PHANTOMS = 500
"""On so many a variant and its original are compared where nothing else is said; our choice."""

SPLIT_SEED = 0
"""Of the split of data on disk, as for a recalibration."""


@click.command(epilog="\b\nExample:\n  tricorder variants mitral_regurgitation --precision int8")
@click.argument("model", type=click.Choice(sorted(IMAGE_MODELS)))
@click.option(
    "--precision",
    type=click.Choice([precision.value for precision in Precision]),
    required=True,
    help="int8: convolutions in int8 by explicit Q/DQ in the ONNX file; fp16: for GPUs; bf16: OpenVINO, told so; fp32: "
    "the same file on OpenVINO.",
)
@click.option(
    "--engine",
    type=click.Choice([engine.value for engine in VERSION_ENGINES]),
    default=Engine.ONNXRUNTIME.value,
    show_default=True,
    help="What the variant runs on.",
)
@click.option(
    "--data",
    type=DataType(fewest_phantoms=FEWEST_TRAINING_PHANTOMS),
    default=f"phantoms:{COMPARED_PHANTOMS}",
    show_default=True,
    help="What variant and original are compared on: phantoms:COUNT, manifest:FILE.csv, nih:FOLDER or jsrt:FOLDER. Of "
    f"data on disk that is the validation part; int8 is calibrated on {CALIBRATION_STUDIES} studies of another.",
)
@source_options("to make it of, which is copied along", default="the newest that is no variant itself")
@entry_options
def command(
    model: str, *, precision: str, engine: str, data: Phantoms | DataOnDisk, repository: Path, **given: Any
) -> None:
    """Make a variant of MODEL, compare it with its original, and write it as a new version of its entry.

    The variant is served by a real Triton for the comparison, as it will be later. Its record names engine, precision,
    the digest of the file it was made of and the figures of the comparison. A variant of an ensemble is one of each of
    its members. Where it is for another engine than other versions of the entry, they are served no more.

    Needs the train extra. Nothing is written where the variant is too far from its original (docs/serving.md).
    """
    require_training_extra()
    from export.run import EntryVersion
    from export.variants import VariantChoice

    choice, spec = VariantChoice(engine=Engine(engine), precision=Precision(precision)), IMAGE_MODELS[model]
    target = EntryVersion(repository=repository, number=given.pop("number"))
    made = gated(SourceChoice(**given).read(repository, spec, recalibrated=True), choice, variant_studies(spec, data))
    say_parity(made.write(target), spec.head.unit)


def gated(source: "SourceVersion", choice: "VariantChoice", studies: "VariantStudies") -> "GatedVariant":
    """Make a variant and compare it as it will be served, with a bar.

    Raises:
        ParityFailed: it is too far from its original.
        ServerStartError: the server does not start.
    """
    from export.variants import gated_variant
    from tricorder.served_answers import served_answers

    with progress_bar() as bar:
        return gated_variant(source, choice, studies, answering=partial(served_answers, progress=bar))


def variant_studies(spec: ImageSpec, data: Phantoms | DataOnDisk) -> "VariantStudies":
    """Prepare the studies of a calibration and of a comparison; of one data set, and no study in both."""
    if isinstance(data, DataOnDisk):
        return _studies_on_disk(spec, data)
    with progress_bar() as bar:
        return phantom_studies(spec, count=data.count, progress=bar)


def phantom_studies(spec: ImageSpec, *, count: int, progress: Progress) -> "VariantStudies":
    """Prepare phantoms for a calibration, and so many others for a comparison."""
    from export.variants import VariantStudies
    from training.phantom_data import prepared_phantoms

    prepared = partial(prepared_phantoms, spec=spec, cache=PHANTOM_CACHE, progress=progress)
    return VariantStudies(
        calibration=prepared(Part.VALIDATION, count=CALIBRATION_STUDIES), compared=prepared(Part.PARITY, count=count)
    )


def _studies_on_disk(spec: ImageSpec, data: DataOnDisk) -> "VariantStudies":
    import numpy as np

    from export.variants import VariantStudies
    from training.datasets import (
        DataSetKind,
        DataSource,
        ImagePreparation,
        prepared_data_set,
        radiograph_recipe,
        target_of,
    )

    source = DataSource(kind=DataSetKind(data.kind), path=data.path)
    with progress_bar() as bar:
        preparation = ImagePreparation(recipe=radiograph_recipe(spec), cache=DATA_CACHE, progress=bar)
        found = prepared_data_set(source, target_of(spec), preparation, seed=SPLIT_SEED)
    say_left_out(found.left_out)
    chosen = np.random.default_rng(SPLIT_SEED).permutation(len(found.training.truth))[:CALIBRATION_STUDIES]
    name = f"{len(chosen)} studies of {found.training.name}"
    return VariantStudies(calibration=found.training.chosen(np.sort(chosen), name=name), compared=found.validation)
