"""Normalizations beside body weight, by their published values."""

import pytest

from preprocessing.body_size import (
    Sex,
    body_surface_area_cm2,
    lean_body_mass_james_kg,
    lean_body_mass_janmahasatian_kg,
    uptake_per_activity,
)


def test_the_published_unit_values_are_reproduced() -> None:
    """A man of 75 kg and 1.85 m, and 100 Bq: `calculateSUVScalingFactors.test.ts`."""
    weight_kg, height_m, dose_bq = 75.0, 1.85, 100.0
    lean = lean_body_mass_james_kg(weight_kg=weight_kg, height_m=height_m, sex=Sex.MALE)
    janma = lean_body_mass_janmahasatian_kg(weight_kg=weight_kg, height_m=height_m, sex=Sex.MALE)
    area = body_surface_area_cm2(weight_kg=weight_kg, height_m=height_m)
    assert uptake_per_activity(1000 * weight_kg, decayed_dose_bq=dose_bq) == 750
    assert uptake_per_activity(1000 * lean, decayed_dose_bq=dose_bq) == pytest.approx(627.7757487216948, rel=1e-14)
    assert uptake_per_activity(1000 * janma, decayed_dose_bq=dose_bq) == pytest.approx(609.1533588651974, rel=1e-14)
    assert uptake_per_activity(area, decayed_dose_bq=dose_bq) == pytest.approx(198.13758427117767, rel=1e-14)


def test_lean_body_masses_of_a_woman_are_those_of_their_own_formulas() -> None:
    """By hand, 60 kg and 1.60 m: 64.2 - 148 x 0.140625; 556200 / (8780 + 244 x 23.4375)."""
    assert lean_body_mass_james_kg(weight_kg=60, height_m=1.6, sex=Sex.FEMALE) == pytest.approx(43.3875)
    assert lean_body_mass_janmahasatian_kg(weight_kg=60, height_m=1.6, sex=Sex.FEMALE) == pytest.approx(
        556200 / 14498.75
    )
