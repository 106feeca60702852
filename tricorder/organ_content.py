"""What an evaluation of an organ model leaves in a folder. Needs the extra `report`."""

from collections.abc import Iterator, Sequence

from evaluation.organ_pictures import dice_picture, heart_counts_picture, washout_picture
from evaluation.organ_report import MeasuredPatient, OrganReport
from evaluation.organ_tables import organ_tables
from preprocessing.mibg_names import heart_counts_name
from specs.mibg import MibgTime
from tricorder.evaluation_folder import EvaluationContent


def organ_content(
    report: OrganReport, patients: Sequence[MeasuredPatient], *, demonstration: bool
) -> EvaluationContent:
    """Draw the pictures and fill the tables.

    Args:
        report: The figures.
        patients: Of whom.
        demonstration: Whether the weights were fitted on phantoms.
    """
    return EvaluationContent(
        report=report,
        answers=_answers(patients),
        pictures={
            "dice": dice_picture(patients, report, demonstration=demonstration),
            "heart_counts": heart_counts_picture(patients, report, demonstration=demonstration),
            "washout": washout_picture(patients, report, demonstration=demonstration),
        },
        tables=list(organ_tables(report)),
        demonstration=demonstration,
    )


def _answers(patients: Sequence[MeasuredPatient]) -> Iterator[Sequence[object]]:
    """Yield a row a patient: its number, what is true, what was found; empty where it is unknown."""
    organs = tuple(patients[0].dice)
    yield (
        "patient",
        "disease",
        "nearly_no_uptake",
        *(f"uptake_{time}" for time in MibgTime),
        "true_washout_percent",
        *(f"dice_{organ}_{time}" for organ in organs for time in MibgTime),
        *(heart_counts_name(time) for time in MibgTime),
        "washout_percent",
    )
    for number, each in enumerate(patients):
        yield (
            number,
            each.disease,
            each.nearly_no_uptake,
            *each.uptake,
            each.true_washout_percent,
            *(value for organ in organs for value in each.dice[organ]),
            *each.heart_counts,
            each.washout_percent,
        )
