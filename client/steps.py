"""The steps of an ensemble carried out one after the other, where no server does it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from client.engine import TensorValue
from specs.ensemble import Step

StepRunner = Callable[[str, Mapping[str, TensorValue], Sequence[str]], Mapping[str, TensorValue]]
"""Runs a model on its own input tensors and returns those of its own outputs that are asked for."""


@dataclass(frozen=True, kw_only=True)
class _Run:
    """One run of a model that serves every needed step with the same inputs; tables as of `Step`."""

    model: str
    inputs: dict[str, str]
    outputs: dict[str, str]


def run_steps(
    steps: Sequence[Step], inputs: Mapping[str, TensorValue], outputs: Sequence[str], run: StepRunner
) -> dict[str, TensorValue]:
    """Run what the wanted outputs need of an ensemble, each model once.

    Args:
        steps: Each after those whose tensors it takes.
        inputs: The ensemble's input tensors.
        outputs: The ensemble's outputs that are wanted.
        run: Runs one model.
    """
    tensors = dict(inputs)
    for each in _runs(_needed(steps, outputs)):
        given = run(each.model, {own: tensors[name] for own, name in each.inputs.items()}, tuple(each.outputs))
        tensors |= {name: given[own] for own, name in each.outputs.items()}
    return {name: tensors[name] for name in outputs}


def _needed(steps: Sequence[Step], outputs: Sequence[str]) -> list[Step]:
    """Return the steps that lead to these outputs, in order."""
    wanted, needed = set(outputs), []
    for step in reversed(steps):
        if wanted.intersection(step.outputs.values()):
            needed.append(step)
            wanted.update(step.inputs.values())
    return needed[::-1]


def _runs(steps: Sequence[Step]) -> list[_Run]:
    runs: dict[tuple[str, tuple[tuple[str, str], ...]], _Run] = {}
    for step in steps:
        key = step.model, tuple(sorted(step.inputs.items()))
        known = runs.get(key, _Run(model=step.model, inputs=step.inputs, outputs={}))
        runs[key] = _Run(model=step.model, inputs=step.inputs, outputs={**known.outputs, **step.outputs})
    return list(runs.values())
