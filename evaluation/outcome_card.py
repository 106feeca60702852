"""What the contract of an outcome model says, part by part, as rows and columns for its card."""

from collections.abc import Iterator
from typing import assert_never

from evaluation.discrimination import recorded_area
from evaluation.proportions import proportion
from specs.clinical_variables import (
    CategoryVariable,
    ClinicalVariables,
    ConditionVariable,
    GradeVariable,
    NumberVariable,
    Variable,
)
from specs.outcome import OutcomeProbabilities
from specs.tabular import TabularSpec
from specs.weights import OutcomeFigures, OutcomePerformance, RiskGroup

Row = tuple[str, ...]
"""Cells of text."""


def outcome_answer_rows(head: OutcomeProbabilities) -> Iterator[Row]:
    """Yield what the model answers: of which outcomes, within which time, from where the risk is high."""
    yield "answer", f"probability of each outcome within {head.horizon_years:g} years; together 1"
    for outcome in head.outcomes:
        above = outcome.high_risk_above
        yield outcome.title, "no risk groups" if above is None else f"high risk above {100 * above:g} %"
    yield "cut-offs", head.risk_source
    for place, classifier in enumerate(head.classifiers):
        yield classifier.title, "beside the answer" if place else "gives the answer"


def variable_rows(recipe: ClinicalVariables) -> Iterator[Row]:
    """Yield every variable with what is accepted of it; one that is missing makes a patient not eligible."""
    for variable in recipe.variables:
        yield variable.title, f"{_accepted(variable)} ({_columns(variable)})"


def _columns(variable: Variable) -> str:
    """Name the columns of a table that may give it."""
    names = variable.names if isinstance(variable, GradeVariable) else (variable.name,)
    return f"column {' or '.join(names)}"


def _accepted(variable: Variable) -> str:
    match variable:
        case NumberVariable():
            derived = variable.equation
            otherwise = "" if derived is None else f"; or derived from {derived.creatinine.title}, age and sex"
            return f"{variable.measurement.accepted}{otherwise}"
        case CategoryVariable() | ConditionVariable():
            return variable.accepted
        case GradeVariable():
            grades = (
                f"{graded.measurement.title} from {', '.join(f'{least:g}' for least in graded.boundaries)} "
                f"{graded.measurement.unit}"
                for graded in variable.measurements
            )
            return f"one of: {'; '.join(grades)}"
        case _:
            assert_never(variable)


def classifier_rows(spec: TabularSpec) -> Iterator[Row]:
    """Yield how the classifiers are fitted."""
    forest, regression = spec.training.forest, spec.training.regression
    yield "forest", f"{forest.trees} trees, at most {forest.deepest} deep, at least {forest.fewest_in_leaf} in a leaf"
    yield "regression", f"multinomial logistic, standardized variables, C {regression.inverse_penalty:g}"


def outcome_column(performance: OutcomePerformance) -> dict[str, str]:
    """Return the figures of every classifier and outcome, by name."""
    column = {"patients": f"{performance.patients:,}"}
    for classifier in performance.classifiers:
        for outcome in classifier.outcomes:
            name = f"{outcome.outcome.replace('_', ' ')} by {classifier.classifier}"
            column |= {f"{name}: {figure}": value for figure, value in _figures(outcome).items()}
    return column


def _figures(figures: OutcomeFigures) -> dict[str, str]:
    fit = figures.calibration
    found = {
        "AUC": recorded_area(figures.discrimination).cell(),
        "calibration slope": f"{fit.slope:.3f}",
    }
    for name, group in (("high risk", figures.high_risk), ("low risk", figures.low_risk)):
        if group is not None:
            found[f"events at {name}"] = _share(group)
    return found


def _share(group: RiskGroup) -> str:
    share = proportion(group.events, group.patients)
    return f"{group.events}/{group.patients}" + ("" if share is None else f" = {share.cell()}")
