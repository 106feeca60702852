"""Soft voting by Triton, by the in-process engine and by the client: one answer; the map only when it is asked for."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tritonclient.grpc as tritongrpc
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from client.contracts import require_steps
from client.engine import Engine, ServedModel
from client.errors import ContractError
from client.in_process import InProcessEngine
from client.interpretation import interpret, wanted_outputs
from client.triton import TritonEngine
from client.voting import ClientVoting
from phantoms import Part, radiograph_cohort
from preprocessing import Prepared, prepare
from serving import EmbeddedTriton
from specs.ensemble import EnsembleSpec
from specs.recipe import ImageRecipe
from tests.conftest import CLONE, RADIOGRAPH_SPECS

Pixels = NDArray[np.uint8]
Answers = NDArray[np.float32]

STUDIES = 64
LARGEST_REQUEST = 16
SETTLING_S = 0.2
"""Between two looks at the counts of a server that has nothing to do."""
VOTE_TOLERANCE = 1e-6
"""Of a probability, between the three ways of voting on the same request."""
MAP_TOLERANCE = 1e-5
"""Of a map, 0 to 1: the client resizes it with another library."""
MIX_TOLERANCE = 1e-5
"""Between a study alone and in a batch: kernels for batches add in another order."""


@pytest.fixture(scope="module")
def ensemble(in_process: InProcessEngine) -> ServedModel:
    return in_process.served_model("aortic_stenosis")


@pytest.fixture(scope="module")
def studies(ensemble: ServedModel) -> Pixels:
    """Wire pixels of phantoms, shape (64, 1, row, column)."""
    recipe = ensemble.contract.spec.recipe
    assert isinstance(recipe, ImageRecipe)
    prepared = [prepare(phantom.dataset(), recipe) for phantom in radiograph_cohort(Part.TEST, count=8)]
    eight = np.stack([each.pixels for each in prepared if isinstance(each, Prepared)])
    return np.concatenate([np.roll(eight, shift, axis=3) for shift in range(-16, 16, 4)])


def infer(engine: Engine, model: ServedModel, pixels: Pixels, *outputs: str) -> dict[str, Answers]:
    answers = engine.infer(model, {"pixels": pixels}, outputs)
    return {name: value.astype(np.float32) for name, value in answers.items()}


@pytest.mark.parametrize("batch", [1, 3, LARGEST_REQUEST])
def test_triton_the_engine_here_and_the_client_vote_alike(
    remote: TritonEngine, in_process: InProcessEngine, ensemble: ServedModel, studies: Pixels, batch: int
) -> None:
    tolerances = {"probability": VOTE_TOLERANCE, "member_probabilities": VOTE_TOLERANCE, "cam": MAP_TOLERANCE}
    outputs = tuple(tolerances)
    by_triton = infer(remote, ensemble, studies[:batch], *outputs)
    here = infer(in_process, ensemble, studies[:batch], *outputs)
    by_client = infer(ClientVoting(remote), ensemble, studies[:batch], *outputs)
    for other in (here, by_client):
        for name, tolerance in tolerances.items():
            assert by_triton[name].shape == other[name].shape
            found = other[name].astype(np.float32)
            np.testing.assert_allclose(found, by_triton[name], rtol=0, atol=tolerance)
    assert len(np.unique(by_triton["probability"])) == batch


def test_members_answer_on_their_own_what_they_say_in_the_vote(
    remote: TritonEngine, ensemble: ServedModel, studies: Pixels
) -> None:
    voted = infer(remote, ensemble, studies[:4], "probability", "member_probabilities")
    assert isinstance(ensemble.contract.spec, EnsembleSpec)
    for place, member in enumerate(ensemble.contract.spec.members):
        alone = infer(remote, remote.served_model(member.model), studies[:4], "probability")["probability"]
        np.testing.assert_allclose(voted["member_probabilities"][:, place], alone[:, 0], rtol=0, atol=VOTE_TOLERANCE)
    np.testing.assert_allclose(
        voted["probability"][:, 0],
        voted["member_probabilities"].astype(np.float64).mean(axis=1),
        rtol=0,
        atol=VOTE_TOLERANCE,
    )


def executions(triton: EmbeddedTriton) -> dict[str, int]:
    """Count what each model has run, once two looks agree: Triton counts a step after it has answered."""
    with tritongrpc.InferenceServerClient(url=triton.grpc_address) as client:
        earlier, counts = None, None
        while counts is None or counts != earlier:
            time.sleep(SETTLING_S)
            statistics = client.get_inference_statistics().model_stats
            earlier, counts = counts, {model.name: model.inference_count for model in statistics}
        return counts


@pytest.mark.parametrize("outputs", [("probability",), ("member_probabilities",), ("cam",), ("probability", "cam")])
def test_triton_computes_the_map_only_when_it_is_asked_for(
    triton: EmbeddedTriton,
    remote: TritonEngine,
    ensemble: ServedModel,
    studies: Pixels,
    outputs: tuple[str, ...],
) -> None:
    before = executions(triton)
    infer(remote, ensemble, studies[:1], *outputs)
    ran = {name: count - before[name] for name, count in executions(triton).items()}
    voting, mapped = bool(set(outputs) - {"cam"}), "cam" in outputs
    assert (ran["aortic_stenosis_vote"], ran["aortic_stenosis_map"]) == (voting, mapped)
    assert ran["aortic_stenosis_resnet50"] == voting + mapped


@settings(max_examples=3)
@given(data=st.data())
def test_a_mixed_batch_of_studies_is_answered_like_each_alone(
    remote: TritonEngine, in_process: InProcessEngine, studies: Pixels, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(STUDIES)))
    cuts = sorted(data.draw(st.sets(st.integers(1, STUDIES - 1), min_size=8, max_size=20)) | set(range(0, STUDIES, 16)))
    requests = [order[start:end] for start, end in zip(cuts, [*cuts[1:], STUDIES], strict=True)]
    assert max(map(len, requests)) <= LARGEST_REQUEST
    for name in RADIOGRAPH_SPECS:
        model = remote.served_model(name)
        with ThreadPoolExecutor(max_workers=8) as pool:
            answers = list(pool.map(partial(answers_to, remote, model, studies), requests))
        alone = alone_answers(in_process, model, studies)
        np.testing.assert_allclose(
            np.concatenate(answers), alone[order], rtol=MIX_TOLERANCE, atol=MIX_TOLERANCE, err_msg=name
        )


def answers_to(engine: Engine, model: ServedModel, studies: Pixels, places: list[int]) -> Answers:
    """Answer some of the studies in one request, shape (studies,)."""
    answer = model.contract.spec.head.answer.name
    return infer(engine, model, studies[places], answer)[answer][:, 0]


_ALONE: dict[str, Answers] = {}


def alone_answers(engine: Engine, model: ServedModel, studies: Pixels) -> Answers:
    """Answer each study by itself; done once a model."""
    if model.name not in _ALONE:
        _ALONE[model.name] = np.concatenate([answers_to(engine, model, studies, [i]) for i in range(STUDIES)])
    return _ALONE[model.name]


def test_a_result_names_what_each_member_says(
    in_process: InProcessEngine, ensemble: ServedModel, studies: Pixels
) -> None:
    answer = interpret(ensemble, infer(in_process, ensemble, studies[:1], *wanted_outputs(ensemble, heat_map=True)))
    assert [member.model for member in answer.members] == [
        "aortic_stenosis_inceptionv3",
        "aortic_stenosis_resnet50",
        "aortic_stenosis_densenet121",
    ]
    assert answer.value == pytest.approx(np.mean([member.value for member in answer.members]), abs=VOTE_TOLERANCE)
    assert answer.heat_map is not None
    assert 0 <= answer.heat_map.min() < answer.heat_map.max() <= 1


def test_an_ensemble_whose_member_was_exchanged_is_refused(
    in_process: InProcessEngine, ensemble: ServedModel, tmp_path: Path
) -> None:
    shutil.copytree(CLONE / "model_repository", tmp_path / "repository")
    exchanged, other = (tmp_path / "repository" / f"aortic_stenosis_{name}" for name in ("vote", "map"))
    text = (exchanged / "config.pbtxt").read_text(encoding="utf-8")
    step = {step.model: step.model_sha256 for step in ensemble.contract.weights.steps}
    changed = text.replace(step[exchanged.name], step[other.name])
    assert changed != text
    (exchanged / "config.pbtxt").write_text(changed, encoding="utf-8")
    with InProcessEngine(tmp_path / "repository") as engine, pytest.raises(ContractError, match="aortic_stenosis_vote"):
        engine.served_model("aortic_stenosis")


def test_a_model_that_is_no_ensemble_has_no_steps_and_answers_as_it_does(
    in_process: InProcessEngine, model: ServedModel, studies: Pixels
) -> None:
    require_steps(model, {})
    plain, voting = (
        infer(engine, model, studies[:2], "probability") for engine in (in_process, ClientVoting(in_process))
    )
    assert np.array_equal(plain["probability"], voting["probability"])


def test_the_client_asks_each_member_once_also_for_a_map(
    triton: EmbeddedTriton, remote: TritonEngine, ensemble: ServedModel, studies: Pixels
) -> None:
    before = executions(triton)
    infer(ClientVoting(remote), ensemble, studies[:1], "probability", "cam")
    ran = {name: count - before[name] for name, count in executions(triton).items() if count != before[name]}
    assert ran == dict.fromkeys((f"aortic_stenosis_{name}" for name in ("inceptionv3", "resnet50", "densenet121")), 1)
