"""Synthetic patients with chronic heart failure, whose two-year outcome is drawn from a known law.

The parameters were set before any model was fitted, so that a large cohort has what is published of the source's 526
patients: age 66 ± 14, 19.8 % heart-failure deaths, 7.0 % arrhythmic events, and at 15 % and 11 % risk groups of 198
patients with 98 deaths against 328 with 6, and of 147 with 27 events against 379 with 10. Everything else about them
(means of the other variables, how they hang together) was not found and is our choice.

Source:
    Nakajima K et al., 10.1007/s12350-020-02173-6, as read in reference section 5.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from phantoms.truth import Sex


class HeartFailureOutcome(IntEnum):
    """What happened within two years."""

    HEART_FAILURE_DEATH = 0
    ARRHYTHMIC_EVENT = 1
    SURVIVAL = 2


STATED_UNITS: Final = {"washout_rate": "%"}
"""Units of the columns of a row whose numbers could be taken for fractions."""


@dataclass(frozen=True, kw_only=True)
class HeartFailurePatient:
    """One synthetic patient; of BNP and NT-proBNP one is None, as only one is measured.

    Attributes:
        age_years: 20 to 96.
        sex: Patient's sex.
        nyha_class: 1 to 4.
        egfr_ml_min: Estimated glomerular filtration rate, mL/min/1.73 m2.
        ejection_fraction_percent: Of the left ventricle.
        hemoglobin_g_dl: g/dL.
        late_hm_ratio: Late heart-to-mediastinum ratio of MIBG.
        washout_rate_percent: Of MIBG.
        bnp_pg_ml: pg/mL, or None.
        nt_probnp_pg_ml: pg/mL, or None.
        ischemic_etiology: Whether the cause is ischemic.
        hypertension: Whether present.
        diabetes: Whether present.
        dialysis: Whether on dialysis.
        probabilities: Of each outcome by the law from which it was drawn, in the order of `HeartFailureOutcome`.
        outcome: What happened within two years.
    """

    age_years: int
    sex: Sex
    nyha_class: int
    egfr_ml_min: float
    ejection_fraction_percent: float
    hemoglobin_g_dl: float
    late_hm_ratio: float
    washout_rate_percent: float
    bnp_pg_ml: float | None
    nt_probnp_pg_ml: float | None
    ischemic_etiology: bool
    hypertension: bool
    diabetes: bool
    dialysis: bool
    probabilities: tuple[float, ...]
    outcome: HeartFailureOutcome

    def row(self) -> dict[str, str]:
        """Return the patient as a row of a table, under the names and in the units that the recipe has by default.

        `STATED_UNITS` holds the units that must stand beside a name, for the number alone would be ambiguous.
        """
        conditions = ("ischemic_etiology", "hypertension", "diabetes", "dialysis")
        return {
            "age": str(self.age_years),
            "sex": "male" if self.sex is Sex.MALE else "female",
            "nyha_class": ("I", "II", "III", "IV")[self.nyha_class - 1],
            "egfr": f"{self.egfr_ml_min:.1f}",
            "lvef": f"{self.ejection_fraction_percent:.0f}",
            "hemoglobin": f"{self.hemoglobin_g_dl:.1f}",
            "late_hm_ratio": f"{self.late_hm_ratio:.2f}",
            "washout_rate": f"{self.washout_rate_percent:.1f}",
            "bnp": "" if self.bnp_pg_ml is None else f"{self.bnp_pg_ml:.1f}",
            "nt_probnp": "" if self.nt_probnp_pg_ml is None else f"{self.nt_probnp_pg_ml:.0f}",
            **{name: "yes" if getattr(self, name) else "no" for name in conditions},
        }


@dataclass(frozen=True, kw_only=True)
class _Effect:
    """What a variable adds to the log-odds of each event against survival, for each unit above its center."""

    center: float
    death: float
    arrhythmia: float


_DEATH_INTERCEPT: Final = -3.05
_ARRHYTHMIA_INTERCEPT: Final = -2.80
_EFFECTS: Final = {
    "age_years": _Effect(center=66, death=0.035, arrhythmia=0.0),
    "male": _Effect(center=0.7, death=0.15, arrhythmia=0.9),
    "nyha_class": _Effect(center=2.35, death=1.3, arrhythmia=0.8),
    "egfr_ml_min": _Effect(center=57, death=-0.02, arrhythmia=-0.004),
    "ejection_fraction_percent": _Effect(center=38, death=-0.03, arrhythmia=-0.06),
    "hemoglobin_g_dl": _Effect(center=13, death=-0.22, arrhythmia=-0.02),
    "late_hm_ratio": _Effect(center=1.85, death=-5.0, arrhythmia=-1.7),
    "washout_rate_percent": _Effect(center=30, death=0.025, arrhythmia=0.04),
    "peptide_grade": _Effect(center=2.9, death=0.5, arrhythmia=0.15),
    "ischemic_etiology": _Effect(center=0.33, death=0.2, arrhythmia=0.9),
    "hypertension": _Effect(center=0.55, death=-0.2, arrhythmia=-0.1),
    "diabetes": _Effect(center=0.35, death=0.3, arrhythmia=0.2),
    "dialysis": _Effect(center=0.05, death=1.0, arrhythmia=0.2),
}
"""Our choice. As the H/M ratio falls, arrhythmic events gain on survival and heart-failure death gains on both, three
times as fast: so the share of arrhythmic events is largest in between."""

_PEPTIDE_BOUNDARIES_PG_ML: Final = (18.4, 40.0, 100.0, 200.0)
"""Of BNP: the recipe's."""


