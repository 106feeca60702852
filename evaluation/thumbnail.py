"""The baseline that a network has to beat: a penalized linear regression on a thumbnail of the prepared pixels.

What it tells lies in overall size, position and brightness. A network that is no better has learned no more than that.
Needs the extra `report`.
"""

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from evaluation.agreement import Quantities
from evaluation.discrimination import Scores, Truth

Pixels = NDArray[Any]
"""A prepared picture: axes (row, column), or (view, row, column) of one or several; any unit, black lowest."""

Thumbnails = NDArray[np.float64]
"""Area-averaged pixels, shape (studies, 256 * views), in the unit of the pixels."""

_SIDE = 16
"""Rows and columns of a thumbnail: too few for any sign that a reader would name. Our choice."""

_FOLDS = 5
_INVERSE_PENALTIES = tuple(np.logspace(-5, 1, 13).tolist())  # twice a decade
_PENALTIES = tuple(np.logspace(-1, 5, 13).tolist())


def thumbnail(pixels: Pixels) -> Thumbnails:
    """Average each view of a picture down to 16 by 16 pixels.

    Args:
        pixels: At least 16 rows and 16 columns.

    Returns:
        Shape (256 * views,), view after view, row after row, in the unit of the pixels.

    Raises:
        ValueError: there are other axes, or too few rows or columns.
    """
    views = pixels[None] if pixels.ndim == 2 else pixels
    if views.ndim != 3 or min(views.shape[1:]) < _SIDE:
        raise ValueError(f"a thumbnail needs views of at least {_SIDE} by {_SIDE} pixels; got {pixels.shape}")
    small = [cv2.resize(view.astype(np.float64), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA) for view in views]
    return np.asarray(small, np.float64).ravel()


def thumbnails(pictures: Iterable[Pixels]) -> Thumbnails:
    """Average pictures down, one after the other.

    Raises:
        ValueError: as for `thumbnail`, or there is no picture.
    """
    rows = [thumbnail(pixels) for pixels in pictures]
    if not rows:
        raise ValueError("there is no picture")
    return np.stack(rows)


def thumbnail_probabilities(training: Thumbnails, truth: Truth, test: Thumbnails) -> Scores:
    """Fit a ridge-penalized logistic regression on the training part and score the test part.

    Pixels are standardized on the training part; the penalty is the one with the smallest log loss in five-fold
    cross-validation within it.

    Args:
        training: Shape (training studies, pixels).
        truth: Of the training studies, at least five of either kind.
        test: Shape (test studies, pixels); no patient of the training part.

    Returns:
        Probabilities of the finding, shape (test studies,), unit 1, in [0, 1].

    Source:
        Hoerl AE, Kennard RW, Technometrics 1970;12:55-67; le Cessie S, van Houwelingen JC, Appl Stat 1992;41:191-201.
        Which baseline: our choice.
    """
    search = GridSearchCV(
        # 3,000 studies on two busy cores: 36 s with Newton's method, 143 s with the default solver.
        Pipeline([("scale", StandardScaler()), ("regression", LogisticRegression(solver="newton-cholesky"))]),
        {"regression__C": _INVERSE_PENALTIES},
        scoring="neg_log_loss",
        cv=StratifiedKFold(_FOLDS, shuffle=True, random_state=0),
    )
    with _one_thread():
        return np.asarray(search.fit(training, truth).predict_proba(test)[:, 1], np.float64)


def thumbnail_values(training: Thumbnails, truth: Quantities, test: Thumbnails) -> Quantities:
    """Fit a ridge regression on the training part and predict the test part.

    Pixels are standardized on the training part; the penalty is the one with the smallest mean square error in
    five-fold cross-validation within it.

    Args:
        training: Shape (training studies, pixels).
        truth: Of the training studies, at least five, any unit.
        test: Shape (test studies, pixels); no patient of the training part.

    Returns:
        Predicted values, shape (test studies,), in the unit of the truth.

    Source:
        As for `thumbnail_probabilities`.
    """
    search = GridSearchCV(
        Pipeline([("scale", StandardScaler()), ("regression", Ridge())]),
        {"regression__alpha": _PENALTIES},
        scoring="neg_mean_squared_error",
        cv=KFold(_FOLDS, shuffle=True, random_state=0),
    )
    with _one_thread():
        return np.asarray(search.fit(training, truth).predict(test), np.float64)


def _one_thread() -> threadpool_limits:
    """Keep linear algebra on one thread: with matrices this small, two take six times as long on busy cores."""
    return threadpool_limits(limits=1)
