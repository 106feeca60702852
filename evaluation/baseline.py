"""A model against the thumbnail regression of `evaluation/thumbnail.py` on the same studies."""

import numpy as np

from evaluation.agreement import Quantities, mean_interval
from evaluation.discrimination import Scores, Truth
from evaluation.interval import Interval
from evaluation.paired_discrimination import AreaComparison, compare_areas
from specs.declared import Declared


class FindingBaseline(Declared):
    """AUC of the model (first) and of the regression (second), which was fitted on so many phantoms."""

    training_studies: int
    comparison: AreaComparison

    def __str__(self) -> str:
        return f"Against a thumbnail regression (fitted on {self.training_studies} phantoms): {self.comparison}"


class QuantityBaseline(Declared):
    """Mean absolute error of the regression, which was fitted on so many phantoms, in the unit of the quantity.

    `ratio` is the model's over it, unit 1: below 1 the model is better. `difference` is the model's less it, with
    Student's interval of the paired differences.
    """

    training_studies: int
    mean_absolute_error: Interval
    ratio: float
    difference: Interval

    def __str__(self) -> str:
        error, apart = self.mean_absolute_error, self.difference
        return (
            f"Against a thumbnail regression (fitted on {self.training_studies} phantoms): its mean absolute error "
            f"{error.estimate:.2f} (95 % CI {error.lower:.2f} to {error.upper:.2f}), ratio {self.ratio:.2f}, "
            f"difference {apart.estimate:+.2f} (95 % CI {apart.lower:+.2f} to {apart.upper:+.2f})"
        )


def finding_baseline(
    truth: Truth, probabilities: Scores, of_thumbnails: Scores, *, training_studies: int
) -> FindingBaseline:
    """Compare the areas under both ROC curves.

    Args:
        truth: Shape (studies,), with at least two studies of either kind.
        probabilities: The model's, shape (studies,), unit 1, in [0, 1].
        of_thumbnails: The regression's, the same shape, unit 1, in [0, 1].
        training_studies: Phantoms that the regression was fitted on.
    """
    return FindingBaseline(
        training_studies=training_studies, comparison=compare_areas(truth, probabilities, of_thumbnails)
    )


def quantity_baseline(
    truth: Quantities, values: Quantities, of_thumbnails: Quantities, *, training_studies: int
) -> QuantityBaseline:
    """Compare the mean absolute errors.

    Args:
        truth: Shape (studies,), at least two.
        values: The model's, the same shape and unit.
        of_thumbnails: The regression's, the same shape and unit.
        training_studies: Phantoms that the regression was fitted on.
    """
    own, other = np.abs(values - truth), np.abs(of_thumbnails - truth)
    return QuantityBaseline(
        training_studies=training_studies,
        mean_absolute_error=mean_interval(other),
        ratio=float(own.mean() / other.mean()),
        difference=mean_interval(own - other),
    )
