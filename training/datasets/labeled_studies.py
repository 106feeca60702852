"""What a model is measured on of a data set on disk: radiographs, or studies of volumes that a manifest names."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from specs.contract import AnswerSpec
from specs.faults import Fault
from specs.fdg_projections import FdgProjections
from specs.recipe import AnswerStudyRecipe, FrontalChestRadiograph
from specs.striatal_recipes import StriatalFeatures, StriatalImage
from training.datasets.data_set import DataSetKind, DataSource, labeled_set
from training.datasets.errors import ManifestFaults, OfRadiographsOnly
from training.datasets.example import LabeledSet
from training.datasets.manifest import LabeledRow, read_manifest
from training.datasets.manifest_columns import PATH, study_columns
from training.datasets.targets import Target, target_of


def labeled_studies(source: DataSource, spec: AnswerSpec) -> LabeledSet:
    """Read the tables of a data set for a model of radiographs or of volumes.

    No image is opened, and no folder of a study is looked into.

    Args:
        source: Which data set.
        spec: What must be known of a study, and which studies are meant.

    Raises:
        DataSetError: the tables are not sound, or say nothing of the target; or the model takes volumes, and the data
            set is no manifest.
        UnreadableFile: the manifest cannot be read.
    """
    target = target_of(spec)
    match spec.recipe:
        case FrontalChestRadiograph():
            return labeled_set(source, target, spec.recipe)
        case FdgProjections() | StriatalFeatures() | StriatalImage():
            if source.kind is not DataSetKind.MANIFEST:
                raise OfRadiographsOnly(model=spec.name)
            return _studies_of_manifest(source, target, spec.recipe)
        case _:
            assert_never(spec.recipe)


def _studies_of_manifest(source: DataSource, target: Target, recipe: AnswerStudyRecipe) -> LabeledSet:
    manifest = read_manifest(source.path, target, study_columns(recipe, target))
    faults = [*manifest.faults, *_studies_within_others(manifest.rows)]
    if faults:
        raise ManifestFaults(faults=faults)
    described = "studies of a manifest of the user's own"
    return replace(manifest.labeled_set(), description=described, modality=recipe.series.modality)


def _studies_within_others(rows: Iterable[LabeledRow]) -> Iterator[Fault]:
    """Yield the rows whose files are among those of another row, which may be of another patient."""
    line_of = {row.image.path: row.line for row in rows if row.image is not None}
    for path, line in line_of.items():
        around = next((line_of[folder] for folder in path.parents if folder in line_of), None)
        if around is not None:
            yield Fault(line=line, column=PATH, what=f"it lies in the folder of line {around}")
