"""How hard the phantom radiographs are: the truth is in the anatomy, and a thumbnail does not give it away.

Both regressions are trained on 3,000 phantoms and tested on 1,000 others.
"""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from phantoms import ChestTruth, Grade, RadiographCohort, RadiographPhantom

TRAINING = RadiographCohort(name="difficulty, training", seed=71, count=3_000)
TEST = RadiographCohort(name="difficulty, test", seed=72, count=1_000)

Features = NDArray[np.float64]


def measurements(truth: ChestTruth) -> list[float]:
    """Return what a perfect reader would measure."""
    return [
        truth.left_atrium_width_mm,
        truth.appendage_bulge_mm,
        truth.carina_angle_deg,
        truth.upper_zone_ratio,
        truth.cardiothoracic_ratio,
        truth.age_years,
        truth.sex == "F",
        truth.projection == "AP",
    ]


def thumbnail(phantom: RadiographPhantom) -> Features:
    """Return the windowed picture at 16 by 16 pixels, flattened."""
    window, encoding = phantom.encoding.windows[0], phantom.encoding
    rescaled = phantom.stored * encoding.slope + encoding.intercept
    shown = np.clip((rescaled - window.center) / window.width + 0.5, 0, 1)
    shown = 1 - shown if encoding.polarity == "MONOCHROME1" else shown
    return np.asarray(cv2.resize(shown, (16, 16), interpolation=cv2.INTER_AREA), np.float64).ravel()


def grades_of(cohort: RadiographCohort) -> NDArray[np.int64]:
    """Return the grades of a cohort, 0 to 3."""
    return np.array([phantom.truth.mitral_regurgitation for phantom in cohort], np.int64)


def scores(training: Features, test: Features, *, inverse_penalty: float) -> NDArray[np.float64]:
    """Fit a logistic regression on the training cohort's labels and score the test features."""
    model = make_pipeline(
        StandardScaler(),
        LogisticRegression(C=inverse_penalty, max_iter=2_000),
    )
    model.fit(training, grades_of(TRAINING) >= Grade.MILD)
    return np.asarray(model.decision_function(test))


@pytest.mark.slow
def test_true_measurements_tell_regurgitation_well_but_not_perfectly_and_better_with_grade() -> None:
    training, test = (
        np.array([measurements(phantom.truth) for phantom in cohort], np.float64) for cohort in (TRAINING, TEST)
    )
    score, grades = scores(training, test, inverse_penalty=1.0), grades_of(TEST)
    assert 0.94 < roc_auc_score(grades >= Grade.MILD, score) < 0.985
    threshold = np.quantile(score[grades == Grade.NONE], 0.9)
    mild, moderate, severe = (np.mean(score[grades == grade] > threshold) for grade in list(Grade)[1:])
    assert mild < moderate <= severe


@pytest.mark.slow
def test_a_thumbnail_tells_it_far_worse() -> None:
    training, test = (np.array([thumbnail(phantom) for phantom in cohort]) for cohort in (TRAINING, TEST))
    score = scores(training, test, inverse_penalty=0.1)
    assert 0.55 < roc_auc_score(grades_of(TEST) >= Grade.MILD, score) < 0.80
