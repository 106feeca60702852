"""Where sarcoidosis and lymphoma are seen on FDG PET and how they look there, fixed before any model was fitted.

The sites are drawn independently of one another, as often as the source's table says. How lesions look overlaps
between the diseases, and one patient in twelve looks like the other disease wherever lesions are, so that no reader can
be perfect. A reader of the positive sites alone reaches an AUC of 0.887 (by the likelihood ratio of the sites); one
who also measures number, volume and symmetry of the lesions at each site reaches 0.95 (by a regression on the truth):
tests/phantoms hold both. The source's network had 0.963.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np

from phantoms.pet_truth import GranulomaOrLymphoma, LesionSite

SITE_FREQUENCIES: Final[Mapping[GranulomaOrLymphoma, Mapping[LesionSite, float]]] = MappingProxyType(
    {
        GranulomaOrLymphoma.SARCOIDOSIS: MappingProxyType(
            {
                LesionSite.SALIVARY_GLAND: 0.036,
                LesionSite.CERVICAL_NODES: 0.107,
                LesionSite.AXILLARY_NODES: 0.161,
                LesionSite.LUNG: 0.321,
                LesionSite.MEDIASTINAL_NODES: 0.929,
                LesionSite.ABDOMINAL_NODES: 0.411,
                LesionSite.INGUINAL_NODES: 0.179,
                LesionSite.LIVER: 0.054,
                LesionSite.SPLEEN: 0.125,
                LesionSite.ADRENAL: 0.0,
                LesionSite.SKIN: 0.036,
            }
        ),
        GranulomaOrLymphoma.LYMPHOMA: MappingProxyType(
            {
                LesionSite.SALIVARY_GLAND: 0.145,
                LesionSite.CERVICAL_NODES: 0.403,
                LesionSite.AXILLARY_NODES: 0.177,
                LesionSite.LUNG: 0.032,
                LesionSite.MEDIASTINAL_NODES: 0.403,
                LesionSite.ABDOMINAL_NODES: 0.387,
                LesionSite.INGUINAL_NODES: 0.194,
                LesionSite.LIVER: 0.048,
                LesionSite.SPLEEN: 0.175,
                LesionSite.ADRENAL: 0.065,
                LesionSite.SKIN: 0.097,
            }
        ),
    }
)
"""Share of the patients with abnormal uptake at each site.

Source:
    Aoki H et al., 10.1007/s00330-023-09937-x, table 1 of the release in reference section 4. The 17.5 % for the spleen
    in lymphoma is as printed; its p value needs 17.7 %.
"""

LYMPHOMA_SHARE: Final = 0.5
"""Share of lymphoma among the patients, 62 of 118 in the source; even here. Our choice."""

_UNLIKE_SHARE: Final = 0.05
"""Share of patients whose lesions look like those of the other disease. Our choice."""


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """How the lesions of one patient look.

    Attributes:
        looks_like: The disease whose stations and patterns they follow.
        symmetry: Probability that a node on one side has its counterpart on the other.
        node_mm: Typical semi-axis of a node.
        coalescence: Mean number of further nodes that fuse with a node.
        uptake_suv: Typical uptake of a node, g/ml.
    """

    looks_like: GranulomaOrLymphoma
    symmetry: float
    node_mm: float
    coalescence: float
    uptake_suv: float


@dataclass(frozen=True, kw_only=True)
class _Manner:
    """The law of a disease's appearance: parameters of a beta, a log-normal and a gamma distribution."""

    symmetry: tuple[float, float]
    node_median_mm: float
    node_spread: float
    coalescence_shape: float
    coalescence_scale: float


_MANNERS: Final[Mapping[GranulomaOrLymphoma, _Manner]] = MappingProxyType(
    {
        GranulomaOrLymphoma.SARCOIDOSIS: _Manner(
            symmetry=(6.0, 2.0),
            node_median_mm=8.0,
            node_spread=0.25,
            coalescence_shape=1.0,
            coalescence_scale=0.5,
        ),
        GranulomaOrLymphoma.LYMPHOMA: _Manner(
            symmetry=(2.0, 3.5),
            node_median_mm=10.5,
            node_spread=0.35,
            coalescence_shape=1.5,
            coalescence_scale=1.2,
        ),
    }
)
"""Sarcoid nodes are bilateral, symmetric and separate; those of lymphoma fuse and are larger.

Source:
    Symmetry: 10.1007/s00259-010-1679-7 (lambda sign). Fusion: Mehrian and Ebrahimzadeh, 10.12659/PJR.889056. Size:
    Yu et al., 10.1155/2018/3417190 (long axis 2.9 cm in benign, 6.0 cm in malignant disease). The numbers are our
    choice, nearer to one another than published so that the total uptake gives little away.
"""

_UPTAKE_MEDIAN_SUV: Final = 8.0
_UPTAKE_SPREAD: Final = 0.42
"""Uptake is drawn alike for both: Yu et al. found SUVmax 13.1 ± 5.2 in benign and 12.6 ± 5.5 in malignant nodes.

The median is lower, as nodes of every size count here. Our choice.
"""


def draw_disease(rng: np.random.Generator) -> GranulomaOrLymphoma:
    """Draw what a patient has."""
    lymphoma = rng.random() < LYMPHOMA_SHARE
    return GranulomaOrLymphoma.LYMPHOMA if lymphoma else GranulomaOrLymphoma.SARCOIDOSIS


def draw_sites(rng: np.random.Generator, disease: GranulomaOrLymphoma) -> frozenset[LesionSite]:
    """Draw the positive sites of a patient: never none, and each as often as published.

    Sets without any site are drawn anew, which alone would raise every share (by 8.6 % of itself in lymphoma); so
    the sites are drawn a little more rarely than published, by the factor that makes up for it exactly.
    """
    shares = SITE_FREQUENCIES[disease]
    factor = independent_factor(disease)
    while True:
        drawn = rng.random(len(shares))
        sites = frozenset(site for site, number in zip(shares, drawn, strict=True) if number < shares[site] * factor)
        if sites:
            return sites


@cache
def independent_factor(disease: GranulomaOrLymphoma) -> float:
    """Return the factor k with `k = 1 - product(1 - k * share)`: the chance of any site in an independent draw.

    Given any site, a site drawn with probability `k * share` then occurs with `k * share / k`, its published share.
    """
    shares = np.array(list(SITE_FREQUENCIES[disease].values()))
    factor = 1.0
    for _ in range(200):  # converges by about a factor of six a step in lymphoma
        factor = 1 - float(np.prod(1 - factor * shares))
    return factor


def draw_appearance(rng: np.random.Generator, disease: GranulomaOrLymphoma) -> Appearance:
    """Draw how a patient's lesions look."""
    looks_like = _other(disease) if rng.random() < _UNLIKE_SHARE else disease
    manner = _MANNERS[looks_like]
    return Appearance(
        looks_like=looks_like,
        symmetry=float(rng.beta(*manner.symmetry)),
        node_mm=manner.node_median_mm * float(np.exp(rng.normal(0, manner.node_spread))),
        coalescence=float(rng.gamma(manner.coalescence_shape, manner.coalescence_scale)),
        uptake_suv=float(np.clip(_UPTAKE_MEDIAN_SUV * np.exp(rng.normal(0, _UPTAKE_SPREAD)), 3.5, 25)),
    )


def _other(disease: GranulomaOrLymphoma) -> GranulomaOrLymphoma:
    (other,) = set(GranulomaOrLymphoma) - {disease}
    return other
