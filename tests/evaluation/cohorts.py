"""Labeled cohorts of made-up probabilities."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluation.discrimination import Scores, Truth

LabeledScores = tuple[Truth, Scores]


@st.composite
def labeled_scores(draw: st.DrawFn) -> LabeledScores:
    """Draw 4 to 40 studies with at least two of each kind, and probabilities of which many are tied."""
    truth = [True, True, False, False, *draw(st.lists(st.booleans(), max_size=36))]
    level = st.integers(0, draw(st.sampled_from([2, 10, 1000])))
    levels = np.array(draw(st.lists(level, min_size=len(truth), max_size=len(truth))), dtype=np.float64)
    order = draw(st.permutations(range(len(truth))))
    return np.array(truth)[order], levels / 1000


def simulated(studies: int, *, seed: int = 7) -> tuple[Truth, Scores]:
    """Simulate outcomes that occur exactly as often as their log-odds say; return truth and log-odds."""
    generator = np.random.default_rng(seed)
    log_odds = generator.normal(-0.5, 1.5, studies)
    return generator.random(studies) < 1 / (1 + np.exp(-log_odds)), log_odds


def kernel(positive: Scores, negative: Scores) -> NDArray[np.float64]:
    """Compare every positive with every negative: 1 above, 1/2 equal, 0 below; axes (positive, negative)."""
    difference = positive[:, None] - negative[None, :]
    return np.where(difference > 0, 1.0, np.where(difference == 0, 0.5, 0.0))
