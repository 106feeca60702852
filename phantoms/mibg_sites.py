"""Where cardiac MIBG is imaged: two institutions.

Neither people nor diseases differ between the sites, only the cameras, doses and times, and what is written of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from phantoms.sites import Range, Site


@dataclass(frozen=True, kw_only=True)
class MibgHabits:
    """How one institution images; probabilities, and ranges of uniform distributions.

    Attributes:
        manufacturer_model: Manufacturer's Model Name (0008,1090).
        collimator: Collimator/Grid Name (0018,1180).
        conversion: Conversion coefficient of the collimator: of a planar ratio less 1, what share it shows.
        matrix: Rows and columns of a slice.
        slices: Number of slices.
        spacing_mm: Side of a voxel.
        dose_mbq: Injected activity.
        late_hours: From the injection to the late SPECT.
        fwhm_mm: Resolution of the reconstructed volume.
        scatter: Share of the activity that lies in the halo.
        attenuation: Share of the activity that is missing deep in the body: what correction left.
        noise: Standard deviation of the noise of a voxel of 100 counts over its counts.
        sensitivity: Stored counts of a voxel of 1 kBq/ml.
        attenuation_corrected: Whether Corrected Image (0028,0051) says so.
        head_first_slice: Share whose slices are stacked from the head down, with a negative spacing between slices.
        seen_from_above: Share whose rows run from the patient's left to the right.
    """

    manufacturer_model: str
    collimator: str
    conversion: Range
    matrix: int
    slices: int
    spacing_mm: float
    dose_mbq: Range
    late_hours: Range
    fwhm_mm: Range
    scatter: Range
    attenuation: Range
    noise: Range
    sensitivity: float
    attenuation_corrected: bool
    head_first_slice: float
    seen_from_above: float


MIBG_HABITS: Final[Mapping[Site, MibgHabits]] = MappingProxyType(
    {
        Site.A: MibgHabits(
            manufacturer_model="SPECT phantom",
            collimator="MEGP",
            conversion=(0.85, 0.91),
            matrix=64,
            slices=50,
            spacing_mm=6.4,
            dose_mbq=(106, 120),
            late_hours=(3.6, 4.2),
            fwhm_mm=(12.0, 15.0),
            scatter=(0.05, 0.12),
            attenuation=(-0.05, 0.12),
            noise=(0.08, 0.14),
            sensitivity=45.0,
            attenuation_corrected=True,
            head_first_slice=0.3,
            seen_from_above=0.0,
        ),
        Site.B: MibgHabits(
            manufacturer_model="SPECT phantom, other maker",
            collimator="LEHR",
            conversion=(0.50, 0.58),
            matrix=64,
            slices=48,
            spacing_mm=6.8,
            dose_mbq=(148, 222),
            late_hours=(2.9, 4.0),
            fwhm_mm=(14.0, 18.0),
            scatter=(0.18, 0.32),
            attenuation=(0.25, 0.45),
            noise=(0.10, 0.17),
            sensitivity=18.0,
            attenuation_corrected=False,
            head_first_slice=0.7,
            seen_from_above=0.3,
        ),
    }
)
"""Matrix and voxels as of the real cardiac camera of the sample data (64 x 64, 6.8 mm); 111 MBq is usual in Japan
(Kanzaki N et al., Ann Nucl Med 1998;12:225-229), more in Europe; conversion coefficients as published for either
collimator (10.17996/anc.23-00006, 10.1007/s12350-014-9916-2). The rest is our choice, in the range of clinical
cameras."""