def heart_failure_patient(*, seed: int, index: int) -> HeartFailurePatient:
    """Return the patient of a number in the cohort of a seed.

    Args:
        seed: Of the cohort.
        index: 0 and up.
    """
    history, organs, hearts, outcomes = np.random.default_rng([seed, index]).spawn(4)
    severity = float(history.normal())
    background = _draw_background(history, severity)
    signs = _draw_heart(hearts, severity)
    blood = _draw_blood(organs, severity, background)
    probabilities = special.softmax(_log_odds(background, signs, blood))
    return HeartFailurePatient(
        age_years=background.age_years,
        sex=background.sex,
        nyha_class=signs.nyha_class,
        egfr_ml_min=blood.egfr_ml_min,
        ejection_fraction_percent=signs.ejection_fraction_percent,
        hemoglobin_g_dl=blood.hemoglobin_g_dl,
        late_hm_ratio=signs.late_hm_ratio,
        washout_rate_percent=signs.washout_rate_percent,
        bnp_pg_ml=blood.bnp_pg_ml if blood.measures_bnp else None,
        nt_probnp_pg_ml=None if blood.measures_bnp else _nt_probnp_pg_ml(blood.bnp_pg_ml),
        ischemic_etiology=background.ischemic_etiology,
        hypertension=background.hypertension,
        diabetes=background.diabetes,
        dialysis=background.dialysis,
        probabilities=tuple(probabilities.tolist()),
        outcome=_draw_outcome(outcomes, probabilities),
    )


@dataclass(frozen=True, kw_only=True)
class _Background:
    age_years: int
    sex: Sex
    ischemic_etiology: bool
    hypertension: bool
    diabetes: bool
    dialysis: bool

    @property
    def male(self) -> bool:
        return self.sex is Sex.MALE


@dataclass(frozen=True, kw_only=True)
class _Signs:
    nyha_class: int
    ejection_fraction_percent: float
    late_hm_ratio: float
    washout_rate_percent: float


@dataclass(frozen=True, kw_only=True)
class _Blood:
    egfr_ml_min: float
    hemoglobin_g_dl: float
    bnp_pg_ml: float
    measures_bnp: bool

    @property
    def peptide_grade(self) -> int:
        return int(np.searchsorted(_PEPTIDE_BOUNDARIES_PG_ML, self.bnp_pg_ml, side="right"))


def _draw_background(rng: np.random.Generator, severity: float) -> _Background:
    chance = rng.random(5)
    return _Background(
        age_years=round(float(np.clip(66 + 14 * (0.3 * severity + 0.954 * rng.normal()), 20, 96))),
        sex=Sex.MALE if chance[0] < 0.7 else Sex.FEMALE,
        ischemic_etiology=bool(chance[1] < 0.33),
        hypertension=bool(chance[2] < 0.55),
        diabetes=bool(chance[3] < 0.35),
        dialysis=bool(chance[4] < 0.05),
    )


def _draw_heart(rng: np.random.Generator, severity: float) -> _Signs:
    symptoms, contraction, innervation, washout = rng.normal(size=4)
    late_hm_ratio = _within(1.05 + 0.82 * np.exp(-0.30 * severity + 0.36 * innervation - 0.07), 1.05, 3.6)
    return _Signs(
        nyha_class=int(1 + np.searchsorted((-0.95, 0.35, 1.45), 0.85 * severity + 0.527 * symptoms)),
        ejection_fraction_percent=round(_within(38 - 6 * severity + 11 * contraction, 10, 75), 0),
        late_hm_ratio=round(late_hm_ratio, 2),
        washout_rate_percent=round(_within(30 + 6 * severity - 10 * (late_hm_ratio - 1.85) + 8 * washout, -5, 75), 1),
    )


def _draw_blood(rng: np.random.Generator, severity: float, background: _Background) -> _Blood:
    kidney, anemia, peptide = rng.normal(size=3)
    older = background.age_years - 66
    filtration = _within(58 - 8 * severity - 0.5 * older + 16 * kidney, 8, 130)
    hemoglobin = 13.1 - 0.6 * severity + 0.9 * (background.male - 0.7) - 0.02 * older + 1.4 * anemia
    return _Blood(
        egfr_ml_min=round(float(rng.uniform(4, 10)) if background.dialysis else filtration, 1),
        hemoglobin_g_dl=round(_within(hemoglobin - 1.5 * background.dialysis, 6.5, 18.5), 1),
        bnp_pg_ml=round(float(np.exp(np.log(190) + 0.85 * severity + 0.75 * peptide + 0.5 * background.dialysis)), 1),
        measures_bnp=bool(rng.random() < 0.5),
    )


def _nt_probnp_pg_ml(bnp_pg_ml: float) -> float:
    """Return the NT-proBNP at which the recipe's equivalent boundaries lie, to within a tenth: our choice."""
    return float(round(900 * (bnp_pg_ml / 200) ** 1.15))


def _within(value: float, lowest: float, highest: float) -> float:
    return float(np.clip(value, lowest, highest))


def _log_odds(*parts: object) -> NDArray[np.float64]:
    """Return the log-odds of each outcome against survival, in the order of the outcomes."""
    death, arrhythmia = _DEATH_INTERCEPT, _ARRHYTHMIA_INTERCEPT
    for name, effect in _EFFECTS.items():
        (value,) = (float(getattr(part, name)) for part in parts if hasattr(part, name))
        death += effect.death * (value - effect.center)
        arrhythmia += effect.arrhythmia * (value - effect.center)
    return np.array([death, arrhythmia, 0.0])


def _draw_outcome(rng: np.random.Generator, probabilities: NDArray[np.float64]) -> HeartFailureOutcome:
    cumulative = np.cumsum(probabilities)
    return HeartFailureOutcome(int(np.searchsorted(cumulative[:-1], rng.random(), side="right")))
