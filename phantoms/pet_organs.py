"""Physiological uptake: what glows in a person without any disease, and how much it varies.

Source:
    Wang et al., Standardized uptake value atlas, 10.1007/s11307-006-0075-y: cerebellum 8.0 ± 2.2, soft palate 2.9 ±
    0.9, palatine tonsils 3.5 ± 1.4, sublingual glands 3.3 ± 1.5, testes 2.6 ± 0.6. That brain, urinary tract and
    sometimes heart, bowel, muscle and brown fat glow is general knowledge. Positions and all other values are our
    choice.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from phantoms.pet_body import ScannedPerson, body_shapes, place, scaled
from phantoms.pet_lesions import LEFT_LUNG, LIVER, PAROTIDS, RIGHT_LUNG, SPLEEN, SUBMANDIBULAR_GLANDS
from phantoms.pet_shapes import Blob, Shape, Triple, Tube
from phantoms.truth import Sex

_MARROW: Final = (
    (-430.0, 58.0, 0.0, 17.0, 21.0),
    (-320.0, 44.0, 0.0, 17.0, 20.0),
    (-200.0, 50.0, 0.0, 16.0, 18.0),
    (-60.0, 62.0, 0.0, 14.0, 15.0),
    (60.0, 48.0, 0.0, 12.0, 13.0),
    (200.0, 26.0, 0.0, 9.0, 10.0),
)
_AORTA: Final = (
    (-330.0, 30.0, 2.0, 8.0, 8.0),
    (-200.0, 38.0, 10.0, 10.0, 10.0),
    (-60.0, 44.0, 20.0, 12.0, 12.0),
    (32.0, 30.0, 20.0, 12.0, 12.0),
)
_COLON: Final = (
    ((-395.0, 5.0, -98.0, 22.0, 22.0), (-250.0, 5.0, -102.0, 18.0, 18.0)),
    ((-420.0, 10.0, 92.0, 15.0, 15.0), (-220.0, 15.0, 106.0, 15.0, 15.0)),
    ((-478.0, 38.0, 8.0, 16.0, 18.0), (-430.0, 35.0, 50.0, 14.0, 16.0)),
)


@dataclass(frozen=True, kw_only=True)
class Physiology:
    """How much the organs of one person take up, g/ml, and what else glows.

    Attributes:
        habitus: Factor on every organ: a heavy person's SUV by weight is high, as fat takes little.
        liver_suv: Liver.
        blood_suv: Blood.
        marrow_suv: Bone marrow.
        brain_suv: Gray matter.
        myocardium_suv: Left ventricular wall.
        bowel_suv: Typical segment of bowel.
        kidney_suv: Renal cortex.
        urine_suv: Urine in the bladder.
        bladder_mm: Mean semi-axis of the bladder.
        muscle_suv: Muscle.
        brown_fat_suv: Brown fat, 0 where there is none to be seen.
        reactive_suv: Reactive nodes of the hila, 0 where there are none to be seen.
    """

    habitus: float
    liver_suv: float
    blood_suv: float
    marrow_suv: float
    brain_suv: float
    myocardium_suv: float
    bowel_suv: float
    kidney_suv: float
    urine_suv: float
    bladder_mm: float
    muscle_suv: float
    brown_fat_suv: float
    reactive_suv: float


def draw_physiology(rng: np.random.Generator, person: ScannedPerson) -> Physiology:
    """Draw how much the organs of a person take up; nothing of it depends on the disease."""
    habitus = float(np.clip((person.weight_kg / person.height_m**2 / 22.5) ** 0.4, 0.85, 1.25))
    brown_fat = rng.random() < (0.10 if person.age_years < 45 else 0.03)
    reactive = rng.random() < 0.004 * person.age_years
    return Physiology(
        habitus=habitus,
        liver_suv=2.2 * _spread(rng, 0.14),
        blood_suv=1.6 * _spread(rng, 0.13),
        marrow_suv=1.4 * _spread(rng, 0.25),
        brain_suv=10.0 * _spread(rng, 0.25),
        myocardium_suv=float(np.clip(3.2 * _spread(rng, 0.8), 1.2, 16)),
        bowel_suv=float(np.clip(1.8 * _spread(rng, 0.5), 0.8, 8)),
        kidney_suv=3.0 * _spread(rng, 0.25),
        urine_suv=float(np.clip(18 * _spread(rng, 0.6), 4, 70)),
        bladder_mm=float(rng.uniform(20, 46)),
        muscle_suv=0.70 * _spread(rng, 0.15) + (float(rng.uniform(0.3, 1.2)) if rng.random() < 0.06 else 0.0),
        brown_fat_suv=float(rng.uniform(3, 9)) if brown_fat else 0.0,
        reactive_suv=float(rng.uniform(2.2, 4.0)) if reactive else 0.0,
    )


def draw_organs(rng: np.random.Generator, person: ScannedPerson, physiology: Physiology) -> list[Shape]:
    """Return everything that takes up tracer without disease, in the order to paint it."""
    habitus = physiology.habitus
    shapes = body_shapes(person, fat_suv=0.3, muscle_suv=physiology.muscle_suv)
    head, chest, abdomen, pelvis = rng.spawn(4)
    inner = [
        *_chest(chest, physiology),
        *_abdomen(abdomen, physiology),
        *_pelvis(pelvis, physiology, person),
    ]
    shapes += [_grown(replace(shape, suv=shape.suv * habitus), person.organ_scale) for shape in inner]
    return shapes + [_grown(shape, person.head_scale) for shape in _head_and_neck(head, physiology, person)]


def _spread(rng: np.random.Generator, sigma: float) -> float:
    return float(np.exp(rng.normal(0, sigma)))


def _grown(shape: Shape, scale: Triple) -> Shape:
    if isinstance(shape, Blob):
        return replace(place(shape, scale), semi_mm=scaled(shape.semi_mm, scale))
    knots = tuple(
        (knot[0] * scale[0], knot[1] * scale[1], knot[2] * scale[2], knot[3] * scale[1], knot[4] * scale[2])
        for knot in shape.knots
    )
    return replace(shape, knots=knots)


def _pair(center_mm: Triple, semi_mm: Triple, suv: float) -> list[Blob]:
    head, back, left = center_mm
    return [Blob(center_mm=(head, back, side * left), semi_mm=semi_mm, suv=suv) for side in (-1, 1)]


def _head_and_neck(rng: np.random.Generator, physiology: Physiology, person: ScannedPerson) -> list[Shape]:
    gray = physiology.brain_suv
    palate, tonsils, sublingual = rng.normal((2.9, 3.5, 3.3), (0.8, 1.3, 1.4)).clip(1.2, 8).tolist()
    tonsils *= 1.2 - person.age_years / 250  # falls with age, as in the atlas
    glands = _spread(rng, 0.25)
    thyroid = 1.4 * _spread(rng, 0.2) + (float(rng.uniform(1.5, 5)) if rng.random() < 0.06 else 0.0)
    cords = float(rng.uniform(1.2, 4.0))
    shapes: list[Shape] = [
        Blob(center_mm=(322, -8, 0), semi_mm=(60, 80, 64), suv=gray),
        Blob(center_mm=(318, -8, 0), semi_mm=(36, 56, 42), suv=0.45 * gray),
        *_pair((312, -12, 20), (14, 20, 11), 1.1 * gray),
        Blob(center_mm=(266, 44, 0), semi_mm=(22, 28, 46), suv=0.85 * gray),
        *(replace(gland, suv=gland.suv * glands) for gland in (*PAROTIDS, *SUBMANDIBULAR_GLANDS)),
        Blob(center_mm=(228, -34, 0), semi_mm=(9, 14, 16), suv=palate),
        *_pair((205, -22, 17), (11, 8, 6), tonsils),
        Blob(center_mm=(186, -62, 0), semi_mm=(8, 12, 18), suv=sublingual),
        Blob(center_mm=(136, -28, 0), semi_mm=(6, 9, 9), suv=cords),
        *_pair((106, -24, 17), (20, 9, 8), thyroid),
    ]
    if physiology.brown_fat_suv:
        shapes += _brown_fat(rng, physiology.brown_fat_suv)
    return shapes


def _brown_fat(rng: np.random.Generator, suv: float) -> list[Shape]:
    """Return brown fat above the collar bones and beside the spine: what may be mistaken for cervical nodes."""
    shapes: list[Shape] = []
    for left in (45.0, 65.0, 88.0, 112.0):
        semi = rng.uniform(6, 12, 3).tolist()
        shapes += _pair((104.0 - 0.15 * left, 14.0, left), (semi[0], semi[1], semi[2]), suv * _spread(rng, 0.2))
    for head in (60.0, 20.0, -20.0):
        shapes += _pair((head, 60.0, 24.0), (5.0, 5.0, 5.0), 0.5 * suv)
    return shapes


def _chest(rng: np.random.Generator, physiology: Physiology) -> list[Shape]:
    blood, wall = physiology.blood_suv, physiology.myocardium_suv
    lungs = _spread(rng, 0.15)
    shift = float(rng.normal(0, 6))
    esophagus = 1.5 * _spread(rng, 0.25)
    shapes: list[Shape] = [
        *(replace(lung, suv=lung.suv * lungs) for lung in (RIGHT_LUNG, LEFT_LUNG)),
        Blob(center_mm=(-20, -8, 4), semi_mm=(105, 46, 34), suv=1.2),
        Tube(knots=_MARROW, suv=physiology.marrow_suv),
        Tube(knots=((-110.0, -92.0, 0.0, 7.0, 17.0), (40.0, -84.0, 0.0, 7.0, 18.0)), suv=0.8 * physiology.marrow_suv),
        Tube(knots=_AORTA, suv=blood),
        Blob(center_mm=(36, -4, 8), semi_mm=(18, 42, 16), suv=blood),
        Tube(knots=((-170.0, 36.0, 12.0, 6.0, 6.0), (60.0, 32.0, 4.0, 6.0, 6.0)), suv=esophagus),
        Blob(center_mm=(-72, -30, 8 + shift), semi_mm=(50, 44, 50), suv=blood),
        Blob(center_mm=(-88, -38, 46 + shift), semi_mm=(32, 34, 44), suv=max(wall, 0.9 * blood), tilt_deg=35),
        Blob(center_mm=(-82, -36, 40 + shift), semi_mm=(20, 22, 36), suv=blood, tilt_deg=35),
    ]
    if physiology.reactive_suv:
        for head, left in ((-15.0, 42.0), (15.0, 22.0)):
            shapes += _pair((head, 4.0, left), (7.0, 6.0, 6.0), physiology.reactive_suv)
    return shapes


def _abdomen(rng: np.random.Generator, physiology: Physiology) -> list[Shape]:
    liver, cortex = physiology.liver_suv, physiology.kidney_suv
    pelvis_suv = np.clip(9 * np.exp(rng.normal(0, 0.7, 2)), 2, 40).tolist()
    shapes: list[Shape] = [
        replace(LIVER, suv=liver),
        Blob(center_mm=(-160, -46, -8), semi_mm=(38, 38, 62), suv=liver),
        replace(SPLEEN, suv=0.85 * liver),
        Blob(center_mm=(-188, -24, 62), semi_mm=(40, 32, 34), suv=2.0 * _spread(rng, 0.35)),
        Blob(center_mm=(-188, -24, 62), semi_mm=(28, 22, 24), suv=0.8),
    ]
    for side, suv in zip((-1, 1), pelvis_suv, strict=True):
        head = -258.0 if side < 0 else -242.0
        shapes.append(Blob(center_mm=(head, 48, side * 62), semi_mm=(52, 26, 26), suv=cortex, tilt_deg=-12 * side))
        shapes.append(Blob(center_mm=(head, 42, side * 52), semi_mm=(20, 10, 9), suv=suv))
        if rng.random() < 0.4:
            low = float(rng.uniform(-440, -340))
            knots = ((low, 24.0, side * 36.0, 3.0, 3.0), (low + 50, 26.0, side * 38.0, 3.0, 3.0))
            shapes.append(Tube(knots=knots, suv=0.8 * suv))
    return shapes + _bowel(rng, physiology.bowel_suv)


def _bowel(rng: np.random.Generator, suv: float) -> list[Shape]:
    shapes: list[Shape] = [Tube(knots=knots, suv=suv * _spread(rng, 0.4)) for knots in _COLON]
    for left in np.linspace(-90, 95, 7).tolist():
        sag = -265 - 35 * float(np.cos(left / 60)) + float(rng.normal(0, 8))
        center = (sag, -52 + 0.002 * left**2, left)
        shapes.append(Blob(center_mm=center, semi_mm=(14, 15, 20), suv=suv * _spread(rng, 0.35)))
    for _ in range(14):
        head, back, left = rng.normal((-345, -28, 0), (40, 18, 42)).tolist()
        semi = rng.uniform(9, 20, 3).tolist()
        center = (head, float(np.clip(back, -60, 10)), left)
        shapes.append(Blob(center_mm=center, semi_mm=(semi[0], semi[1], semi[2]), suv=0.8 * suv * _spread(rng, 0.4)))
    return shapes


def _pelvis(rng: np.random.Generator, physiology: Physiology, person: ScannedPerson) -> list[Shape]:
    marrow, size = 0.9 * physiology.marrow_suv, physiology.bladder_mm
    wide, deep = rng.uniform(0.9, 1.3), rng.uniform(0.8, 1.1)
    shapes: list[Shape] = [
        *_pair((-420, 42, 76), (48, 18, 30), marrow),
        *_pair((-505, 14, 88), (22, 20, 20), 0.8 * marrow),
        Blob(
            center_mm=(-500 + 0.5 * size, -22, float(rng.normal(0, 4))),
            semi_mm=(0.85 * size, deep * size, wide * size),
            suv=physiology.urine_suv / physiology.habitus,
        ),
    ]
    if person.sex is Sex.MALE:
        testes = float(np.clip(rng.normal(2.6, 0.6), 1.2, 4.5))
        shapes += _pair((-590, -48, 16), (20, 13, 12), testes)
    return shapes
