"""How long patients live without an event: Kaplan-Meier's curve, and hazards by Cox's regression."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning
from lifelines.statistics import multivariate_logrank_test, proportional_hazard_test
from numpy.typing import NDArray
from scipy.linalg import LinAlgWarning

from evaluation.agreement import Quantities
from evaluation.interval import CONFIDENCE, Interval
from specs.declared import Declared


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """How long each patient was followed, and whether the event ended it.

    Attributes:
        years: Shape (patients,), years, above 0.
        event: Shape (patients,), True where the event came at that time, False where the patient was censored then.

    Raises:
        ValueError: the shapes differ, there is no patient, or a time is not finite or not above 0.
    """

    years: Quantities
    event: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.years.ndim != 1 or self.years.shape != self.event.shape or self.years.size == 0:
            raise ValueError(
                f"follow-up needs one time and one flag a patient; got {self.years.shape}, {self.event.shape}"
            )
        if not (np.isfinite(self.years).all() and (self.years > 0).all()):
            raise ValueError("a time of follow-up is not a finite number of years above 0")


class SurvivalStep(Declared):
    """One time at which follow-up of somebody ends.

    `at_risk` are followed up to it; `survival` is the share without the event just after it, unit 1.
    """

    years: float
    at_risk: int
    events: int
    censored: int
    survival: Interval


class SurvivalCurve(Declared):
    """Kaplan-Meier's curve: 1 up to the first step, then as each step says."""

    patients: int
    events: int
    steps: tuple[SurvivalStep, ...]

    def at(self, years: float) -> Interval:
        """Return survival at a time.

        Args:
            years: At least 0, and not beyond the longest follow-up.

        Raises:
            ValueError: nobody was followed so long, or the time is below 0.
        """
        if not 0 <= years <= self.steps[-1].years:
            raise ValueError(f"nobody was followed to {years} years")
        passed = [step.survival for step in self.steps if step.years <= years]
        return passed[-1] if passed else Interval(estimate=1, lower=1, upper=1)


def survival_curve(follow_up: FollowUp) -> SurvivalCurve:
    """Estimate survival with 95 % intervals.

    Returns:
        A step at every time at which somebody's follow-up ends; where survival is 1 or 0 its interval has no width.

    Source:
        Kaplan EL, Meier P, J Am Stat Assoc 1958;53:457-481. Interval: Greenwood's variance on log(-log), Kalbfleisch
        JD, Prentice RL, The Statistical Analysis of Failure Time Data, Wiley 1980; both as lifelines computes them.
    """
    fit = KaplanMeierFitter(alpha=1 - CONFIDENCE).fit(follow_up.years, follow_up.event)
    table = fit.event_table.join(fit.survival_function_).join(fit.confidence_interval_)
    steps = (
        SurvivalStep(
            years=float(years),
            at_risk=int(at_risk),
            events=int(events),
            censored=int(censored),
            survival=Interval(estimate=float(survival), lower=float(lower), upper=float(upper)),
        )
        for years, _, events, censored, _, at_risk, survival, lower, upper in table.itertuples()
        if years > 0  # lifelines lets the table begin with everybody at 0
    )
    return SurvivalCurve(patients=follow_up.years.size, events=int(follow_up.event.sum()), steps=tuple(steps))


def log_rank_p_value(follow_up: FollowUp, groups: NDArray[np.str_]) -> float:
    """Test whether the groups' survival differs at all.

    Args:
        follow_up: Of all patients.
        groups: The name of each patient's group, shape (patients,).

    Raises:
        ValueError: there is one group only, or no event.

    Source:
        Mantel N, Cancer Chemother Rep 1966;50:163-170, for several groups, as lifelines computes it.
    """
    if np.unique(groups).size < 2 or not follow_up.event.any():
        raise ValueError("a log-rank test needs two groups at least, and an event")
    return float(multivariate_logrank_test(follow_up.years, groups, follow_up.event).p_value)


class HazardRatio(Declared):
    """How many times higher the hazard is with one unit more of a covariate, the others equal; Wald's p value."""

    covariate: str
    ratio: Interval
    p_value: float

    @property
    def shown_ratio(self) -> str:
        """The ratio and its interval with as many digits as tell the bounds apart: 1.00012 (1.00005 to 1.00019).

        At least three digits, for a covariate of a small unit more, at most nine.
        """
        apart = self.ratio.upper / self.ratio.lower - 1 if self.ratio.lower > 0 else math.inf
        digits = math.ceil(2 - math.log10(min(max(apart, 1e-7), 0.1)))
        estimate, *bounds = (
            f"{value:#.{digits}g}".rstrip(".") for value in (self.ratio.estimate, self.ratio.lower, self.ratio.upper)
        )
        return f"{estimate} ({' to '.join(bounds)})"


