"""Data sets of radiographs on disk: read, checked, split by patient, prepared."""

from training.datasets.data_set import (
    DataSetKind,
    DataSource,
    PreparedDataSet,
    PreparedWhole,
    prepared_data_set,
    prepared_whole,
)
from training.datasets.split import Fold, Split, k_folds, split_patients
from training.datasets.targets import EVERY_TARGET, Finding, Quantity, Target, target_of

__all__ = [
    "EVERY_TARGET",
    "DataSetKind",
    "DataSource",
    "Finding",
    "Fold",
    "PreparedDataSet",
    "PreparedWhole",
    "Quantity",
    "Split",
    "Target",
    "k_folds",
    "prepared_data_set",
    "prepared_whole",
    "split_patients",
    "target_of",
]
