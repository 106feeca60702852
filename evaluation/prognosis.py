"""What the gap between X-ray age and age says of prognosis: hazard ratios, and survival curves of groups of the gap.

Source:
    Ieki H et al., Commun Med 2022;2:159: Cox regression of X-ray age less age in heart failure, hazard ratio 1.019
    (1.005 to 1.032) a year, adjusted for age, sex, renal function, anemia and a heart-failure marker.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from evaluation.agreement import Quantities
from evaluation.errors import HazardsUndetermined
from evaluation.interval import shown_p_value
from evaluation.numbers_at_risk import at_risk_years, numbers_at_risk
from evaluation.quantity_report import ReportedModel
from evaluation.survival import (
    CoxRegression,
    FollowUp,
    SurvivalCurve,
    cox_regression,
    log_rank_p_value,
    proportional_hazards_p_values,
    survival_curve,
)
from specs.declared import Declared

GAP = "age_gap_years"
"""Name of the gap among the covariates, in years."""


class GapGrouping(StrEnum):
    """How patients are grouped by their gap; both are our choice, for the source shows no curves that could be read."""

    SIGN = "sign"
    TERTILES = "tertiles"

    @property
    def rule(self) -> str:
        """What the groups are, for people."""
        match self:
            case GapGrouping.SIGN:
                return "by whether the X-ray age is above the age (our choice)"
            case GapGrouping.TERTILES:
                return "by thirds of the gap (our choice)"
            case _:
                assert_never(self)


@dataclass(frozen=True, kw_only=True)
class FollowedPatients:
    """Patients with their gap, what they are adjusted for, and their follow-up.

    Attributes:
        follow_up: Years and events.
        gap_years: X-ray age less age, shape (patients,), years.
        adjusted_for: By name with its unit in it, the age among them; each of shape (patients,).
        left_out: Number of results or outcomes that are not used, by reason.
    """

    follow_up: FollowUp
    gap_years: Quantities
    adjusted_for: Mapping[str, Quantities]
    left_out: Mapping[str, int]


class SurvivalGroup(Declared):
    """Kaplan-Meier's curve of a group; `at_risk` has a number of patients for each of the report's times."""

    name: str
    at_risk: tuple[int, ...]
    curve: SurvivalCurve


class PrognosisReport(Declared):
    """What a gap in years says of the time to an event.

    `proportional_hazards` has a p value a covariate: a small one denies that its hazard ratio stays the same. The
    groups and `log_rank_p_value` are not adjusted for anything; it is None where all patients are of one group.
    `left_out` counts results and outcomes that are not used, by reason.
    """

    model: str
    version: int
    contract_sha256: str
    patients: int
    events: int
    median_follow_up_years: float
    mean_gap_years: float
    cox: CoxRegression
    proportional_hazards: dict[str, float]
    grouping: GapGrouping
    at_risk_years: tuple[float, ...]
    groups: tuple[SurvivalGroup, ...]
    log_rank_p_value: float | None
    left_out: dict[str, int]

    def __str__(self) -> str:
        title = f"X-ray age less age and the time to an event, {self.model} version {self.version}"
        cohort = f"{self.patients} patients, {self.events} events, median follow-up {self.median_follow_up_years:.1f}"
        lines = [
            f"{title}:",
            f"  {cohort} years, mean gap {self.mean_gap_years:+.1f} years",
            f"Hazard ratios (95 % CI) for one unit more, one regression (Cox), concordance {self.cox.concordance:.3f}:",
        ]
        for each in self.cox.hazard_ratios:
            constancy = (
                f"against a ratio constant in time: p {shown_p_value(self.proportional_hazards[each.covariate])}"
            )
            lines.append(f"  {each.covariate:<26}{each.shown_ratio}, p {shown_p_value(each.p_value)}; {constancy}")
        p_value = self.log_rank_p_value
        test = "one group only" if p_value is None else f"log-rank p {shown_p_value(p_value)}"
        lines.append(f"Patients at risk, {self.grouping.rule}, not adjusted for anything; {test}:")
        lines.append(f"  {'years':<26}" + "".join(f"{years:>7g}" for years in self.at_risk_years))
        lines += [f"  {group.name:<26}" + "".join(f"{n:>7}" for n in group.at_risk) for group in self.groups]
        lines += [f"Left out: {reason} ({count})" for reason, count in sorted(self.left_out.items())]
        return "\n".join(lines)


def prognosis_report(patients: FollowedPatients, model: ReportedModel, *, grouping: GapGrouping) -> PrognosisReport:
    """Compute the report.

    Args:
        patients: Those who could be joined.
        model: Whose X-ray ages they are.
        grouping: Of the survival curves.

    Raises:
        HazardsUndetermined: a covariate is the same for all or follows from the others, or there are too few events.
    """
    follow_up, covariates = patients.follow_up, {GAP: patients.gap_years, **patients.adjusted_for}
    try:
        cox = cox_regression(follow_up, covariates)
        proportional = proportional_hazards_p_values(follow_up, covariates)
    except ValueError as problem:
        raise HazardsUndetermined(what=str(problem)) from None
    names, members = _groups(patients.gap_years, grouping)
    times = at_risk_years(float(follow_up.years.max()))
    present = [place for place in range(len(names)) if (members == place).any()]
    labels = np.array(names)[members]
    return PrognosisReport(
        model=model.model,
        version=model.version,
        contract_sha256=model.contract_sha256,
        patients=follow_up.years.size,
        events=int(follow_up.event.sum()),
        median_follow_up_years=float(np.median(follow_up.years)),
        mean_gap_years=float(patients.gap_years.mean()),
        cox=cox,
        proportional_hazards=proportional,
        grouping=grouping,
        at_risk_years=times,
        groups=tuple(_group(names[place], follow_up, members == place, times) for place in present),
        log_rank_p_value=log_rank_p_value(follow_up, labels) if len(present) > 1 else None,
        left_out=dict(patients.left_out),
    )


def _groups(gap_years: Quantities, grouping: GapGrouping) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Return the names of the groups, and the place of each patient's among them."""
    match grouping:
        case GapGrouping.SIGN:
            return ("X-ray age not above age", "X-ray age above age"), (gap_years > 0).astype(np.intp)
        case GapGrouping.TERTILES:
            cuts = np.quantile(gap_years, [1 / 3, 2 / 3])
            low, high = (f"{cut:+.1f}" for cut in cuts)
            names = (f"gap to {low} years", f"gap {low} to {high} years", f"gap above {high} years")
            return names, np.searchsorted(cuts, gap_years, side="left")
        case _:
            assert_never(grouping)


def _group(name: str, follow_up: FollowUp, member: NDArray[np.bool_], times_years: tuple[float, ...]) -> SurvivalGroup:
    own = FollowUp(years=follow_up.years[member], event=follow_up.event[member])
    return SurvivalGroup(
        name=name,
        at_risk=numbers_at_risk(own, times_years),
        curve=survival_curve(own),
    )
