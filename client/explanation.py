"""Why an outcome model says what it says of one patient: its answers over one variable, and each variable's share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from client.engine import Engine, ServedModel
from client.errors import ContractError
from client.interpretation import interpret
from client.outcomes import ClassifierRisks
from evaluation.shapley import Rows, shapley_values
from specs.clinical_variables import ClinicalVariables, NumberVariable
from specs.declared import Declared
from specs.tabular import TabularSpec

_CURVE_POINTS = 101


class OutcomeLine(Declared):
    """Probability of one outcome at each value of the curve."""

    outcome: str
    title: str
    probabilities: tuple[float, ...]


class ClassifierCurve(Declared):
    """What one classifier says over the curve."""

    classifier: str
    title: str
    outcomes: tuple[OutcomeLine, ...]


class OutcomeCurve(Declared):
    """Probabilities for one patient as one variable changes and all others stay as they are."""

    variable: str
    title: str
    unit: str
    values: tuple[float, ...]
    patient_value: float
    classifiers: tuple[ClassifierCurve, ...]


class VariableShare(Declared):
    """What one variable adds to the probability of an outcome, against the background's mean."""

    variable: str
    title: str
    value: float
    contribution: float


class OutcomeShares(Declared):
    """The probability of one outcome: the background's mean and what each variable adds; they add up to it."""

    classifier: str
    outcome: str
    title: str
    probability: float
    background_mean: float
    variables: tuple[VariableShare, ...]


class Explanation(Declared):
    """Everything about one patient's answer; every number came through the engine."""

    source: str
    model: str
    version: int
    contract_sha256: str
    demonstration: bool
    risks: tuple[ClassifierRisks, ...]
    curve: OutcomeCurve
    shares: tuple[OutcomeShares, ...]


class OutcomeExplainer:
    """Explains the answers of one model by asking its engine."""

    def __init__(self, engine: Engine, model: ServedModel) -> None:
        """Take a model.

        Raises:
            ContractError: it is no model of outcomes.
        """
        spec = model.contract.spec
        if not isinstance(spec, TabularSpec):
            raise ContractError(model=model.name, what="it is no model of outcomes, which alone can be explained so")
        self._engine = engine
        self._model = model
        self._spec: TabularSpec = spec
        self._background = np.array(spec.background, dtype=spec.recipe.features.element_type)

    @property
    def recipe(self) -> ClinicalVariables:
        """How a patient's record becomes the model's input."""
        return self._spec.recipe

    def explain(self, source: str, row: NDArray[np.float32]) -> Explanation:
        """Explain the answer for one patient.

        Args:
            source: Name of the patient's place, for the user.
            row: Prepared tensor, shape (variables,).

        Raises:
            ServerError: there is no answer.
            OutputError: an answer breaks the contract.
        """
        outputs = self._infer(row[np.newaxis])
        risks = interpret(self._model, {name: values.astype(np.float32) for name, values in outputs.items()}).outcomes
        return Explanation(
            source=source,
            model=self._model.name,
            version=self._model.version,
            contract_sha256=self._model.contract_sha256,
            demonstration=self._model.contract.weights.demonstration,
            risks=risks,
            curve=self.curve(row),
            shares=self.shares(row),
        )

    def curve(self, row: NDArray[np.float32]) -> OutcomeCurve:
        """Ask for the probabilities of one patient over the range of the head's curve.

        Args:
            row: Prepared tensor, shape (variables,).
        """
        head = self._spec.head
        place = self._spec.recipe.names.index(head.curve_variable)
        variable = self._spec.recipe.variables[place]
        values = np.linspace(*head.curve_range, _CURVE_POINTS, dtype=np.float32)
        rows = np.repeat(row[np.newaxis], len(values), axis=0)
        rows[:, place] = values
        outputs = self._infer(rows)
        return OutcomeCurve(
            variable=variable.name,
            title=variable.title,
            unit=variable.measurement.unit if isinstance(variable, NumberVariable) else "1",
            values=tuple(values.tolist()),
            patient_value=float(row[place]),
            classifiers=tuple(
                ClassifierCurve(
                    classifier=classifier.name,
                    title=classifier.title,
                    outcomes=tuple(
                        OutcomeLine(
                            outcome=outcome.name,
                            title=outcome.title,
                            probabilities=tuple(outputs[classifier.probabilities.name][:, number].tolist()),
                        )
                        for number, outcome in enumerate(head.outcomes)
                    ),
                )
                for classifier in head.classifiers
            ),
        )

    def shares(self, row: NDArray[np.float32]) -> tuple[OutcomeShares, ...]:
        """Share out every probability of one patient among the variables, against the contract's background.

        Args:
            row: Prepared tensor, shape (variables,).
        """
        found = shapley_values(self._all_probabilities, row, self._background)
        probabilities = self._all_probabilities(row[np.newaxis])[0]
        means = self._all_probabilities(self._background).mean(axis=0)
        named = [
            (classifier, outcome) for classifier in self._spec.head.classifiers for outcome in self._spec.head.outcomes
        ]
        return tuple(
            OutcomeShares(
                classifier=classifier.name,
                outcome=outcome.name,
                title=outcome.title,
                probability=float(probabilities[number]),
                background_mean=float(means[number]),
                variables=self._variable_shares(row, found[:, number]),
            )
            for number, (classifier, outcome) in enumerate(named)
        )

    def _variable_shares(
        self, row: NDArray[np.float32], contributions: NDArray[np.float64]
    ) -> tuple[VariableShare, ...]:
        return tuple(
            VariableShare(
                variable=variable.name, title=variable.title, value=float(value), contribution=float(contribution)
            )
            for variable, value, contribution in zip(self._spec.recipe.variables, row, contributions, strict=True)
        )

    def _all_probabilities(self, rows: Rows) -> NDArray[np.float64]:
        """Answer with every outcome of every classifier side by side."""
        outputs = self._infer(rows)
        return np.concatenate([outputs[tensor.name] for tensor in self._spec.outputs], axis=1)

    def _infer(self, rows: Rows) -> dict[str, NDArray[np.float64]]:
        names = [tensor.name for tensor in self._spec.outputs]
        step = self._spec.deployment.largest_batch
        parts = [self._batch(rows[start : start + step], names) for start in range(0, len(rows), step)]
        return {name: np.concatenate([part[name] for part in parts]) for name in names}

    def _batch(self, rows: Rows, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
        given = {self._spec.recipe.input.name: np.ascontiguousarray(rows, dtype=np.float32)}
        return {
            name: values.astype(np.float64) for name, values in self._engine.infer(self._model, given, names).items()
        }
