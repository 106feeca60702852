"""What labels of heart, lungs and liver say of a cardiac MIBG study: quantities, a picture, DICOM segmentations."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from client.derived_objects import Provenance
from client.engine import ServedModel
from client.errors import ContractError
from client.organ_picture import PictureTime, organ_picture
from client.volume_results import NamedObject, VolumeResult
from preprocessing.mibg_names import WashoutName, heart_counts_name, reference_ratio_name
from preprocessing.mibg_quantities import MaskedTime, Quantity, mibg_quantities, planar_regions, unknown_lines
from preprocessing.organ_labels import organ_masks
from preprocessing.prepared_volumes import PreparedMibg
from specs.mibg import MibgTime
from specs.mibg_volumes import MibgVolumes
from specs.volume_head import OrganLabels

_SUMMARIZED: Final = (heart_counts_name(MibgTime.LATE), reference_ratio_name(MibgTime.LATE), WashoutName.OF_HEART)
"""What a table has room for."""


def organ_result(
    model: ServedModel, prepared: PreparedMibg, labels: NDArray[np.uint8], *, delivered: bool
) -> VolumeResult:
    """Measure a study by the labels that a model gave it.

    What is unknown is no measurement: the summary and the picture say why.

    Args:
        model: Which gave the labels.
        prepared: What it was given.
        labels: Of the shape of the tensor, early first.
        delivered: Whether a picture and segmentations are wanted too.

    Raises:
        ContractError: the model does not answer a MIBG study with organs.
        ValueError: the labels are not of the shape of the tensor.
    """
    recipe, head = _declared(model)
    early, late = (
        MaskedTime(time=time, point=point, masks=organ_masks(found, point.volume, recipe=recipe, head=head))
        for time, point, found in zip(MibgTime, (prepared.early, prepared.late), labels, strict=True)
    )
    quantities = mibg_quantities(early, late, recipe)
    measurements = tuple(each.measurement for each in quantities if each.measurement is not None)
    return VolumeResult(
        summary=_summary(quantities),
        measurements=measurements,
        picture=_picture(early, late, quantities, recipe) if delivered else None,
        objects=tuple(_segmentations(model, head, (early, late))) if delivered else (),
        masks=(early.masks, late.masks),
    )


def _picture(
    early: MaskedTime, late: MaskedTime, quantities: Sequence[Quantity], recipe: MibgVolumes
) -> NDArray[np.uint8]:
    shown = [PictureTime(masked=each, regions=planar_regions(each, recipe)) for each in (early, late)]
    return organ_picture(shown[0], shown[1], quantities)


def _declared(model: ServedModel) -> tuple[MibgVolumes, OrganLabels]:
    spec = model.contract.spec
    if not isinstance(spec.recipe, MibgVolumes) or not isinstance(spec.head, OrganLabels):
        raise ContractError(model=model.name, what="it does not answer a MIBG study with organs")
    return spec.recipe, spec.head


def _summary(quantities: Sequence[Quantity]) -> str:
    """Say what a table has room for, then what is unknown and why."""
    known = [str(each.measurement) for each in quantities if each.name in _SUMMARIZED and each.measurement is not None]
    return "; ".join([*known, *unknown_lines(quantities)])


def _segmentations(model: ServedModel, head: OrganLabels, times: Sequence[MaskedTime]) -> Iterator[NamedObject]:
    """Write the masks of each time as a segmentation of its image; none where nothing was found."""
    from client.organ_segmentation import organ_segmentation  # brings highdicom, slow to import

    provenance = Provenance.of(model, made_at=datetime.now())  # DICOM times are local: PS3.5 6.2
    for each in times:
        if each.masks.any_organ.any():
            ds = organ_segmentation(
                each.point.source,
                each.point.frames,
                each.masks,
                time=each.time,
                organs=head.organs,
                provenance=provenance,
            )
            yield NamedObject(name=f"organs_{each.time}", ds=ds)
