"""The published strata of predicted risk in heart failure, with the intervals that the source does not print."""

import pytest

from evaluation.fisher_table import SignCounts, fisher_table
from evaluation.proportions import proportion
from tests.evaluation.published import HEART_FAILURE_PATIENTS, HEART_FAILURE_STRATA, PrintedStratum
from tests.evaluation.r_reference import assert_as_printed

# Computed here, and by R; nobody printed them.
INTERVALS = (
    "0.026 (95 % CI 0.013–0.048)",
    "0.184 (95 % CI 0.125–0.256)",
    "0.018 (95 % CI 0.007–0.039)",
    "0.495 (95 % CI 0.423–0.567)",
)


@pytest.mark.parametrize(("stratum", "text"), list(zip(HEART_FAILURE_STRATA, INTERVALS, strict=True)))
def test_a_stratum_has_the_printed_share_and_rs_exact_interval(stratum: PrintedStratum, text: str) -> None:
    share = proportion(stratum.events, stratum.patients)
    assert share is not None
    assert round(100 * share.estimate) == stratum.percent
    assert str(share) == text
    assert_as_printed(share, f"proportion {stratum.events} of {stratum.patients}")


@pytest.mark.parametrize(("outcome", "events"), [("arrhythmic event", 37), ("heart-failure death", 104)])
def test_the_strata_of_an_outcome_hold_every_patient_and_differ(outcome: str, events: int) -> None:
    low, high = (stratum for stratum in HEART_FAILURE_STRATA if stratum.outcome == outcome)
    assert low.patients + high.patients == HEART_FAILURE_PATIENTS
    assert low.events + high.events == events
    table = fisher_table(
        (SignCounts(sign=outcome, in_first=low.events, in_second=high.events),),
        groups=("low risk", "high risk"),
        people=(low.patients, high.patients),
    )
    assert table.rows[0].first.upper < table.rows[0].second.lower
    assert table.rows[0].p_value < 1e-7
