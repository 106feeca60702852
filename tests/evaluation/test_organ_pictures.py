"""Pictures of an organ model hold every patient, and name model, set and what the weights are."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from evaluation.organ_pictures import dice_picture, heart_counts_picture, washout_picture
from tests.evaluation.organ_patients import measured_patients, report


def drawn(picture: Figure) -> int:
    """Return how many points the plot has."""
    return sum(len(np.asarray(line.get_xdata())) for line in picture.axes[0].lines if line.get_marker() == "o")


@pytest.mark.parametrize("draw", [dice_picture, heart_counts_picture, washout_picture])
def test_a_picture_says_whose_it_is_and_that_it_is_research(draw: type) -> None:
    picture = draw(measured_patients(), report(), demonstration=True)
    assert picture.get_suptitle().startswith("mibg_organs version 3")
    assert "phantoms 0-39, n = 40" in picture.axes[0].get_title()
    assert "demonstration weights" in picture.get_supxlabel()
    assert "Research software" in picture.get_supxlabel()


def test_every_patient_whose_counts_are_known_is_a_point() -> None:
    assert drawn(heart_counts_picture(measured_patients(), report(), demonstration=False)) == 40 + 39
    assert drawn(washout_picture(measured_patients(), report(), demonstration=False)) == 39
