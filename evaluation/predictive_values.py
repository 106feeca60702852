"""What a positive and a negative call are worth at any prevalence.

Own code: the interval that SciPy has of a relative risk is the same on the odds, but undefined where no call is wrong.
"""

import math
from dataclasses import dataclass
from functools import cache

from scipy import special

from evaluation.interval import CONFIDENCE, Interval
from specs.declared import Declared
from specs.weights import ConfusionCounts


class PredictiveValues(Declared):
    """Share of positive calls with the finding, of negative calls without it, and the prevalence; all of unit 1.

    A value is None where the counts hold no call of its kind.
    """

    prevalence: float
    positive: Interval | None
    negative: Interval | None

    def __str__(self) -> str:
        at = f"at a prevalence of {percentage(self.prevalence)}"
        return f"{at}: PPV {self.positive or '–'}, NPV {self.negative or '–'}"

    def cells(self) -> tuple[str, str]:
        """Return PPV and NPV with their intervals for a table, under a heading that names them and the prevalence."""
        positive, negative = ("–" if value is None else value.cell() for value in (self.positive, self.negative))
        return positive, negative


def percentage(share: float) -> str:
    """Write a share (unit 1), as a prevalence or a threshold, in percent with its own digits: 2 %, 0.05 %."""
    return f"{100 * share:g} %"


@cache  # asked for with every result of a model
def predictive_values(counts: ConfusionCounts, *, prevalence: float) -> PredictiveValues:
    """Carry sensitivity and specificity over to people of whom another share has the finding.

    The interval holds for a prevalence that is known, and for people whose sensitivity and specificity are those of
    the studies counted.

    Args:
        counts: Calls against truth, with studies of both kinds.
        prevalence: Share with the finding, unit 1, between 0 and 1 without either.

    Raises:
        ValueError: the prevalence is outside, or all studies counted are of one kind.

    Source:
        Logit intervals: Mercaldo ND, Lau KF, Zhou XH, Stat Med 2007;26:2170-2183; where these are undefined, their
        adjusted ones, as CombCIppv of the R package bdpv has it, widened to the estimate, which they leave out: our
        choice. So they cover in 92 to 97 % of samples of 20 to 106 studies with the finding and 50 to 959 without;
        adjusted wherever any count is zero, in 80 to 97 %.
    """
    if not 0 < prevalence < 1:
        raise ValueError(f"a prevalence lies between 0 and 1, without either; got {prevalence}")
    with_finding = counts.true_positive + counts.false_negative
    without = counts.true_negative + counts.false_positive
    if with_finding == 0 or without == 0:
        raise ValueError("predictive values need counts of studies with the finding and of studies without")
    return PredictiveValues(
        prevalence=prevalence,
        positive=_value(
            right=_Share(calls=counts.true_positive, studies=with_finding),
            wrong=_Share(calls=counts.false_positive, studies=without),
            prior=prevalence,
        ),
        negative=_value(
            right=_Share(calls=counts.true_negative, studies=without),
            wrong=_Share(calls=counts.false_negative, studies=with_finding),
            prior=1 - prevalence,
        ),
    )


_QUANTILE = float(special.ndtri(0.5 + CONFIDENCE / 2))


@dataclass(frozen=True, kw_only=True)
class _Share:
    """How many studies of one kind got the call."""

    calls: int
    studies: int

    def log_share(self, added: float) -> float:
        return math.log((self.calls + added) / (self.studies + 2 * added))

    def log_share_variance(self, added: float) -> float:
        return 1 / (self.calls + added) - 1 / (self.studies + 2 * added)


def _value(*, right: _Share, wrong: _Share, prior: float) -> Interval | None:
    """Estimate the share of calls that are right, where `prior` of all people are of the kind that makes them right."""
    if right.calls + wrong.calls == 0:
        return None
    of_right, of_wrong = right.calls / right.studies * prior, wrong.calls / wrong.studies * (1 - prior)
    estimate = of_right / (of_right + of_wrong)
    added = 0.0 if _plain_interval_defined(right, wrong) else _QUANTILE**2 / 2
    log_odds = float(special.logit(prior)) + right.log_share(added) - wrong.log_share(added)
    reach = _QUANTILE * math.sqrt(right.log_share_variance(added) + wrong.log_share_variance(added))
    return Interval(
        estimate=estimate,
        lower=min(estimate, float(special.expit(log_odds - reach))),
        upper=max(estimate, float(special.expit(log_odds + reach))),
    )


def _plain_interval_defined(right: _Share, wrong: _Share) -> bool:
    """Say whether both kinds got the call, but not every study of both: that would leave no variance."""
    every_study = right.calls == right.studies and wrong.calls == wrong.studies
    return right.calls > 0 and wrong.calls > 0 and not every_study
