"""A cardiac MIBG study as the input tensor of a model: its early and its late volume."""

from collections.abc import Sequence

import numpy as np
from pydicom.dataset import FileDataset

from preprocessing.centered_grid import centered
from preprocessing.count_correction import count_correction, decay_only
from preprocessing.count_scale import WireCounts, on_wire
from preprocessing.eligibility import NotEligible
from preprocessing.identity import Identity
from preprocessing.image_header import without_pixels
from preprocessing.mibg_acquisitions import SpectImage, planar_image, spect_pair
from preprocessing.planar_image import PlanarImage
from preprocessing.prepared_volumes import MibgTimePoint, PreparedMibg
from preprocessing.series import Series
from preprocessing.unknown import Unknown
from preprocessing.volume import Volume, read_volume
from specs.mibg import MibgTime
from specs.mibg_volumes import MibgVolumes


def prepare_mibg(study: Sequence[FileDataset], recipe: MibgVolumes) -> PreparedMibg | NotEligible:
    """Bring the early and the late volume of a study to the wire, with all that an answer is read by.

    What is not known of dose, weight or planar images is no reason to refuse the study: it is kept with its reason.

    Args:
        study: Its data sets in any order.
        recipe: Rules, grid and scale.

    Returns:
        The tensor, axes (time, slice, row, column), early first; or why the study is not eligible.

    Raises:
        InputError: an image of the accepted kind is broken.
    """
    pair = spect_pair(study, recipe)
    if isinstance(pair, NotEligible):
        return pair
    found = []
    for time, image in zip(MibgTime, (pair.early, pair.late), strict=True):
        read = _read(image, time, recipe)
        if isinstance(read, NotEligible):
            return read
        volume, tensor = read
        found.append((tensor, _time_point(image, volume, planar=planar_image(study, time, recipe), recipe=recipe)))
    (early, early_point), (late, late_point) = found
    return PreparedMibg(
        identity=Identity.of_all([pair.early.ds, pair.late.ds]),
        tensor=np.stack([early, late]),
        early=early_point,
        late=late_point,
        remarks=pair.remarks,
    )


def _read(image: SpectImage, time: MibgTime, recipe: MibgVolumes) -> tuple[Volume, WireCounts] | NotEligible:
    volume = read_volume(Series.of([image.ds]), recipe.series)
    if isinstance(volume, NotEligible):
        return volume
    tensor = on_wire(centered(volume, recipe.grid), recipe.scale)
    if tensor is None:
        return NotEligible(identity=Identity.of(image.ds), reasons=(f"its {time} volume is almost empty",))
    return volume, tensor


def _time_point(
    image: SpectImage, volume: Volume, *, planar: PlanarImage | Unknown, recipe: MibgVolumes
) -> MibgTimePoint:
    correction = count_correction(image.ds, recipe.count_rules)
    return MibgTimePoint(
        volume=volume,
        source=without_pixels(image.ds),
        frames=image.frames,
        correction=Unknown(reason=correction.reason) if isinstance(correction, NotEligible) else correction,
        decay=decay_only(image.ds, recipe.count_rules),
        planar=planar,
    )
