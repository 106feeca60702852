"""Manifests of the aortic stenosis models, and the faults that loading one finds."""

from pathlib import Path

import pytest

from specs import SPECS
from specs.recipe import CHEST_RADIOGRAPH_320
from tests.training.tiny import silent_progress
from training.datasets.data_set import DataSetKind, DataSource, ImagePreparation, PreparedDataSet, prepared_data_set
from training.datasets.errors import ManifestFaults
from training.datasets.manifest_columns import radiograph_columns
from training.datasets.targets import Target, target_of

STENOSIS = target_of(SPECS["aortic_stenosis"])
COLUMNS = radiograph_columns(CHEST_RADIOGRAPH_320)

Row = dict[str, object]


def sound_rows(count: int = 12) -> list[Row]:
    return [
        {"path": f"{number}.png", "patient": f"P{number}", "aortic_stenosis": number % 2} for number in range(count)
    ]


def load(file: Path, target: Target = STENOSIS) -> PreparedDataSet:
    source = DataSource(kind=DataSetKind.MANIFEST, path=file)
    with silent_progress() as progress:
        preparation = ImagePreparation(recipe=CHEST_RADIOGRAPH_320, cache=file.parent / "cache", progress=progress)
        return prepared_data_set(source, target, preparation, seed=0)


def faults_of(file: Path, target: Target = STENOSIS) -> set[tuple[int, str, str]]:
    with pytest.raises(ManifestFaults) as caught:
        load(file, target)
    return {(fault.line, fault.column, fault.what) for fault in caught.value.faults}


def one_fault(file: Path, target: Target = STENOSIS) -> tuple[int, str, str]:
    (fault,) = faults_of(file, target)
    return fault
