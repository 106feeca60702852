"""How well probabilities agree with outcomes."""

import numpy as np
from scipy import optimize, special

from evaluation.discrimination import Scores, Truth
from specs.weights import Calibration

_SMALLEST_PROBABILITY = 1e-6


def calibration(truth: Truth, probabilities: Scores, *, data_set: str) -> Calibration:
    """Fit calibration intercept and slope, and compute the Brier score.

    Args:
        truth: Shape (studies,).
        probabilities: Shape (studies,), unit 1, in [0, 1].
        data_set: Name of the set, for the record.

    Returns:
        Intercept and slope on the log-odds, and the Brier score; all unit 1.

    Source:
        Named at `Calibration`. Probabilities are cut to [1e-6, 1 - 1e-6] for the logarithm: our choice.
    """
    log_odds = special.logit(np.clip(probabilities, _SMALLEST_PROBABILITY, 1 - _SMALLEST_PROBABILITY))
    outcome = truth.astype(np.float64)

    def negative_log_likelihood(parameters: Scores) -> float:
        linear = parameters[0] + parameters[1] * log_odds
        return float(np.sum(np.logaddexp(0.0, linear) - outcome * linear))

    fit = optimize.minimize(negative_log_likelihood, x0=np.array([0.0, 1.0]), method="BFGS")
    return Calibration(
        data_set=data_set,
        intercept=float(fit.x[0]),
        slope=float(fit.x[1]),
        brier_score=float(np.mean((probabilities - outcome) ** 2)),
    )
