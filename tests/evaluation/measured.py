"""Sets of measured quantities: published ones and made-up ones."""

import numpy as np
from hypothesis import strategies as st

from evaluation.agreement import Quantities
from evaluation.quantity_report import ReportedModel

Pair = tuple[Quantities, Quantities]

# Bland JM, Altman DG, Lancet 1986;327:307-310, Table: peak expiratory flow in l/min, first readings of 17 subjects.
WRIGHT_METER = np.array(
    [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427], np.float64
)
MINI_METER = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451], np.float64)

# Shrout PE, Fleiss JL, Psychol Bull 1979;86:420-428, Table 2: axes (target, judge).
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], np.float64
)

MODEL = ReportedModel(model="xray_age", version=3, contract_sha256="0123456789abcdef" * 4)


def ages(studies: int, *, seed: int = 5) -> Pair:
    """Simulate true ages and predictions that shrink to the mean, in years."""
    generator = np.random.default_rng(seed)
    truth = generator.uniform(18, 95, studies)
    return truth, 55 + 0.8 * (truth - 55) + generator.normal(1, 6, studies)


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Draw 4 to 30 true and predicted values, often equal ones, neither all the same."""
    studies = draw(st.integers(4, 30))
    column = st.lists(st.integers(-40, 40), min_size=studies, max_size=studies).filter(
        lambda values: len(set(values)) > 1
    )
    return np.array(draw(column), np.float64), np.array(draw(column), np.float64)
