"""The figures of a finding model on a labeled set, as data and as text."""

from evaluation.calibration import calibration
from evaluation.details import FindingDetails
from evaluation.discrimination import Scores, Truth, area_under_roc
from evaluation.interval import Interval
from evaluation.operating_points import count_calls
from evaluation.proportions import CallFigures, call_figures
from specs.contract import Contract
from specs.declared import Declared
from specs.weights import Calibration, ConfusionCounts, FindingPerformance


class FindingReport(Declared):
    """Discrimination, calls at the operating point and calibration of one model on one set."""

    model: str
    version: int
    contract_sha256: str
    data_set: str
    studies: int
    positives: int
    threshold: float
    counts: ConfusionCounts
    auc: Interval
    calls: CallFigures
    calibration: Calibration
    details: FindingDetails = FindingDetails()

    def __str__(self) -> str:
        counts, fit = self.counts, self.calibration
        title = f"{self.model} version {self.version} on {self.data_set}"
        lines = [
            f"{title}: {self.studies} studies, {self.positives} with the finding",
            _line("AUC (DeLong)", str(self.auc)),
            f"At the operating point {self.threshold:.3f} (Clopper-Pearson):",
        ]
        for name, value in (
            ("sensitivity", self.calls.sensitivity),
            ("specificity", self.calls.specificity),
            ("accuracy", self.calls.accuracy),
            ("positive predictive value", self.calls.positive_predictive_value),
            ("negative predictive value", self.calls.negative_predictive_value),
        ):
            lines.append(_line(name, str(value or "–")))
        lines += [
            _line("called positive", f"{counts.true_positive} with the finding, {counts.false_positive} without"),
            _line("called negative", f"{counts.false_negative} with the finding, {counts.true_negative} without"),
            _line("calibration", f"intercept {fit.intercept:+.3f}, slope {fit.slope:.3f}, Brier {fit.brier_score:.3f}"),
        ]
        return "\n".join(lines + str(self.details).splitlines())


def _line(name: str, value: str) -> str:
    return f"  {name:<26}{value}"


def finding_report(
    truth: Truth, probabilities: Scores, contract: Contract, *, data_set: str, details: FindingDetails | None = None
) -> FindingReport:
    """Compute the report.

    Args:
        truth: Shape (studies,), with at least two studies of either kind.
        probabilities: Shape (studies,), unit 1, in [0, 1].
        contract: Of the model that gave the probabilities.
        data_set: Name of the set.
        details: What else is known of these studies.

    Raises:
        ValueError: the contract is not of a finding model.
    """
    threshold = operating_threshold(contract)
    counts = count_calls(truth, probabilities, threshold)
    return FindingReport(
        model=contract.spec.name,
        version=contract.weights.version,
        contract_sha256=contract.sha256(),
        data_set=data_set,
        studies=int(truth.size),
        positives=int(truth.sum()),
        threshold=threshold,
        counts=counts,
        auc=area_under_roc(truth, probabilities),
        calls=call_figures(counts),
        calibration=calibration(truth, probabilities, data_set=data_set),
        details=details or FindingDetails(),
    )


def operating_threshold(contract: Contract) -> float:
    """Return the probability from which a model's call is positive, unit 1.

    Raises:
        ValueError: the contract is not of a finding model.
    """
    performance = contract.weights.performance
    if not isinstance(performance, FindingPerformance):
        raise ValueError(f"{contract.spec.name} is no model of a finding")
    return performance.operating_point.threshold
