"""Data sets of radiographs on disk: read, checked, split by patient, prepared."""

from training.datasets.data_set import DataSetKind, DataSource, PreparedDataSet, prepared_data_set
from training.datasets.split import Fold, Split, k_folds, split_patients
from training.datasets.targets import TARGETS, Finding, Quantity, Target

__all__ = [
    "TARGETS",
    "DataSetKind",
    "DataSource",
    "Finding",
    "Fold",
    "PreparedDataSet",
    "Quantity",
    "Split",
    "Target",
    "k_folds",
    "prepared_data_set",
    "split_patients",
]
