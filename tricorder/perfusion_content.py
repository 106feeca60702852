"""What an evaluation of a perfusion model leaves in a folder. Needs the extra `report`."""

from collections.abc import Iterator, Sequence

from evaluation.perfusion_pictures import segments_picture
from evaluation.perfusion_tables import perfusion_tables
from specs.myocardial_segments import AHA_SEGMENTS
from specs.perfusion_pairing import Role
from tricorder.evaluate_perfusion import MeasuredPerfusion
from tricorder.evaluation_folder import EvaluationContent


def perfusion_content(measured: MeasuredPerfusion) -> EvaluationContent:
    """Draw the picture and fill the tables."""
    return EvaluationContent(
        report=measured.report,
        answers=_answers(measured),
        pictures={
            f"segments_{state}": segments_picture(measured.report, state, demonstration=measured.demonstration)
            for state in Role
        },
        tables=list(perfusion_tables(measured.report)),
        demonstration=measured.demonstration,
    )


def _answers(measured: MeasuredPerfusion) -> Iterator[Sequence[object]]:
    """Yield a row a patient and state: the 17 segments of SPECT, virtual PET and PET, % of the highest one."""
    images = ("spect", "virtual_pet", "pet")
    yield "patient", "state", *(f"{image}_{segment.number:02d}" for image in images for segment in AHA_SEGMENTS)
    for patient in measured.patients:
        for place, state in enumerate(Role):
            shown = (patient.spect, patient.virtual_pet, patient.pet)
            yield patient.name, state, *(round(float(value), 3) for image in shown for value in image[place])
