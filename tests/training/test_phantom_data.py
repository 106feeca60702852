"""Phantoms prepared without being encoded: the same tensors as from files, each data set on its own."""

import numpy as np
import pytest

from phantoms import Part, Site, image_cohort, pet_phantom
from preprocessing import Prepared, prepare
from specs.contract import ImageSpec
from training.volume_example import as_read


@pytest.mark.parametrize("site", Site)
def test_a_tensor_is_that_of_the_same_phantom_from_files(image_spec: ImageSpec, site: Site) -> None:
    phantom = image_cohort(Part.TRAINING, image_spec.recipe, count=1, site=site)[0]
    built = prepare(phantom.datasets(), image_spec.recipe)
    read = prepare(as_read(phantom.datasets()), image_spec.recipe)
    assert isinstance(built, Prepared)
    assert isinstance(read, Prepared)
    np.testing.assert_array_equal(built.tensor, read.tensor)
    assert (built.remarks, built.placement) == (read.remarks, read.placement)


def test_a_slice_that_is_changed_leaves_the_others_alone() -> None:
    first, second, *_ = pet_phantom(seed=1, index=0).datasets()
    weight = second.PatientWeight
    first.PatientWeight = weight + 1
    first.RadiopharmaceuticalInformationSequence[0].RadionuclideTotalDose = 1
    assert second.PatientWeight == weight
    assert second.RadiopharmaceuticalInformationSequence[0].RadionuclideTotalDose > 1
