"""How hard the phantom radiographs are: the truth is in the anatomy, and a thumbnail does not give it away.

Every regression is trained on 2,000 phantoms and tested on 800 others: one on what a perfect reader would measure,
one on the picture at 16 by 16 pixels.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from phantoms import ChestTruth, Grade, RadiographCohort, RadiographPhantom
from tests.phantoms.signs import SIGNS

Features = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Cases:
    """A cohort as both regressions see it."""

    truths: list[ChestTruth]
    thumbnails: Features

    def measured(self, target: str) -> Features:
        """Return what a perfect reader would measure for a target, who knows sex and projection too."""
        rows = [
            [*(getattr(truth, sign) for sign in SIGNS[target]), truth.sex == "F", truth.projection == "AP"]
            for truth in self.truths
        ]
        return np.array(rows, np.float64)

    def values(self, target: str) -> Features:
        """Return the truth itself."""
        return np.array([getattr(truth, target) for truth in self.truths], np.float64)


def thumbnail(phantom: RadiographPhantom) -> Features:
    """Return the windowed picture at 16 by 16 pixels, flattened."""
    window, encoding = phantom.encoding.windows[0], phantom.encoding
    rescaled = phantom.stored * encoding.slope + encoding.intercept
    shown = np.clip((rescaled - window.center) / window.width + 0.5, 0, 1)
    shown = 1 - shown if encoding.polarity == "MONOCHROME1" else shown
    return np.asarray(cv2.resize(shown, (16, 16), interpolation=cv2.INTER_AREA), np.float64).ravel()


def cases(*, seed: int, count: int) -> Cases:
    """Render a cohort, one picture in memory at a time."""
    phantoms = RadiographCohort(name="difficulty", seed=seed, count=count)
    seen = [(phantom.truth, thumbnail(phantom)) for phantom in phantoms]
    return Cases(truths=[truth for truth, _ in seen], thumbnails=np.array([pixels for _, pixels in seen]))


@pytest.fixture(scope="module")
def training() -> Cases:
    return cases(seed=71, count=2_000)


@pytest.fixture(scope="module")
def test() -> Cases:
    return cases(seed=72, count=800)


def scores(features: Features, diseased: NDArray[np.bool_], others: Features, *, inverse_penalty: float) -> Features:
    """Fit a logistic regression and score other features."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=inverse_penalty, max_iter=2_000))
    return np.asarray(model.fit(features, diseased).decision_function(others))


def mean_error(features: Features, values: Features, others: Features, other_values: Features) -> float:
    """Fit a ridge regression and return its mean absolute error on others."""
    model = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-2, 4, 13)))
    return float(np.abs(model.fit(features, values).predict(others) - other_values).mean())


@pytest.mark.slow
@pytest.mark.parametrize("valve", ["mitral_regurgitation", "aortic_stenosis"])
def test_true_measurements_tell_a_valve_disease_well_but_not_perfectly_and_better_with_grade(
    valve: str, training: Cases, test: Cases
) -> None:
    diseased, grades = training.values(valve) >= Grade.MILD, test.values(valve)
    score = scores(training.measured(valve), diseased, test.measured(valve), inverse_penalty=1.0)
    assert 0.955 < roc_auc_score(grades >= Grade.MILD, score) < 0.985
    threshold = np.quantile(score[grades == Grade.NONE], 0.9)
    mild, moderate, severe = (np.mean(score[grades == grade] > threshold) for grade in list(Grade)[1:])
    assert mild < moderate <= severe


@pytest.mark.slow
@pytest.mark.parametrize("valve", ["mitral_regurgitation", "aortic_stenosis"])
def test_a_thumbnail_tells_a_valve_disease_far_worse(valve: str, training: Cases, test: Cases) -> None:
    diseased, grades = training.values(valve) >= Grade.MILD, test.values(valve)
    aucs = [
        roc_auc_score(
            grades >= Grade.MILD,
            scores(training.thumbnails, diseased, test.thumbnails, inverse_penalty=inverse_penalty),
        )
        for inverse_penalty in (0.01, 0.1)
    ]
    assert 0.55 < max(aucs) < 0.78


@pytest.mark.slow
@pytest.mark.parametrize(
    ("quantity", "least", "most", "thumbnail_least"),
    [("ejection_fraction_percent", 2.5, 4.3, 8.0), ("age_years", 2.3, 3.6, 8.0)],
)
def test_true_measurements_tell_a_quantity_well_and_a_thumbnail_far_worse(
    quantity: str, least: float, most: float, thumbnail_least: float, *, training: Cases, test: Cases
) -> None:
    values, other_values = training.values(quantity), test.values(quantity)
    measured = mean_error(training.measured(quantity), values, test.measured(quantity), other_values)
    seen_small = mean_error(training.thumbnails, values, test.thumbnails, other_values)
    assert least < measured < most
    assert thumbnail_least < seen_small < np.abs(other_values - np.median(values)).mean()
