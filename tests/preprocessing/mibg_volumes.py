"""Phantoms of cardiac MIBG as volumes with their true masks."""

from phantoms import MibgPhantom, MibgTime
from preprocessing import NotEligible
from preprocessing.organ_masks import OrganMasks
from preprocessing.series import Series
from preprocessing.volume import Volume, read_volume
from specs.series import SPECT_SERIES


def spect_volume(phantom: MibgPhantom, time: MibgTime) -> Volume:
    """Read the volume of a phantom as the client does."""
    volume = read_volume(Series.of([phantom.spect_dataset(time)]), SPECT_SERIES)
    assert not isinstance(volume, NotEligible), volume.reason
    return volume


def true_masks(phantom: MibgPhantom, time: MibgTime) -> OrganMasks:
    """Return the drawn masks."""
    organs = phantom.early_organs if time is MibgTime.EARLY else phantom.late_organs
    return OrganMasks(heart=organs.heart, lungs=organs.lungs, liver=organs.liver)
