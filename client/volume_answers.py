"""What an answer that is a volume says of the study that it was computed from."""

import numpy as np

from client.engine import ServedModel
from client.interpretation import Answer
from client.organ_results import organ_result
from client.perfusion_results import perfusion_result
from client.volume_results import VolumeResult
from preprocessing import PreparedMibg, PreparedPerfusion, PreparedRecord, PreparedStudy


def volume_result(
    model: ServedModel, prepared: PreparedStudy | PreparedRecord, answer: Answer, *, delivered: bool
) -> VolumeResult | None:
    """Measure the volume; None where the answer is none.

    Args:
        model: Which gave the answer.
        prepared: What it was given.
        answer: What it said.
        delivered: Whether a picture and DICOM objects are wanted too.
    """
    if answer.volume is None:
        return None
    match prepared:
        case PreparedPerfusion():
            return perfusion_result(model, prepared, answer.volume.astype(np.float32), delivered=delivered)
        case PreparedMibg():
            return organ_result(model, prepared, answer.volume.astype(np.uint8), delivered=delivered)
        case _:
            raise TypeError(f"{type(prepared).__name__} is not answered with a volume")
