"""The lesions of a patient: nodes of each positive region, and the patterns of each disease in the other organs.

Source:
    Lungs in sarcoidosis: many small lesions along the perihilar vessels of the upper and middle zones; parotids:
    both, evenly (panda sign, 10.1007/s00259-010-1679-7); liver and spleen: many small nodules. Lymphoma: few masses,
    an enlarged spleen, one gland. Numbers and sizes are our choice throughout.
"""

from collections.abc import Mapping
from typing import assert_never

import numpy as np

from phantoms.pet_body import ScannedPerson, place, trunk
from phantoms.pet_disease import Appearance
from phantoms.pet_nodes import STATIONS, draw_nodes
from phantoms.pet_shapes import Blob, Triple
from phantoms.pet_truth import GranulomaOrLymphoma, LesionSite

LIVER = Blob(center_mm=(-172, -8, -74), semi_mm=(74, 82, 78), suv=2.3)
SPLEEN = Blob(center_mm=(-172, 42, 98), semi_mm=(50, 34, 26), suv=1.9, tilt_deg=20)
RIGHT_LUNG = Blob(center_mm=(-22, 4, -84), semi_mm=(125, 80, 58), suv=0.45)
LEFT_LUNG = Blob(center_mm=(-18, 8, 86), semi_mm=(122, 78, 54), suv=0.45)
PAROTIDS = (
    Blob(center_mm=(222, 6, -56), semi_mm=(26, 15, 11), suv=1.9),
    Blob(center_mm=(222, 6, 56), semi_mm=(26, 15, 11), suv=1.9),
)
SUBMANDIBULAR_GLANDS = (
    Blob(center_mm=(186, -28, -30), semi_mm=(13, 13, 9), suv=2.1),
    Blob(center_mm=(186, -28, 30), semi_mm=(13, 13, 9), suv=2.1),
)

Lesions = Mapping[LesionSite, tuple[Blob, ...]]
"""The lesions of each positive site, where they lie in this person."""


def draw_lesions(
    rng: np.random.Generator, *, sites: frozenset[LesionSite], appearance: Appearance, person: ScannedPerson
) -> Lesions:
    """Draw the lesions of a patient, at least one at each positive site.

    The random numbers that one site takes do not depend on which others are positive.
    """
    streams = dict(zip(LesionSite, rng.spawn(len(LesionSite)), strict=True))
    found = {}
    for site in LesionSite:
        if site in sites:
            blobs = _draw_site(streams[site], site, appearance=appearance, person=person)
            found[site] = tuple(blobs)
    return found


def _draw_site(
    rng: np.random.Generator, site: LesionSite, *, appearance: Appearance, person: ScannedPerson
) -> list[Blob]:
    scale = _scale(site, person)
    match site:
        case (
            LesionSite.CERVICAL_NODES
            | LesionSite.AXILLARY_NODES
            | LesionSite.MEDIASTINAL_NODES
            | LesionSite.ABDOMINAL_NODES
            | LesionSite.INGUINAL_NODES
        ):
            drawn = draw_nodes(rng, site, appearance)
        case LesionSite.LUNG:
            drawn = _draw_lung(rng, appearance)
        case LesionSite.SALIVARY_GLAND:
            drawn = _draw_salivary(rng, appearance)
        case LesionSite.LIVER:
            drawn = _draw_inside(rng, LIVER, appearance)
        case LesionSite.SPLEEN:
            drawn = _draw_spleen(rng, appearance)
        case LesionSite.ADRENAL:
            drawn = _draw_adrenal(rng, appearance)
        case LesionSite.SKIN:
            return _draw_skin(rng, appearance, person)
        case _:
            assert_never(site)
    return [place(blob, scale) for blob in drawn]


def _scale(site: LesionSite, person: ScannedPerson) -> Triple:
    if site in (LesionSite.CERVICAL_NODES, LesionSite.SALIVARY_GLAND):
        return person.head_scale
    if site in (LesionSite.AXILLARY_NODES, LesionSite.INGUINAL_NODES):
        return person.outline_scale
    return person.organ_scale


def _sarcoid(appearance: Appearance) -> bool:
    return appearance.looks_like is GranulomaOrLymphoma.SARCOIDOSIS


def _uptake(rng: np.random.Generator, appearance: Appearance, share: float = 1.0) -> float:
    return max(2.5, appearance.uptake_suv * share * float(np.exp(rng.normal(0, 0.2))))


def _blob(rng: np.random.Generator, center_mm: Triple, radius_mm: float, suv: float) -> Blob:
    semi = radius_mm * rng.uniform(0.8, 1.2, 3)
    return Blob(center_mm=center_mm, semi_mm=(float(semi[0]), float(semi[1]), float(semi[2])), suv=suv)


def _point_inside(rng: np.random.Generator, organ: Blob, reach: float) -> Triple:
    """Draw a point of an organ, evenly within `reach` of its normalized radius."""
    direction = rng.normal(size=3)
    direction *= reach * rng.random() ** (1 / 3) / np.linalg.norm(direction)
    head, back, left = (center + semi * step for center, semi, step in zip(
        organ.center_mm, organ.semi_mm, direction.tolist(), strict=True
    ))  # fmt: skip
    return head, back, left


