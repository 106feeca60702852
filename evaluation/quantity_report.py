"""The figures of a model that measures a quantity, on a set with known values, as data and as text."""

from dataclasses import dataclass

from evaluation.agreement import Agreement, Quantities, agreement
from evaluation.details import QuantityDetails
from evaluation.interval import Interval
from specs.declared import Declared


@dataclass(frozen=True, kw_only=True)
class ReportedModel:
    """Whose figures a report holds."""

    model: str
    version: int
    contract_sha256: str


class QuantityReport(Declared):
    """Agreement of one model's values with the true ones on one set."""

    model: str
    version: int
    contract_sha256: str
    data_set: str
    studies: int
    unit: str
    agreement: Agreement
    details: QuantityDetails = QuantityDetails()

    def __str__(self) -> str:
        found = self.agreement
        title = f"{self.model} version {self.version} on {self.data_set}"
        return "\n".join(
            [
                f"{title}: {self.studies} studies, in {self.unit}",
                _line("mean absolute error", _amount(found.mean_absolute_error)),
                _line("root mean square error", f"{found.root_mean_square_error:.2f}"),
                _line("bias (predicted - true)", _signed(found.bias)),
                _line("lower limit of agreement", _signed(found.lower_limit)),
                _line("upper limit of agreement", _signed(found.upper_limit)),
                "Without a unit:",
                _line("Pearson r", _share(found.pearson_r)),
                _line("ICC(1,1)", _share(found.intraclass_correlation)),
                _line("slope, true on predicted", _share(found.calibration_slope)),
                _line("slope, predicted on true", _share(found.slope_on_truth)),
                *str(self.details).splitlines(),
            ]
        )


def quantity_report(
    truth: Quantities,
    values: Quantities,
    model: ReportedModel,
    *,
    data_set: str,
    unit: str,
    details: QuantityDetails | None = None,
) -> QuantityReport:
    """Compute the report.

    Args:
        truth: Shape (studies,), at least three, in `unit`.
        values: What the model said, the same shape and unit.
        model: Whose values they are.
        data_set: Name of the set.
        unit: Of the quantity, for people: %, years.
        details: What else is known of these studies.

    Raises:
        ValueError: as for `agreement`.
    """
    return QuantityReport(
        model=model.model,
        version=model.version,
        contract_sha256=model.contract_sha256,
        data_set=data_set,
        studies=int(truth.size),
        unit=unit,
        agreement=agreement(truth, values),
        details=details or QuantityDetails(),
    )


def _line(name: str, value: str) -> str:
    return f"  {name:<26}{value}"


def _amount(interval: Interval) -> str:
    return f"{interval.estimate:.2f} (95 % CI {interval.lower:.2f} to {interval.upper:.2f})"


def _signed(interval: Interval) -> str:
    return f"{interval.estimate:+.2f} (95 % CI {interval.lower:+.2f} to {interval.upper:+.2f})"


def _share(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return f"{interval.estimate:.3f} (95 % CI {interval.lower:.3f} to {interval.upper:.3f})"
