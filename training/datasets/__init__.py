"""Data sets on disk: read, checked, split by patient, and those of radiographs prepared."""

from training.datasets.data_set import (
    DataSetKind,
    DataSource,
    FoldedDataSet,
    ImagePreparation,
    PreparedDataSet,
    PreparedWhole,
    labeled_set,
    prepared_data_set,
    prepared_folds,
    prepared_whole,
    radiograph_recipe,
)
from training.datasets.example import Example, ImageFile, ImageFormat, LabeledSet
from training.datasets.labeled_studies import labeled_studies
from training.datasets.split import Fold, Split, k_folds, split_patients
from training.datasets.targets import EVERY_TARGET, Finding, Quantity, Target, target_of

__all__ = [
    "EVERY_TARGET",
    "DataSetKind",
    "DataSource",
    "Example",
    "Finding",
    "Fold",
    "FoldedDataSet",
    "ImageFile",
    "ImageFormat",
    "ImagePreparation",
    "LabeledSet",
    "PreparedDataSet",
    "PreparedWhole",
    "Quantity",
    "Split",
    "Target",
    "k_folds",
    "labeled_set",
    "labeled_studies",
    "prepared_data_set",
    "prepared_folds",
    "prepared_whole",
    "radiograph_recipe",
    "split_patients",
    "target_of",
]
