"""Masks as DICOM SEG: voxel for voxel at the right place, whatever way the source is stacked; judged by others."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.sr.codedict import codes as dictionary
from pydicom.sr.coding import Code
from pydicom.uid import NuclearMedicineImageStorage, SegmentationStorage

from client.organ_segmentation import organ_segmentation
from phantoms import MibgTime, Site, mibg_phantom
from preprocessing import NotEligible
from preprocessing.frame_masks import ImageFrames, image_frames
from preprocessing.organ_masks import OrganMasks
from preprocessing.series import Series
from preprocessing.volume import Volume, read_volume
from specs.mibg_organs import ORGANS
from specs.series import SPECT_SERIES
from tests.client.derived import PROVENANCE, judged, written
from tests.preprocessing.tomography import SMALL_SPECT, Placement, counting, nuclear_image

SHAPE = (9, 7, 5)
SIDEWAYS: Placement = ((0.0, -1.0, 0.0), (0.0, 0.0, -1.0))
FROM_ABOVE: Placement = ((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def random_masks(shape: tuple[int, ...]) -> OrganMasks:
    """Return masks without any symmetry, which overlap nowhere."""
    labels = np.random.default_rng(5).integers(0, 4, shape)
    return OrganMasks(heart=labels == 1, lungs=labels == 2, liver=labels == 3)


def volume_of(ds: FileDataset) -> Volume:
    volume = read_volume(Series.of([ds]), SMALL_SPECT)
    assert isinstance(volume, Volume), volume.reason
    return volume


def segmented(source: FileDataset, masks: OrganMasks) -> FileDataset:
    return written(organ_segmentation(source, frames_of(source), masks, organs=ORGANS.organs, provenance=PROVENANCE))


def frames_of(source: FileDataset) -> ImageFrames:
    frames = image_frames(source, SMALL_SPECT)
    assert isinstance(frames, ImageFrames), frames.reason
    return frames


def voxels_of(segmentation: FileDataset) -> dict[str, set[tuple[float, ...]]]:
    """Return where the centers of each segment's voxels lie, LPS in tenths of mm: by the attributes alone."""
    names = {item.SegmentNumber: item.SegmentLabel for item in segmentation.SegmentSequence}
    shared = segmentation.SharedFunctionalGroupsSequence[0]
    orientation = np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float).reshape(2, 3)
    rows_mm, columns_mm = map(float, shared.PixelMeasuresSequence[0].PixelSpacing)
    found: dict[str, set[tuple[float, ...]]] = {name: set() for name in names.values()}
    for group, pixels in zip(segmentation.PerFrameFunctionalGroupsSequence, segmentation.pixel_array, strict=True):
        first = np.array(group.PlanePositionSequence[0].ImagePositionPatient, float)
        name = names[group.SegmentIdentificationSequence[0].ReferencedSegmentNumber]
        for row, column in np.argwhere(pixels):
            found[name].add(rounded(first + column * columns_mm * orientation[0] + row * rows_mm * orientation[1]))
    return found


