"""Phantoms of cardiac MIBG as training data: the client's own tensor, and labels of the true masks beside it."""

import numpy as np
import pytest

from phantoms import MibgTime, Part, Site, mibg_cohort, mibg_phantom
from preprocessing.count_scale import in_levels
from preprocessing.mibg_study import prepare_mibg
from preprocessing.prepared_volumes import PreparedMibg
from specs.mibg_organs import MIBG_ORGANS, ORGANS
from specs.mibg_volumes import MIBG_VOLUMES_48
from training.organ_data import NEARLY_NO_UPTAKE, organ_example
from training.volume_example import as_read


@pytest.mark.parametrize("site", list(Site))
def test_an_example_is_what_the_client_sends_with_labels_of_its_shape(site: Site) -> None:
    phantom = mibg_phantom(seed=8, index=1, site=site)
    example = organ_example(phantom, MIBG_VOLUMES_48)
    prepared = prepare_mibg(as_read(phantom.spect_dataset(time) for time in MibgTime), MIBG_VOLUMES_48)
    assert isinstance(prepared, PreparedMibg)
    np.testing.assert_array_equal(example.tensor, prepared.tensor)
    assert example.target.shape == example.tensor.shape == MIBG_ORGANS.head.answer.shape
    assert example.target.dtype == np.uint8
    assert set(np.unique(example.target)) == {0, *(organ.label for organ in ORGANS.organs)}


def test_labels_lie_on_their_organs() -> None:
    example = organ_example(mibg_phantom(seed=8, index=2), MIBG_VOLUMES_48)
    for tensor, target in zip(example.tensor, example.target, strict=True):
        counts = in_levels(tensor, MIBG_VOLUMES_48.scale)
        none, heart, lungs, liver = (float(counts[target == label].mean()) for label in range(4))
        assert liver > heart > none
        assert lungs > none
        assert target[:24][target[:24] == 3].size > target[24:][target[24:] == 3].size  # the liver is at the feet


def test_facts_tell_hearts_with_almost_no_uptake() -> None:
    phantoms = list(mibg_cohort(Part.VALIDATION, count=30))
    assert {phantom.truth.nearly_no_uptake for phantom in phantoms} == {True, False}
    for wanted in (True, False):
        phantom = next(each for each in phantoms if each.truth.nearly_no_uptake is wanted)
        assert organ_example(phantom, MIBG_VOLUMES_48).facts[NEARLY_NO_UPTAKE] == float(wanted)


def test_a_phantom_that_the_recipe_refuses_is_an_error() -> None:
    recipe = MIBG_VOLUMES_48.model_copy(update={"least_extent_mm": (1000.0, 200.0, 200.0)})
    with pytest.raises(ValueError, match="not eligible"):
        organ_example(mibg_phantom(seed=8, index=1), recipe)
