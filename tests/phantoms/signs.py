"""Which measurements of a phantom carry which truth."""

from typing import Final

SIGNS: Final = {
    "mitral_regurgitation": (
        "left_atrium_width_mm",
        "appendage_bulge_mm",
        "carina_angle_deg",
        "upper_zone_ratio",
        "left_ventricle_scale",
        "cardiothoracic_ratio",
    ),
    "aortic_stenosis": (
        "ascending_aorta_mm",
        "valve_calcification",
        "apex_rounding_mm",
        "left_ventricle_scale",
        "cardiothoracic_ratio",
    ),
    "ejection_fraction_percent": (
        "left_ventricle_scale",
        "cardiothoracic_ratio",
        "upper_zone_ratio",
        "lung_texture",
        "effusion_mm",
    ),
    "age_years": (
        "aortic_knob_mm",
        "aortic_unfolding_mm",
        "knob_calcification",
        "rib_slope",
        "bone_density",
        "bone_texture",
    ),
}
"""The measurements that each truth changes; no other moves with it."""

FALLING: Final = {*SIGNS["ejection_fraction_percent"], "bone_density"}
"""Those of them that fall as age or ejection fraction rises."""
