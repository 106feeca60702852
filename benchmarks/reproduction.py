"""Reproduction: the held-out figures of models that were trained anew, beside those that are committed.

tricorder bench reproduction --committed FOLDER --out benchmarks/records/reproduction.json
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import assert_never

from pydantic import TypeAdapter

from benchmarks.machine import Machine
from benchmarks.scenario import deliver_record, scenario_parser
from evaluation.evaluation_records import Report
from evaluation.finding_report import FindingReport
from evaluation.organ_report import OrganReport
from evaluation.outcome_report import OutcomeReport
from evaluation.perfusion_report import PerfusionReport
from evaluation.quantity_report import QuantityReport
from specs.declared import Declared

AUC_TOLERANCE = 0.02
"""Absolute, of an AUC: about half the width of its 95 % interval on 1,000 held-out phantoms; our choice.

Another processor, another number of threads or another precision of fitting adds up in another order, and a training
that begins alike ends elsewhere, as with another seed.
"""

DICE_TOLERANCE = 0.01
"""Absolute, of a mean Dice: our choice."""

ERROR_TOLERANCE = 0.1
"""Share of a mean absolute error: about the width of its 95 % interval on 1,000 held-out phantoms; our choice."""

RECORDS = Path(__file__).parent / "records"
_EVALUATION: TypeAdapter[Report] = TypeAdapter(Report)


class ReproducedFigure(Declared):
    """One figure of one model on one set, and how far the model made anew may be from the committed one."""

    model: str
    data_set: str
    figure: str
    committed: float
    remade: float
    tolerance: float

    @property
    def difference(self) -> float:
        """How far the new figure is from the committed one, without a sign."""
        return abs(self.remade - self.committed)

    @property
    def is_tolerated(self) -> bool:
        """Whether the difference is within the tolerance."""
        return self.difference <= self.tolerance

    def __str__(self) -> str:
        verdict = "within" if self.is_tolerated else "BEYOND"
        return (
            f"{self.model} on {self.data_set}: {self.figure} {self.committed:.4f} -> {self.remade:.4f}, "
            f"{self.difference:.4f} apart, {verdict} {self.tolerance:.4f}"
        )


class ReproductionRecord(Declared):
    """Every figure of the models that were made anew."""

    scenario: str = "reproduction"
    machine: Machine
    figures: tuple[ReproducedFigure, ...]


def reproduction(committed: Path, remade: Path) -> Iterator[ReproducedFigure]:
    """Compare two folders of evaluation records; a model that was not made anew is left out.

    Args:
        committed: Folder with the records of the committed weights.
        remade: Folder with those of the new weights, on the same held-out phantoms.

    Raises:
        ValueError: the records of a model are not of the same set, or not of the same kind.
        OSError: a record of a committed model is missing in the other folder.
    """
    for file in sorted(committed.glob("evaluation-*.json")):
        before = _EVALUATION.validate_json(file.read_text(encoding="utf-8"))
        after = _EVALUATION.validate_json((remade / file.name).read_text(encoding="utf-8"))
        if before.contract_sha256 == after.contract_sha256:
            continue
        if before.data_set != after.data_set or type(before) is not type(after):
            raise ValueError(f"{file.name} is of another set or another kind of model in the two folders")
        for (figure, old, tolerance), (_, new, _) in zip(_figures(before), _figures(after), strict=True):
            yield ReproducedFigure(
                model=before.model,
                data_set=before.data_set,
                figure=figure,
                committed=old,
                remade=new,
                tolerance=tolerance,
            )


def _figures(report: Report) -> Iterator[tuple[str, float, float]]:
    """Yield the name of each headline figure, its value, and its tolerance if it is the committed one."""
    match report:
        case FindingReport():
            yield "AUC", report.auc.estimate, AUC_TOLERANCE
        case QuantityReport():
            error = report.agreement.mean_absolute_error.estimate
            yield f"mean absolute error ({report.unit})", error, ERROR_TOLERANCE * error
        case OutcomeReport():
            yield from _outcome_figures(report)
        case PerfusionReport():
            error = report.inferior[0].virtual_pet.mean_absolute_error.estimate
            yield "mean absolute error of inferior segments (%)", error, ERROR_TOLERANCE * error
        case OrganReport():
            known = {organ.organ: organ.dice for organ in report.organs if organ.dice is not None}
            yield from ((f"Dice of {organ}", dice.estimate, DICE_TOLERANCE) for organ, dice in known.items())
        case _:
            assert_never(report)


def _outcome_figures(report: OutcomeReport) -> Iterator[tuple[str, float, float]]:
    for classifier in report.performance.classifiers:
        for outcome in classifier.outcomes:
            name = f"AUC of {outcome.outcome} by {classifier.classifier}"
            yield name, outcome.discrimination.auc, AUC_TOLERANCE


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare, write the record, and end with 1 where a figure is beyond its tolerance."""
    parser = scenario_parser(__doc__)
    parser.add_argument("--committed", type=Path, required=True, help="folder with the records before training")
    parser.add_argument("--remade", type=Path, default=RECORDS, help="folder with the new ones (default: the clone's)")
    given = parser.parse_args(arguments)
    figures = tuple(reproduction(given.committed, given.remade))
    deliver_record(ReproductionRecord(machine=Machine.here(), figures=figures), given.out)
    for figure in figures:
        sys.stderr.write(f"{figure}\n")
    if not all(figure.is_tolerated for figure in figures):
        sys.exit("A figure is beyond its tolerance: unless phantoms or training were changed on purpose, look for why.")


if __name__ == "__main__":
    main()