def _draw_lung(rng: np.random.Generator, appearance: Appearance) -> list[Blob]:
    lungs = (RIGHT_LUNG, LEFT_LUNG)
    if not _sarcoid(appearance):
        count = int(rng.integers(1, 4))
        lung = lungs[int(rng.integers(2))]
        return [
            _blob(rng, _point_inside(rng, lung, 0.75), float(rng.uniform(10, 20)), _uptake(rng, appearance, 0.8))
            for _ in range(count)
        ]
    blobs = []
    for lung, side in zip(lungs, (-1, 1), strict=True):
        for _ in range(int(rng.integers(5, 16))):
            # Around the hilum, spread upward and outward.
            head, back, left = rng.normal((15, 6, 0), (38, 26, 1)).tolist()
            outward = 48 + float(rng.gamma(2.0, 12.0))
            center = (head, back + lung.center_mm[1] / 2, side * min(outward, 120.0) + left)
            blobs.append(_blob(rng, center, float(rng.uniform(4.5, 8.5)), _uptake(rng, appearance, 0.55)))
    return blobs


def _draw_salivary(rng: np.random.Generator, appearance: Appearance) -> list[Blob]:
    glands = [*PAROTIDS, *SUBMANDIBULAR_GLANDS]
    if _sarcoid(appearance):
        taken = glands if rng.random() < 0.5 else glands[:2]
        suv = _uptake(rng, appearance, 0.7)
        return [Blob(center_mm=gland.center_mm, semi_mm=gland.semi_mm, suv=suv) for gland in taken]
    gland = glands[int(rng.choice(4, p=(0.35, 0.35, 0.15, 0.15)))]
    return [_blob(rng, gland.center_mm, float(rng.uniform(8, 15)), _uptake(rng, appearance))]


def _draw_inside(rng: np.random.Generator, organ: Blob, appearance: Appearance) -> list[Blob]:
    few, many = int(rng.integers(1, 5)), int(rng.integers(8, 21))
    if _sarcoid(appearance):
        return [
            _blob(rng, _point_inside(rng, organ, 0.85), float(rng.uniform(5, 8)), _uptake(rng, appearance, 0.7))
            for _ in range(many)
        ]
    return [
        _blob(rng, _point_inside(rng, organ, 0.7), float(rng.uniform(10, 24)), _uptake(rng, appearance))
        for _ in range(few)
    ]


def _draw_spleen(rng: np.random.Generator, appearance: Appearance) -> list[Blob]:
    diffuse = rng.random() < (0.4 if _sarcoid(appearance) else 0.5)
    if not diffuse:
        return _draw_inside(rng, SPLEEN, appearance)
    enlarged = float(rng.uniform(1.0, 1.15) if _sarcoid(appearance) else rng.uniform(1.1, 1.5))
    head, back, left = SPLEEN.semi_mm
    semi_mm = (head * enlarged, back * enlarged, left * enlarged)
    suv = _uptake(rng, appearance, 0.6)
    return [Blob(center_mm=SPLEEN.center_mm, semi_mm=semi_mm, suv=suv, tilt_deg=SPLEEN.tilt_deg)]


def _draw_adrenal(rng: np.random.Generator, appearance: Appearance) -> list[Blob]:
    both, first = rng.random() < 0.6, -1 if rng.random() < 0.5 else 1
    return [
        _blob(rng, (-222, 38, side * 40), float(rng.uniform(10, 18)), _uptake(rng, appearance))
        for side in ((first, -first) if both else (first,))
    ]


def _draw_skin(rng: np.random.Generator, appearance: Appearance, person: ScannedPerson) -> list[Blob]:
    count = int(rng.integers(3, 8)) if _sarcoid(appearance) else int(rng.integers(1, 4))
    largest_mm = 8.0 if _sarcoid(appearance) else 16.0
    knots = np.array(trunk(person, suv=0.0, inset_mm=6.0).knots)
    blobs = []
    for _ in range(count):
        head = float(rng.uniform(-500, 40)) * person.length_scale
        back, depth, width = (float(np.interp(head, knots[:, 0], knots[:, column])) for column in (1, 3, 4))
        angle = float(rng.uniform(0, 2 * np.pi))
        center = (head, back + depth * float(np.cos(angle)), width * float(np.sin(angle)))
        blobs.append(_blob(rng, center, float(rng.uniform(5, largest_mm)), _uptake(rng, appearance, 0.7)))
    return blobs


def balance(lesions: Lesions) -> float:
    """Return the volume of paired nodes on the side that has less over that on the other, 1 where there are none."""
    volumes = {-1: 0.0, 1: 0.0}
    for site in STATIONS:
        for node in lesions.get(site, ()):
            # A node of the midline is nearer to it than its own size.
            if abs(node.center_mm[2]) > max(node.semi_mm):
                volumes[-1 if node.center_mm[2] < 0 else 1] += node.volume_ml
    less, more = sorted(volumes.values())
    return less / more if more > 0 else 1.0
