"""What a table calls the quantities of a cardiac MIBG study: each name stands here alone."""

from enum import StrEnum

from specs.mibg import MibgTime


class WashoutName(StrEnum):
    """The three forms of washout from SPECT, %."""

    OF_HEART = "spect_washout_of_heart"
    BACKGROUND_CORRECTED = "spect_washout_background_corrected"
    OF_RATIO = "spect_washout_of_ratio"


def heart_counts_name(time: MibgTime) -> str:
    """Return the name of corrected mean counts of the heart, such as `heart_counts_late`."""
    return f"heart_counts_{time}"


def reference_ratio_name(time: MibgTime) -> str:
    """Return the name of the ratio of the heart to the reference region of SPECT."""
    return f"spect_heart_to_reference_{time}"


def planar_ratio_name(time: MibgTime, *, standardized: bool = False) -> str:
    """Return the name of the ratio of heart to mediastinum on planar images, as the collimator shows it or not."""
    return f"planar_heart_to_mediastinum_{time}{'_standardized' if standardized else ''}"


def organ_volume_name(organ: str, time: MibgTime) -> str:
    """Return the name of the volume of an organ in view, such as `heart_ml_early`."""
    return f"{organ}_ml_{time}"
