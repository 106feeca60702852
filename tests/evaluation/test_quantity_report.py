"""The report of a model that measures a quantity: the same figures as data and as text."""

import numpy as np

from evaluation.agreement import agreement
from evaluation.quantity_report import QuantityReport, quantity_report
from tests.evaluation.measured import MINI_METER, MODEL, WRIGHT_METER


def report() -> QuantityReport:
    """Report the small flow meter against the large one."""
    return quantity_report(WRIGHT_METER, MINI_METER, MODEL, data_set="seventeen", unit="l/min")


def test_the_report_names_model_set_and_unit_and_holds_the_agreement() -> None:
    found = report()
    assert (found.model, found.version, found.contract_sha256) == ("xray_age", 3, MODEL.contract_sha256)
    assert (found.data_set, found.studies, found.unit) == ("seventeen", 17, "l/min")
    assert found.agreement == agreement(WRIGHT_METER, MINI_METER)


def test_the_report_comes_back_from_json() -> None:
    assert QuantityReport.from_json(report().canonical_json()) == report()


def test_the_text_states_every_figure_with_sign_and_interval() -> None:
    lines = str(report()).splitlines()
    assert lines[0] == "xray_age version 3 on seventeen: 17 studies, in l/min"
    assert lines[1].startswith("  mean absolute error       28.94 (95 % CI 16.16 to 41.72)")
    assert lines[3] == "  bias (predicted - true)   +2.12 (95 % CI -17.81 to +22.05)"
    assert lines[6] == "Without a unit:"
    assert lines[8].startswith("  ICC(1,1)                  0.946 (95 % CI ")
    assert len({line.index("(95 % CI") > 0 for line in lines if "CI" in line}) == 1


def test_a_figure_that_the_values_do_not_determine_is_a_dash() -> None:
    constant = quantity_report(WRIGHT_METER, np.full(17, 450.0), MODEL, data_set="seventeen", unit="l/min")
    assert [line.split()[-1] for line in str(constant).splitlines() if "Pearson" in line] == ["–"]
