"""Enhanced PET images: which are one stack of slices in a unit that is accepted."""

import pytest
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from preprocessing import NotEligible
from preprocessing.errors import MissingAttribute
from preprocessing.grid import read_grid
from tests.preprocessing.tomography import (
    SMALL_PET,
    as_read,
    counting,
    enhanced_pet,
    refusal,
)

STORED = counting((6, 2, 3))


def test_an_enhanced_image_of_several_stacks_times_or_projections_is_refused() -> None:
    ds = enhanced_pet(STORED, VolumetricProperties="SAMPLED")
    contents = [frame.FrameContentSequence[0] for frame in ds.PerFrameFunctionalGroupsSequence]
    contents[0].StackID, contents[1].TemporalPositionIndex = "2", 2
    ds.SharedFunctionalGroupsSequence[0].PETFrameTypeSequence[0].FrameType = ["DERIVED", "PRIMARY", "STATIC", "MAX_IP"]
    assert refusal([ds]) == (
        "its volumetric properties are not those of a volume",
        "it holds several stacks",
        "it is dynamic: it holds several time points",
        "frame type is MAX_IP: computed to be looked at, not measured",
    )


def test_an_enhanced_image_without_a_mapping_to_an_accepted_unit_is_refused() -> None:
    lean = enhanced_pet(STORED, unit=codes.UCUM.StandardizedUptakeValueLeanBodyMassJames)
    assert refusal([lean]) == ("its unit is not stated, or not one of BQML, CNTS, GML",)


def test_an_enhanced_image_that_a_technique_computed_from_the_volume_is_refused() -> None:
    ds = enhanced_pet(STORED)
    ds.SharedFunctionalGroupsSequence[0].PETFrameTypeSequence[0].VolumeBasedCalculationTechnique = "VOLUME_RENDER"
    assert refusal([ds]) == ("frame type is VOLUME_RENDER: computed to be looked at, not measured",)


def test_a_unit_of_another_coding_scheme_is_none_that_is_known() -> None:
    assert refusal([enhanced_pet(STORED, unit=Code("Bq/ml", "99LOCAL", "becquerel"))]) == (
        "its unit is not stated, or not one of BQML, CNTS, GML",
    )


def test_gates_of_an_enhanced_image_are_refused() -> None:
    ds = enhanced_pet(STORED)
    for delay_ms, frame in enumerate(ds.PerFrameFunctionalGroupsSequence):
        frame.CardiacSynchronizationSequence = [Dataset()]
        frame.CardiacSynchronizationSequence[0].NominalCardiacTriggerDelayTime = 100.0 * delay_ms
    assert refusal([ds]) == ("it is gated, so that there are several time points of each slice",)


def test_of_several_mappings_of_an_enhanced_image_the_unit_is_chosen_that_the_rules_name_first() -> None:
    ds, other = enhanced_pet(STORED, unit=codes.UCUM.StandardizedUptakeValueBodyWeight), enhanced_pet(STORED)
    for frame, second in zip(ds.PerFrameFunctionalGroupsSequence, other.PerFrameFunctionalGroupsSequence, strict=True):
        second.RealWorldValueMappingSequence[0].RealWorldValueSlope = 5.0
        frame.RealWorldValueMappingSequence.append(second.RealWorldValueMappingSequence[0])
    grid = read_grid(as_read([ds]), SMALL_PET)
    assert not isinstance(grid, NotEligible)
    assert grid.unit == "BQML"
    assert (grid.values == 5.0 * STORED).all()


def test_an_enhanced_image_with_fewer_groups_than_frames_is_an_error() -> None:
    ds = enhanced_pet(STORED)
    del ds.PerFrameFunctionalGroupsSequence[-1]
    with pytest.raises(MissingAttribute, match="PerFrameFunctionalGroupsSequence"):
        read_grid(as_read([ds]), SMALL_PET)
