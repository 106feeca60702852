"""Reconstruct the real projections with PyTomography: `python pytomography_mlem.py FILE.dcm`.

In an environment with pytomography 3.4.0 it writes `pytomography_mlem.npz` beside this script: counts of the heart
after MLEM and OSEM, axes (slice, row, column). A published implementation (qurit/PyTomography, MIT) reads the same file
with its own reader and its own idea of angles, so that it checks where left, front and head are, too. No attenuation,
scatter or resolution is modeled.
"""

import sys
from pathlib import Path

import numpy as np
import pytomography
from pytomography.algorithms import OSEM
from pytomography.io.SPECT import dicom
from pytomography.likelihoods import PoissonLogLikelihood
from pytomography.projectors.SPECT import SPECTSystemMatrix

HEART = np.s_[20:44, 14:50, 14:50]

pytomography.device = "cpu"
object_meta, projection_meta = dicom.get_metadata(sys.argv[1])
matrix = SPECTSystemMatrix([], [], object_meta, projection_meta)
likelihood = PoissonLogLikelihood(matrix, dicom.get_projections(sys.argv[1]))
found = {}
for name, iterations, subsets in (("mlem", 10, 1), ("osem", 4, 6)):
    volume = OSEM(likelihood)(n_iters=iterations, n_subsets=subsets).numpy()
    found[name] = volume.transpose(2, 1, 0)[HEART].astype(np.float16)  # from (left, back, head)
np.savez_compressed(Path(__file__).with_suffix(".npz"), **found)
