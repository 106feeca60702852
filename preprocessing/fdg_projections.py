"""An FDG PET series as the input tensor of a model of two projections."""

from collections.abc import Sequence

import numpy as np
from pydicom.dataset import FileDataset

from preprocessing.eligibility import NotEligible
from preprocessing.identity import Identity
from preprocessing.picture import Picture
from preprocessing.prepared import Placement, Prepared
from preprocessing.projection import project
from preprocessing.series import Series, grouped_by_series
from preprocessing.series_choice import chosen_series
from preprocessing.suv import read_uptake
from specs.fdg_projections import FdgProjections