class CoxRegression(Declared):
    """The hazard ratios of all covariates together, in the order given; `concordance` (Harrell's C) has unit 1."""

    patients: int
    events: int
    hazard_ratios: tuple[HazardRatio, ...]
    concordance: float

    def of(self, covariate: str) -> HazardRatio:
        """Return the hazard ratio of a covariate.

        Raises:
            KeyError: it is not among the covariates.
        """
        return {ratio.covariate: ratio for ratio in self.hazard_ratios}[covariate]


def cox_regression(follow_up: FollowUp, covariates: Mapping[str, Quantities]) -> CoxRegression:
    """Estimate hazard ratios with Wald's 95 % intervals, as of an age gap in years adjusted for age and sex.

    Args:
        follow_up: Of all patients.
        covariates: By name, with its unit in it; each of shape (patients,), in that unit, 0 or 1 for yes or no.

    Raises:
        ValueError: a covariate is of another length, not finite or all but constant; there are not more events than
            covariates; or the likelihood has no maximum, because a covariate follows from the others or tells who has
            the event.

    Source:
        Cox DR, J R Stat Soc B 1972;34:187-220, with Efron's handling of ties, J Am Stat Assoc 1977;72:557-565, as
        lifelines computes it.
    """
    fit = _cox_fit(_cox_table(follow_up, covariates))
    return CoxRegression(
        patients=follow_up.years.size,
        events=int(follow_up.event.sum()),
        hazard_ratios=tuple(_hazard_ratio(fit, name) for name in covariates),
        concordance=float(fit.concordance_index_),
    )


def proportional_hazards_p_values(follow_up: FollowUp, covariates: Mapping[str, Quantities]) -> dict[str, float]:
    """Test for each covariate whether its hazard ratio stays the same in the course of time; a small value denies it.

    Args:
        follow_up: Of all patients.
        covariates: As for `cox_regression`.

    Raises:
        ValueError: as `cox_regression` does.

    Source:
        Grambsch PM, Therneau TM, Biometrika 1994;81:515-526, on ranks of time, as lifelines computes it.
    """
    table = _cox_table(follow_up, covariates)
    found = proportional_hazard_test(_cox_fit(table), table, time_transform="rank")
    return {str(name): float(p_value) for name, p_value in zip(found.name, found.p_value, strict=True)}


def _hazard_ratio(fit: CoxPHFitter, covariate: str) -> HazardRatio:
    lower, upper = np.exp(fit.confidence_intervals_.loc[covariate])
    return HazardRatio(
        covariate=covariate,
        ratio=Interval(estimate=float(fit.hazard_ratios_[covariate]), lower=float(lower), upper=float(upper)),
        p_value=float(fit.summary.loc[covariate, "p"]),
    )


_YEARS, _EVENT = "\nyears", "\nevent"
"""Columns of the table for lifelines. No covariate is called so: a header is one line, without space around a name."""


def _cox_table(follow_up: FollowUp, covariates: Mapping[str, Quantities]) -> pd.DataFrame:
    for name, values in covariates.items():
        if name in {"", _YEARS, _EVENT} or values.shape != follow_up.years.shape or not np.isfinite(values).all():
            raise ValueError(f"the covariate {name!r} needs another name or one finite number a patient")
        if np.ptp(values) == 0:
            raise ValueError(f"the covariate {name!r} is the same for all patients")
    events = int(follow_up.event.sum())
    if not covariates or events <= len(covariates):
        raise ValueError(f"hazard ratios of {len(covariates)} covariates need more events than that; got {events}")
    return pd.DataFrame({**covariates, _YEARS: follow_up.years, _EVENT: follow_up.event})


def _cox_fit(table: pd.DataFrame) -> CoxPHFitter:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.simplefilter("error", LinAlgWarning)  # what a covariate that follows from the others may give instead
        try:
            return CoxPHFitter(alpha=1 - CONFIDENCE).fit(table, duration_col=_YEARS, event_col=_EVENT)
        except (ConvergenceError, ConvergenceWarning, LinAlgWarning) as problem:
            raise ValueError(
                "the hazard ratios are not determined: a covariate is all but constant, follows from the others, or "
                "tells who has the event"
            ) from problem
