"""The parameters of a chest. Each organ is one record, so that a new disease adds fields and not code paths.

Lengths are millimeters in the patient. Positions are (row, column) from the carina: rows grow toward the
feet, columns toward the patient's left, which is the right side of the image.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ThoraxAnatomy:
    """Rib cage and soft tissue around it.

    Attributes:
        half_width_mm: From the midline to the inner rib border at its widest, 110 to 170.
        apex_row_mm: Row of the lung apices, negative.
        dome_row_mm: Row of the right diaphragm dome in full inspiration.
        depth_mm: Antero-posterior diameter of the trunk.
        wall_mm: Soft tissue lateral of the ribs.
        breast_mm: Thickness of the breast shadow, 0 where there is none to be seen.
        rib_slope: Fall of a posterior rib per unit of its way outward, 0.1 to 0.6.
        bone_density: Attenuation of bone against the average adult's, 0.5 to 1.6.
        bone_texture: Strength of the trabecular pattern, 0 (even) to 1 (coarse).
    """

    half_width_mm: float
    apex_row_mm: float
    dome_row_mm: float
    depth_mm: float
    wall_mm: float
    breast_mm: float
    rib_slope: float
    bone_density: float
    bone_texture: float


@dataclass(frozen=True, kw_only=True)
class HeartAnatomy:
    """Heart chambers.

    Attributes:
        scale: Size of the whole heart against the average for this thorax, about 0.8 to 1.3.
        left_ventricle_scale: Further enlargement of the left ventricle, about 0.9 to 1.4.
        left_atrium_width_mm: Transverse width of the left atrium.
        appendage_bulge_mm: Convexity of the left atrial appendage beyond the left heart border.
        pulmonary_trunk_mm: Radius of the pulmonary trunk's arc.
        axis_deg: Angle of the long axis below the horizontal, 20 (transverse heart) to 60 (hanging heart).
        apex_rounding_mm: Convexity of the left ventricle's border beyond a pointed apex, about -8 to 18.
        valve_calcification: Calcium in the aortic valve, 0 to about 1.5; 1 for a valve full of it.
    """

    scale: float
    left_ventricle_scale: float
    left_atrium_width_mm: float
    appendage_bulge_mm: float
    pulmonary_trunk_mm: float
    axis_deg: float
    apex_rounding_mm: float
    valve_calcification: float


@dataclass(frozen=True, kw_only=True)
class MediastinumAnatomy:
    """Great vessels and airways.

    Attributes:
        aortic_knob_mm: Radius of the aortic knob.
        aortic_unfolding_mm: How far the ascending and descending aorta bulge outward.
        knob_calcification: Calcium in the wall of the aortic knob, 0 to 1.
        ascending_aorta_mm: Diameter of the ascending aorta.
        half_width_mm: Half width of the upper mediastinum.
        trachea_mm: Inner width of the trachea.
        carina_angle_deg: Angle between the main bronchi.
    """

    aortic_knob_mm: float
    aortic_unfolding_mm: float
    knob_calcification: float
    ascending_aorta_mm: float
    half_width_mm: float
    trachea_mm: float
    carina_angle_deg: float


@dataclass(frozen=True, kw_only=True)
class LungAnatomy:
    """Lung vessels and parenchyma.

    Attributes:
        vessel_mm: Caliber of a lower-zone vessel at the hilum.
        upper_zone_ratio: Caliber of upper-zone vessels over that of lower-zone vessels.
        texture: Strength of the fine parenchymal pattern, 1 on average.
        haze: Extra water in the lung bases, as a fraction of the air replaced, 0 to 0.2.
        effusion_mm: Height of pleural fluid above the costophrenic angle, 0 to 80; 0 where there is none.
    """

    vessel_mm: float
    upper_zone_ratio: float
    texture: float
    haze: float
    effusion_mm: float


@dataclass(frozen=True, kw_only=True)
class ChestAnatomy:
    """One person's chest."""

    thorax: ThoraxAnatomy
    heart: HeartAnatomy
    mediastinum: MediastinumAnatomy
    lungs: LungAnatomy
