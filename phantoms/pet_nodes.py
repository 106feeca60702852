"""Lymph node stations of the body, and how often each disease takes them where their region is positive."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from phantoms.pet_disease import Appearance
from phantoms.pet_shapes import Blob, Triple
from phantoms.pet_truth import GranulomaOrLymphoma, LesionSite


@dataclass(frozen=True, kw_only=True)
class NodeStation:
    """Where a group of nodes lies and how often it is taken.

    Attributes:
        center_mm: In the average body, from the carina (head, back, left); the left one of a pair.
        paired: Whether the right side has its counterpart.
        sarcoidosis: Probability that sarcoidosis of the region takes it.
        lymphoma: Probability that lymphoma of the region takes it.
        right_first: Of a pair taken by sarcoidosis, how often the right one is the surer.
    """

    center_mm: Triple
    paired: bool
    sarcoidosis: float
    lymphoma: float
    right_first: float = 0.5

    def probability(self, disease: GranulomaOrLymphoma) -> float:
        """Return how often a disease takes it."""
        return self.sarcoidosis if disease is GranulomaOrLymphoma.SARCOIDOSIS else self.lymphoma


STATIONS: Final[Mapping[LesionSite, tuple[NodeStation, ...]]] = MappingProxyType(
    {
        LesionSite.MEDIASTINAL_NODES: (
            NodeStation(center_mm=(88, -12, 20), paired=True, sarcoidosis=0.10, lymphoma=0.45),  # 1
            NodeStation(center_mm=(55, -5, 22), paired=True, sarcoidosis=0.60, lymphoma=0.45, right_first=0.8),  # 2
            NodeStation(center_mm=(35, -58, 4), paired=False, sarcoidosis=0.12, lymphoma=0.60),  # 3a
            NodeStation(center_mm=(15, -3, 23), paired=True, sarcoidosis=0.85, lymphoma=0.50, right_first=0.85),  # 4
            NodeStation(center_mm=(12, -28, 36), paired=False, sarcoidosis=0.40, lymphoma=0.40),  # 5 and 6
            NodeStation(center_mm=(-20, 16, 2), paired=False, sarcoidosis=0.85, lymphoma=0.40),  # 7
            NodeStation(center_mm=(-15, 6, 44), paired=True, sarcoidosis=0.92, lymphoma=0.35),  # 10
            NodeStation(center_mm=(-38, 8, 58), paired=True, sarcoidosis=0.45, lymphoma=0.10),  # 11
        ),
        LesionSite.CERVICAL_NODES: (
            NodeStation(center_mm=(168, 2, 50), paired=True, sarcoidosis=0.20, lymphoma=0.55),
            NodeStation(center_mm=(140, 2, 44), paired=True, sarcoidosis=0.25, lymphoma=0.55),
            NodeStation(center_mm=(108, -2, 48), paired=True, sarcoidosis=0.80, lymphoma=0.55),
            NodeStation(center_mm=(132, 32, 56), paired=True, sarcoidosis=0.15, lymphoma=0.35),
        ),
        LesionSite.AXILLARY_NODES: (
            NodeStation(center_mm=(8, -5, 165), paired=True, sarcoidosis=0.80, lymphoma=0.75),
            NodeStation(center_mm=(35, -20, 145), paired=True, sarcoidosis=0.40, lymphoma=0.55),
        ),
        LesionSite.ABDOMINAL_NODES: (
            NodeStation(center_mm=(-192, 5, -36), paired=False, sarcoidosis=0.65, lymphoma=0.25),
            NodeStation(center_mm=(-200, 25, 2), paired=False, sarcoidosis=0.65, lymphoma=0.35),
            NodeStation(center_mm=(-255, 34, 24), paired=True, sarcoidosis=0.45, lymphoma=0.55),
            NodeStation(center_mm=(-308, 34, 24), paired=True, sarcoidosis=0.25, lymphoma=0.55),
            NodeStation(center_mm=(-300, -25, 8), paired=False, sarcoidosis=0.10, lymphoma=0.45),
            NodeStation(center_mm=(-375, 15, 40), paired=True, sarcoidosis=0.20, lymphoma=0.40),
            NodeStation(center_mm=(-445, -5, 66), paired=True, sarcoidosis=0.20, lymphoma=0.40),
        ),
        LesionSite.INGUINAL_NODES: (
            NodeStation(center_mm=(-515, -48, 74), paired=True, sarcoidosis=0.80, lymphoma=0.75),
            NodeStation(center_mm=(-548, -44, 82), paired=True, sarcoidosis=0.50, lymphoma=0.50),
        ),
    }
)
"""Stations by region, those of the mediastinum with the numbers of the IASLC map.

Source:
    Mediastinum: the source found 2, 4, 7 and 10 in sarcoidosis and a tendency to 1 in lymphoma (reference section 4);
    Mehrian and Ebrahimzadeh, 10.12659/PJR.889056, zone 10 in sarcoidosis, zones 1 and 3 in Hodgkin's lymphoma; the
    right paratracheal side leads in sarcoidosis (lambda sign, 10.1007/s00259-010-1679-7). Other regions, positions and
    every number: our choice.
"""


def draw_nodes(rng: np.random.Generator, site: LesionSite, appearance: Appearance) -> list[Blob]:
    """Draw the nodes of a positive region: at least one, in the average body."""
    stations = STATIONS[site]
    disease = appearance.looks_like
    taken = [station for station in stations if rng.random() < station.probability(disease)]
    if not taken:
        weights = np.array([station.probability(disease) for station in stations])
        taken = [stations[int(rng.choice(len(stations), p=weights / weights.sum()))]]
    right_leads = rng.random() < 0.5
    nodes: list[Blob] = []
    for station in taken:
        for sign in _sides(rng, station, appearance, right_leads=right_leads):
            head, back, left = station.center_mm
            nodes += _draw_group(rng, (head, back, sign * left), appearance)
    return nodes


def _sides(
    rng: np.random.Generator, station: NodeStation, appearance: Appearance, *, right_leads: bool
) -> tuple[int, ...]:
    """Draw which sides of a station are taken: 1 for the left and for the midline, -1 for the right."""
    if not station.paired:
        return (1,)
    sarcoid = appearance.looks_like is GranulomaOrLymphoma.SARCOIDOSIS
    right_first = rng.random() < station.right_first if sarcoid else right_leads
    first = -1 if right_first else 1
    return (first, -first) if rng.random() < appearance.symmetry else (first,)


def _draw_group(rng: np.random.Generator, center_mm: Triple, appearance: Appearance) -> list[Blob]:
    """Draw a node and those that fuse with it."""
    count = 1 + min(int(rng.poisson(appearance.coalescence)), 6)
    nodes = []
    for number in range(count):
        semi = appearance.node_mm * np.exp(rng.normal(0, 0.18)) * rng.uniform((1.0, 0.75, 0.75), (1.35, 1.05, 1.05))
        reach = appearance.node_mm * (0.3 if number == 0 else 1.3)
        offset = rng.normal(0, reach / np.sqrt(3), 3)
        uptake = appearance.uptake_suv * float(np.exp(rng.normal(0, 0.2)))
        nodes.append(
            Blob(
                center_mm=(
                    center_mm[0] + float(offset[0]),
                    center_mm[1] + float(offset[1]),
                    center_mm[2] + float(offset[2]),
                ),
                semi_mm=(float(semi[0]), float(semi[1]), float(semi[2])),
                suv=uptake,
            )
        )
    return nodes
