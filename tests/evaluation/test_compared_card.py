"""The card of a model that is compared with others of its finding."""

import numpy as np

from evaluation.details import OtherModel
from evaluation.finding_report import FindingReport
from evaluation.model_card import model_card
from evaluation.paired_discrimination import compare_areas
from specs.dat_parkinsonism import DAT_PARKINSONISM
from tests.evaluation.card_contracts import PROBABILITIES, TRUTH, distinct_contract, report
from tests.evaluation.test_model_card import cells


def test_the_card_says_by_how_much_a_model_is_better_than_those_it_is_compared_with() -> None:
    made = distinct_contract(DAT_PARKINSONISM)
    measured = report(made, "set three")
    assert isinstance(measured, FindingReport)
    worse = np.abs(TRUTH - 0.5 * PROBABILITIES[::-1])
    comparison = compare_areas(TRUTH > 0, PROBABILITIES, worse)
    other = OtherModel(model="dat_binding", contract_sha256="0" * 64, studies=TRUTH.size, comparison=comparison)
    details = measured.details.model_copy(update={"others": (other,)})
    rows = cells(model_card(made, [measured.model_copy(update={"details": details})]))
    (row,) = [row for row in rows if row[0].startswith("AUC less that of dat_binding")]
    assert row[1:] == ["–", f"{comparison.difference.cell(signed=True)}, p {comparison.shown_p_value}"]
