"""Who is examined for dopamine transporters, and how much each nucleus binds in health and disease.

All of these parameters were set before any model was fitted, so that a regression on the true binding ratios and age
separates the classes with an area under the curve of 0.98: borderline cases of both classes are in the population.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from phantoms.dopamine_anatomy import HeadAnatomy, Striatum
from phantoms.dopamine_truth import Condition, StriatumBinding
from phantoms.truth import Sex

YOUNGEST_YEARS, OLDEST_YEARS = 40, 90

CONDITION_SHARES: Final[Mapping[Condition, float]] = MappingProxyType(
    {
        Condition.PARKINSON: 0.30,
        Condition.ATYPICAL: 0.08,
        Condition.LEWY_BODY: 0.14,
        Condition.TREMOR: 0.20,
        Condition.ALZHEIMER: 0.14,
        Condition.VASCULAR: 0.09,
        Condition.HYDROCEPHALUS: 0.05,
    }
)
"""Our choice: the parts of the source's 239 patients were not found. The same at every age, so that age says nothing
of disease by itself."""

DECLINE_PER_DECADE: Final = 0.06
"""Of the binding ratio at 60 years. 4 to 6.7 % in ENC-DAT (istc.cnr.it/en/content/european-multicentre-database-
healthy-controls-123ifp-cit-spect-enc-dat-age-related-effects), 6.3 % in 10.1007/s00259-018-3976-5."""
_BINDING_AT_60: Final = 7.0
"""Our choice."""
_WOMEN: Final = 1.06
"""Women bind more in both databases; by how much at 60 years is our choice."""
_PERSON_SPREAD: Final = 0.15
"""Standard deviation of the logarithm between healthy people: our choice."""


@dataclass(frozen=True, kw_only=True)
class _Degeneration:
    """How one condition takes binding away, all as shares; ranges are uniform.

    Attributes:
        worse_mean: Mean loss in the posterior putamen of the worse side.
        worse_spread: Its standard deviation: early cases overlap with health.
        other_side: Loss of the other side over that of the worse one, least and greatest.
        anterior: Loss in the anterior putamen over that in the posterior one.
        caudate: Loss in the caudate nucleus over that in the posterior putamen, least and greatest.
    """

    worse_mean: float
    worse_spread: float
    other_side: tuple[float, float]
    anterior: float
    caudate: tuple[float, float]


_DEGENERATIONS: Final[Mapping[Condition, _Degeneration]] = MappingProxyType(
    {
        Condition.PARKINSON: _Degeneration(
            worse_mean=0.55, worse_spread=0.19, other_side=(0.45, 0.95), anterior=0.80, caudate=(0.25, 0.65)
        ),
        Condition.ATYPICAL: _Degeneration(
            worse_mean=0.53, worse_spread=0.19, other_side=(0.65, 1.0), anterior=0.90, caudate=(0.50, 0.95)
        ),
        Condition.LEWY_BODY: _Degeneration(
            worse_mean=0.48, worse_spread=0.19, other_side=(0.80, 1.0), anterior=0.95, caudate=(0.60, 1.0)
        ),
    }
)
"""Our choice, after the classical picture: in Parkinson's disease the posterior putamen goes first and one side before
the other, in dementia with Lewy bodies and atypical syndromes the caudate nucleus goes too and both sides alike."""
_LEAST_LOSS, _GREATEST_LOSS = 0.05, 0.92


@dataclass(frozen=True, kw_only=True)
class _Losses:
    """Shares of the binding of one striatum that are lost."""

    caudate: float = 0.0
    anterior: float = 0.0
    posterior: float = 0.0


def draw_condition(rng: np.random.Generator) -> Condition:
    """Draw why a patient is examined, by `CONDITION_SHARES`."""
    return list(CONDITION_SHARES)[int(rng.choice(len(CONDITION_SHARES), p=list(CONDITION_SHARES.values())))]


def draw_age_and_sex(rng: np.random.Generator) -> tuple[int, Sex]:
    """Draw age and sex, which do not depend on the condition.

    Source:
        Our choice: 70 ± 10 years, 50 % women.
    """
    age_years = round(float(np.clip(rng.normal(70, 10), YOUNGEST_YEARS, OLDEST_YEARS)))
    return age_years, Sex.FEMALE if rng.random() < 0.5 else Sex.MALE


def draw_binding(
    rng: np.random.Generator, *, age_years: int, sex: Sex, condition: Condition, head: HeadAnatomy
) -> tuple[StriatumBinding, StriatumBinding]:
    """Draw the binding of the left and the right striatum.

    The random numbers taken for the healthy state do not depend on age or condition: the same generator state gives
    the same person, older or ill.
    """
    people, (illnesses, left, right) = rng, rng.spawn(3)
    person = float(np.exp(people.normal(0, _PERSON_SPREAD)))
    level = _BINDING_AT_60 * person * (1 - DECLINE_PER_DECADE * (age_years - 60) / 10)
    level *= _WOMEN if sex is Sex.FEMALE else 1.0
    shape = float(np.exp(people.normal(0, 0.06)))
    losses = _draw_losses(illnesses, condition)
    return (
        _draw_side(left, head.left, level=level, shape=shape, losses=losses[0]),
        _draw_side(right, head.right, level=level, shape=shape, losses=losses[1]),
    )


def _draw_side(
    rng: np.random.Generator, striatum: Striatum, *, level: float, shape: float, losses: _Losses
) -> StriatumBinding:
    caudate, putamen = np.exp(rng.normal(0, 0.03, 2)) * level * (1.04, 0.98 * shape)
    return StriatumBinding(
        caudate=float(caudate * (1 - losses.caudate)),
        putamen_anterior=float(putamen * 1.06 * (1 - losses.anterior)),
        putamen_posterior=float(putamen * 0.94 * (1 - losses.posterior)),
        caudate_ml=float(striatum.caudate.volume_ml),
        putamen_ml=float(striatum.putamen.volume_ml),
    )


def _draw_losses(rng: np.random.Generator, condition: Condition) -> tuple[_Losses, _Losses]:
    """Draw the losses of two striata, in random order."""
    if condition in _DEGENERATIONS:
        pair = _degenerate(rng, _DEGENERATIONS[condition])
    elif condition is Condition.VASCULAR:
        pair = _infarct(rng)
    else:
        pair = _reduce(rng, condition)
    return pair if rng.random() < 0.5 else pair[::-1]


def _degenerate(rng: np.random.Generator, disease: _Degeneration) -> tuple[_Losses, _Losses]:
    worse = float(np.clip(rng.normal(disease.worse_mean, disease.worse_spread), _LEAST_LOSS, _GREATEST_LOSS))
    other, caudate = worse * rng.uniform(*disease.other_side), rng.uniform(*disease.caudate)
    first, second = (
        _Losses(caudate=posterior * caudate, anterior=posterior * disease.anterior, posterior=posterior)
        for posterior in (worse, float(other))
    )
    return first, second


def _infarct(rng: np.random.Generator) -> tuple[_Losses, _Losses]:
    """Draw a mild loss everywhere, and in half of the patients an infarct of one nucleus: our choice."""
    mild = float(rng.uniform(0, 0.12))
    strokes = rng.random(2)
    deep = float(rng.uniform(0.15, 0.5)) if strokes[0] < 0.5 else mild
    hit = (
        _Losses(caudate=deep, anterior=mild, posterior=mild)
        if strokes[1] < 0.4
        else _Losses(caudate=mild, anterior=deep, posterior=deep)
    )
    return hit, _Losses(caudate=mild, anterior=mild, posterior=mild)


def _reduce(rng: np.random.Generator, condition: Condition) -> tuple[_Losses, _Losses]:
    """Draw an even loss: of pressure in hydrocephalus, and in one of 16 others of a drug that blocks transporters."""
    drug, least, greatest = rng.random(), rng.uniform(0.08, 0.25), rng.uniform(0.10, 0.25)
    blocked = float(greatest) if drug < 1 / 16 else 0.0
    share = float(least) if condition is Condition.HYDROCEPHALUS else blocked
    even = _Losses(caudate=share, anterior=share, posterior=share)
    return even, even
