"""The figures of an outcome model on patients with known outcome, as data and as text."""

from collections.abc import Iterator

from evaluation.discrimination import recorded_area
from evaluation.outcome_figures import Outcomes, Probabilities, outcome_performance
from evaluation.proportions import proportion
from evaluation.quantity_report import ReportedModel
from specs.declared import Declared
from specs.outcome import OutcomeProbabilities
from specs.weights import OutcomeFigures, OutcomePerformance


class OutcomeReport(Declared):
    """Discrimination, calibration and risk groups of each classifier of one model on one set."""

    model: str
    version: int
    contract_sha256: str
    performance: OutcomePerformance

    @property
    def studies(self) -> int:
        """Number of patients."""
        return self.performance.patients

    @property
    def data_set(self) -> str:
        """Name of the patients."""
        return self.performance.data_set

    def __str__(self) -> str:
        found = self.performance
        lines = [f"{self.model} version {self.version} on {found.data_set}: {found.patients} patients"]
        for figures in found.classifiers:
            lines.append(f"By {figures.classifier}:")
            for outcome in figures.outcomes:
                lines += _lines(outcome)
        return "\n".join(lines)


def _lines(figures: OutcomeFigures) -> Iterator[str]:
    auc = recorded_area(figures.discrimination)
    yield f"  {figures.outcome.replace('_', ' '):<24}{figures.events} events, AUC {auc}"
    fit = figures.calibration
    yield f"    {'calibration':<22}slope {fit.slope:.2f}, Brier {fit.brier_score:.3f}"
    for name, group in (("high risk", figures.high_risk), ("low risk", figures.low_risk)):
        if group is not None:
            share = proportion(group.events, group.patients)
            yield f"    {name:<22}{group.events}/{group.patients} = {share or '–'}"


def outcome_report(
    truth: Outcomes, probabilities: Probabilities, head: OutcomeProbabilities, model: ReportedModel, *, data_set: str
) -> OutcomeReport:
    """Compute the report.

    Args:
        truth: With at least two patients of each outcome.
        probabilities: Of the same patients.
        head: What they mean.
        model: Whose probabilities they are.
        data_set: Name of the set.

    Raises:
        ValueError: as for `outcome_performance`.
    """
    return OutcomeReport(
        model=model.model,
        version=model.version,
        contract_sha256=model.contract_sha256,
        performance=outcome_performance(head, truth, probabilities, data_set=data_set),
    )
