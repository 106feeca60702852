"""Masks of organs as a DICOM Segmentation of the NM image that they were found on."""

import hashlib
from collections.abc import Iterable
from typing import Final

import numpy as np
from highdicom import (
    AlgorithmIdentificationSequence,
    PixelMeasuresSequence,
    PlaneOrientationSequence,
    PlanePositionSequence,
)
from highdicom.seg import (
    SegmentAlgorithmTypeValues,
    Segmentation,
    SegmentationTypeValues,
    SegmentDescription,
)
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.valuerep import DT

from client.derived_objects import ALGORITHM, ALGORITHM_NAME, Provenance
from preprocessing.frame_masks import ImageFrames
from preprocessing.organ_masks import OrganMasks
from specs.volume_head import LabeledOrgan

_SERIES_NUMBER: Final = 9001
"""Above those of usual examinations: our choice."""
_SHORT_DIGEST: Final = 32
"""Digits of a digest that Long String has room for; all of them are among the parameters of the algorithm."""


def organ_segmentation(
    source: Dataset,
    frames: ImageFrames,
    masks: OrganMasks,
    *,
    organs: Iterable[LabeledOrgan],
    provenance: Provenance,
) -> Segmentation:
    """Write masks as a Segmentation of binary segments, one an organ; an organ that was not found has no segment.

    The same masks of the same model and moment are the same object, with the same UIDs.

    Args:
        source: The NM image of many frames that the volume came from; its pixels may be left out.
        frames: Where its frames lie.
        masks: On the grid of that volume in patient axes.
        organs: Those of the model, in the order of their segment numbers, with their codes.
        provenance: Which model found them.

    Raises:
        ValueError: the masks have not the shape of the volume, or all are empty.

    Source:
        PS3.3 A.51, C.8.20.
    """
    of_organs = [(organ, masks.of(organ.name)) for organ in organs]
    found = [(organ, frames.masks(mask)) for organ, mask in of_organs if mask.any()]
    if not found:
        raise ValueError("All masks are empty: there is nothing to segment")
    pixels = np.stack([mask for _, mask in found], axis=-1).astype(np.uint8)
    content = (str(source.SOPInstanceUID), hashlib.sha256(np.packbits(pixels).tobytes()).hexdigest())
    segmentation = Segmentation(
        source_images=[_with_functional_groups(source, frames)],
        pixel_array=pixels,
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=[
            _description(number, organ, provenance) for number, (organ, _) in enumerate(found, start=1)
        ],
        series_instance_uid=provenance.uid("series", *content),
        series_number=_SERIES_NUMBER,
        sop_instance_uid=provenance.uid("instance", *content),
        instance_number=1,
        manufacturer=ALGORITHM,
        manufacturer_model_name=provenance.model,
        software_versions=provenance.software_version,
        device_serial_number="none",
        content_label="ORGANS",
        content_description=f"contract SHA-256 {provenance.contract_sha256[:_SHORT_DIGEST]}",
        series_description=f"Organs. {ALGORITHM_NAME}",
        omit_empty_frames=True,
    )
    _settle(segmentation, provenance, organization=provenance.uid("dimensions", *content))
    return segmentation


def _settle(segmentation: Segmentation, provenance: Provenance, *, organization: str) -> None:
    """Replace what highdicom made anew, a UID and the time of day, by what follows from the result, in place."""
    segmentation.DimensionOrganizationSequence[0].DimensionOrganizationUID = organization
    for item in segmentation.DimensionIndexSequence:
        item.DimensionOrganizationUID = organization
    provenance.date_series(segmentation)
    for equipment in segmentation.ContributingEquipmentSequence:
        if "ContributionDateTime" in equipment:
            equipment.ContributionDateTime = DT(provenance.made_at)


def _description(number: int, organ: LabeledOrgan, provenance: Provenance) -> SegmentDescription:
    algorithm = AlgorithmIdentificationSequence(
        name=ALGORITHM_NAME,
        family=codes.cid7162.ArtificialIntelligence,
        version=provenance.software_version,
        parameters={
            "model": f"{provenance.model} version {provenance.version}",
            "contract_sha256": provenance.contract_sha256,
        },
    )
    return SegmentDescription(
        segment_number=number,
        segment_label=organ.name,
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=Code(organ.concept.value, organ.concept.scheme, organ.concept.meaning),
        algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=algorithm,
    )


def _with_functional_groups(source: Dataset, frames: ImageFrames) -> Dataset:
    """Return the header of an NM image with the places of its frames where highdicom 0.28 looks for them.

    It takes them from functional groups, which NM of many frames does not have; the class and the UIDs stay those of
    the source, which the segmentation refers to.
    """
    proxy = Dataset()
    for element in source:
        if element.keyword not in ("PixelData", "DetectorInformationSequence"):
            proxy.add(element)
    first = frames.planes[0]
    shared = Dataset()
    shared.PlaneOrientationSequence = PlaneOrientationSequence("PATIENT", [*first.along_row, *first.along_column])
    shared.PixelMeasuresSequence = PixelMeasuresSequence(
        pixel_spacing=first.pixel_spacing_mm,
        slice_thickness=frames.spacing_mm,
        spacing_between_slices=frames.spacing_mm,
    )
    proxy.SharedFunctionalGroupsSequence = Sequence([shared])
    groups = []
    for plane in frames.planes:
        group = Dataset()
        group.PlanePositionSequence = PlanePositionSequence("PATIENT", plane.position_mm)
        groups.append(group)
    proxy.PerFrameFunctionalGroupsSequence = Sequence(groups)
    return proxy