def rounded(place: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple((np.rint(place * 10) + 0.0).tolist())


def places_of(volume: Volume, mask: NDArray[np.bool_]) -> set[tuple[float, ...]]:
    """Return where the centers of a mask's voxels lie, LPS in tenths of mm."""
    indices = np.argwhere(mask)[:, ::-1]
    return {rounded(place) for place in indices * np.array(volume.spacing_mm[::-1]) + np.array(volume.position_mm)}


@pytest.mark.parametrize("step_mm", [6.0, -6.0])
@pytest.mark.parametrize("directions", [((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), FROM_ABOVE, SIDEWAYS])
def test_every_voxel_of_a_mask_lies_where_it_does_in_the_volume(directions: Placement, step_mm: float) -> None:
    source = nuclear_image(counting(SHAPE), directions=directions, spacing_mm=(step_mm, 4.0, 5.0))
    volume = volume_of(source)
    masks = random_masks(volume.values.shape)
    found = voxels_of(segmented(source, masks))
    assert found == {organ.name: places_of(volume, masks.of(organ.name)) for organ in ORGANS.organs}


@pytest.mark.parametrize("site", list(Site))
def test_of_a_phantom_the_masks_come_back_through_highdicom(site: Site, tmp_path: Path) -> None:
    phantom = mibg_phantom(seed=9, index=0 if site is Site.A else 3, site=site)
    source, organs = phantom.spect_dataset(MibgTime.LATE), phantom.late_organs
    masks = OrganMasks(heart=organs.heart, lungs=organs.lungs, liver=organs.liver)
    segmentation = segmented(source, masks)
    read = highdicom.seg.Segmentation.from_dataset(segmentation)
    volume = read.get_volume(combine_segments=False, dtype=np.uint8, allow_missing_positions=True)
    # highdicom's volume, brought to our axes: to the head, the back and the left.
    turned = volume.to_patient_orientation("HPL")
    start = np.rint((np.array(turned.position)[::-1] - volume_of(source).position_mm[::-1]) / phantom.spacing_mm)
    for index, organ in enumerate(ORGANS.organs):
        shown = np.zeros_like(masks.heart)
        first = int(start[0])
        shown[first : first + turned.array.shape[0]] = turned.array[..., index]
        np.testing.assert_array_equal(shown, masks.of(organ.name))
    judged(segmentation, tmp_path)


@pytest.fixture(scope="module")
def source() -> FileDataset:
    return nuclear_image(counting(SHAPE), spacing_mm=(-6.0, 4.0, 5.0))


@pytest.fixture(scope="module")
def masks(source: FileDataset) -> OrganMasks:
    return random_masks(volume_of(source).values.shape)


def test_it_says_what_it_is_of_whom_and_from_where(source: FileDataset, masks: OrganMasks) -> None:
    found = segmented(source, masks)
    assert found.SOPClassUID == SegmentationStorage
    assert found.Modality == "SEG"
    assert (found.StudyInstanceUID, found.FrameOfReferenceUID) == (source.StudyInstanceUID, source.FrameOfReferenceUID)
    assert found.SeriesInstanceUID != source.SeriesInstanceUID
    codes = [item.SegmentedPropertyTypeCodeSequence[0].CodeValue for item in found.SegmentSequence]
    assert codes == [organ.concept.value for organ in ORGANS.organs]
    for item in found.SegmentSequence:
        assert item.SegmentAlgorithmType == "AUTOMATIC"
        assert item.SegmentAlgorithmName == "Tricorder: research, not for clinical use"
        algorithm = item.SegmentationAlgorithmIdentificationSequence[0]
        assert PROVENANCE.contract_sha256 in algorithm.AlgorithmParameters
        assert "mibg_organs version 3" in algorithm.AlgorithmParameters
    assert "not for clinical use" in found.SeriesDescription


def test_the_codes_of_organs_are_those_of_the_dictionary() -> None:
    """Those of PS3.16 CID 7166."""
    expected = [dictionary.SCT.Heart, dictionary.SCT.Lung, dictionary.SCT.Liver]
    concepts = [organ.concept for organ in ORGANS.organs]
    assert [Code(each.value, each.scheme, each.meaning) for each in concepts] == expected
    assert [each.meaning for each in concepts] == [each.meaning for each in expected]


def test_it_refers_to_the_nm_image_and_its_frames(source: FileDataset, masks: OrganMasks) -> None:
    found = segmented(source, masks)
    series = found.ReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == source.SeriesInstanceUID
    reference = series.ReferencedInstanceSequence[0]
    assert reference.ReferencedSOPClassUID == NuclearMedicineImageStorage
    assert reference.ReferencedSOPInstanceUID == source.SOPInstanceUID
    step = np.array([0, 0, -6.0])
    first = np.array(source.DetectorInformationSequence[0].ImagePositionPatient, float)
    for group in found.PerFrameFunctionalGroupsSequence:
        of_frame = group.DerivationImageSequence[0].SourceImageSequence[0]
        assert of_frame.ReferencedSOPClassUID == NuclearMedicineImageStorage
        place = first + (int(of_frame.ReferencedFrameNumber) - 1) * step
        np.testing.assert_allclose(group.PlanePositionSequence[0].ImagePositionPatient, place)


def contents(ds: Dataset) -> dict[str, object]:
    return {element.keyword: element.value for element in ds}


def test_the_same_result_is_the_same_object_and_another_one_is_another(source: FileDataset, masks: OrganMasks) -> None:
    def made(masks: OrganMasks, **changes: Any) -> FileDataset:
        provenance = replace(PROVENANCE, **changes)
        frames = frames_of(source)
        return written(organ_segmentation(source, frames, masks, organs=ORGANS.organs, provenance=provenance))

    first = made(masks)
    assert contents(first) == contents(made(masks))
    others = [
        made(replace(masks, heart=~masks.heart)),
        made(masks, contract_sha256="f" * 64),
        made(masks, made_at=PROVENANCE.made_at + timedelta(seconds=1)),
    ]
    assert len({first.SOPInstanceUID, *(other.SOPInstanceUID for other in others)}) == 4


def test_the_source_is_left_as_it_was(source: FileDataset, masks: OrganMasks) -> None:
    before = contents(source)
    segmented(source, masks)
    assert contents(source) == before


def test_an_organ_that_was_not_found_has_no_segment(source: FileDataset, masks: OrganMasks, tmp_path: Path) -> None:
    faint = replace(masks, heart=np.zeros_like(masks.heart))
    found = segmented(source, faint)
    assert [item.SegmentLabel for item in found.SegmentSequence] == ["lungs", "liver"]
    nothing = np.zeros_like(masks.heart)
    with pytest.raises(ValueError, match="nothing to segment"):
        segmented(source, OrganMasks(heart=nothing, lungs=nothing, liver=nothing))


def test_what_is_no_volume_is_not_eligible_and_masks_of_another_shape_are_refused(source: FileDataset) -> None:
    few = image_frames(nuclear_image(counting((3, 4, 4))), SPECT_SERIES)
    assert isinstance(few, NotEligible)
    oblique = nuclear_image(counting(SHAPE), directions=((0.8, 0.6, 0.0), (-0.6, 0.8, 0.0)))
    tilted = image_frames(oblique, SMALL_SPECT)
    assert isinstance(tilted, NotEligible)
    assert "degrees" in tilted.reason
    with pytest.raises(ValueError, match="shape of the volume"):
        segmented(source, random_masks((8, 7, 5)))
