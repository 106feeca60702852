"""What a perfect reader would measure on a phantom: its truth, taken from the shapes that are drawn."""

from phantoms.anatomy import ChestAnatomy
from phantoms.aorta import place_aorta
from phantoms.disease import HeartDisease
from phantoms.heart import place_heart
from phantoms.population import Patient
from phantoms.shapes import Points
from phantoms.thorax import costophrenic_angles, upper_zones
from phantoms.truth import Box, ChestTruth
from phantoms.view import View


def measure(anatomy: ChestAnatomy, *, disease: HeartDisease, patient: Patient, view: View) -> ChestTruth:
    """Return the truth of a chest in a view."""
    heart = place_heart(anatomy, view)
    aorta = place_aorta(anatomy, view, heart)
    mediastinum, thorax, grid = anatomy.mediastinum, anatomy.thorax, view.grid
    return ChestTruth(
        mitral_regurgitation=disease.mitral_regurgitation,
        aortic_stenosis=disease.aortic_stenosis,
        ejection_fraction_percent=disease.ejection_fraction_percent,
        age_years=patient.age_years,
        sex=patient.sex,
        projection=view.projection,
        cardiothoracic_ratio=heart.width_mm / (2 * thorax.half_width_mm),
        left_atrium_width_mm=anatomy.heart.left_atrium_width_mm,
        appendage_bulge_mm=anatomy.heart.appendage_bulge_mm,
        carina_angle_deg=mediastinum.carina_angle_deg,
        upper_zone_ratio=anatomy.lungs.upper_zone_ratio,
        ascending_aorta_mm=mediastinum.ascending_aorta_mm,
        valve_calcification=anatomy.heart.valve_calcification,
        apex_rounding_mm=anatomy.heart.apex_rounding_mm,
        left_ventricle_scale=anatomy.heart.left_ventricle_scale,
        lung_texture=anatomy.lungs.texture,
        effusion_mm=anatomy.lungs.effusion_mm,
        aortic_knob_mm=mediastinum.aortic_knob_mm,
        aortic_unfolding_mm=mediastinum.aortic_unfolding_mm,
        knob_calcification=mediastinum.knob_calcification,
        rib_slope=thorax.rib_slope,
        bone_density=thorax.bone_density,
        bone_texture=thorax.bone_texture,
        heart=heart.heart_box(grid),
        left_atrium=heart.left_atrium_box(grid),
        left_ventricle=heart.left_ventricle_box(grid),
        aortic_root=aorta.root_box(grid),
        aortic_knob=aorta.knob_box(grid),
        upper_zones=_boxes(view, upper_zones(anatomy)),
        costophrenic_angles=_boxes(view, costophrenic_angles(anatomy, view)),
    )


def _boxes(view: View, corners_mm: tuple[Points, Points]) -> tuple[Box, Box]:
    right, left = corners_mm
    return view.grid.bounding_box(right), view.grid.bounding_box(left)
