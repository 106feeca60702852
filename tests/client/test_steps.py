"""An ensemble's steps run in order, and only those that the wanted outputs need."""

from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from client.engine import TensorValue
from client.steps import run_steps
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.ensemble import Step

OUTPUTS = [tensor.name for tensor in AORTIC_STENOSIS.outputs]
CHAIN = (
    Step(model="double", inputs={"x": "start"}, outputs={"y": "twice"}),
    Step(model="negate", inputs={"x": "start"}, outputs={"y": "negative"}),
    Step(model="double", inputs={"x": "twice"}, outputs={"y": "fourfold"}),
    Step(model="double", inputs={"x": "start"}, outputs={"z": "half"}),
)


def run_chain(model: str, inputs: Mapping[str, TensorValue], outputs: Sequence[str]) -> dict[str, TensorValue]:
    x = inputs["x"].astype(np.float64)
    values = {"double": {"y": x * 2, "z": x / 2}, "negate": {"y": -x}}
    return {name: values[model][name] for name in outputs}


@given(
    start=st.floats(-1e3, 1e3), wanted=st.lists(st.sampled_from(["twice", "negative", "fourfold", "half"]), unique=True)
)
def test_tensors_go_from_step_to_step_under_the_names_of_the_ensemble(start: float, wanted: list[str]) -> None:
    right = {"twice": 2 * start, "negative": -start, "fourfold": 4 * start, "half": start / 2}
    found = run_steps(CHAIN, {"start": np.array([start])}, wanted, run_chain)
    assert {name: float(value[0]) for name, value in found.items()} == {name: right[name] for name in wanted}


@given(wanted=st.sets(st.sampled_from(OUTPUTS), min_size=1))
def test_a_model_runs_once_and_only_for_what_is_wanted(wanted: set[str]) -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    def run(model: str, _inputs: Mapping[str, TensorValue], outputs: Sequence[str]) -> dict[str, TensorValue]:
        asked.append((model, tuple(outputs)))
        return {name: np.zeros(1) for name in outputs}

    run_steps(AORTIC_STENOSIS.steps, {"pixels": np.zeros(1)}, sorted(wanted), run)
    models = [model for model, _ in asked]
    assert len(set(models)) == len(models)
    assert ("aortic_stenosis_map" in models) == ("cam" in wanted)
    assert ("aortic_stenosis_vote" in models) == bool(wanted - {"cam"})
    members = [outputs for model, outputs in asked if model in {member.model for member in AORTIC_STENOSIS.members}]
    expected = [name for name, needed in (("probability", wanted - {"cam"}), ("cam", "cam" in wanted)) if needed]
    assert members == [tuple(expected)] * 3
