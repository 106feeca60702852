"""The estimated ages among the results of `tricorder score`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from client.delivery import RESULTS_FILE
from client.result import Status
from evaluation.errors import ResultFaults
from preprocessing.errors import UnreadableFile
from specs import SPECS
from specs.faults import Fault
from specs.head import MeasuredQuantity

AGE_MODELS = tuple(
    name for name, spec in SPECS.items() if isinstance(spec.head, MeasuredQuantity) and spec.head.reference is not None
)
"""Models whose value is compared with the patient's age."""


class ScoredAge(BaseModel):
    """What a result row says of an image's age; other fields of the row do not matter here.

    `value` is the estimated age and `age_gap_years` how far it is above the age that the study states, both in years.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: str
    study_instance_uid: str | None
    sop_instance_uid: str | None
    model: str
    version: int
    status: Status
    value: float | None
    age_gap_years: float | None
    contract_sha256: str
    demonstration: bool

    @property
    def stated_age_years(self) -> float | None:
        """The patient's age as the study states it; None where it does not."""
        return None if self.value is None or self.age_gap_years is None else self.value - self.age_gap_years


@dataclass(frozen=True, kw_only=True)
class ScoredAges:
    """Rows of one version of a model.

    Attributes:
        rows: Those that were scored, in the order of the results; at least one.
        not_scored: Number of the others.
    """

    rows: tuple[ScoredAge, ...]
    not_scored: int


def read_scored_ages(path: Path) -> ScoredAges:
    """Read the rows of a model that estimates an age; those of other models are passed over.

    Args:
        path: JSON lines of `tricorder score --json`, or the folder of its --out.

    Raises:
        UnreadableFile: the file system refused.
        ResultFaults: a line is no result row, or what is left is not of one version of a model.
    """
    file = path / RESULTS_FILE if path.is_dir() else path
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UnreadableFile(cause=error.strerror or type(error).__name__) from None
    read = list(_rows(content))
    faults = [row for row in read if isinstance(row, Fault)]
    rows = [row for row in read if isinstance(row, ScoredAge)]
    scored = tuple(row for row in rows if row.status is Status.SCORED and row.value is not None)
    if not scored:
        faults.append(Fault(what=f"no row is a scored one of {' or '.join(AGE_MODELS)}"))
    if len({row.contract_sha256 for row in rows}) > 1:
        faults.append(Fault(what="its rows are of several contracts; score all studies with one version of the model"))
    if faults:
        raise ResultFaults(faults=faults)
    return ScoredAges(rows=scored, not_scored=len(rows) - len(scored))


def _rows(content: bytes) -> Iterator[ScoredAge | Fault]:
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = ScoredAge.model_validate_json(line)
        except ValidationError:
            yield Fault(line=number, what="it is no row of a result")
            continue
        if row.model in AGE_MODELS:
            yield row
