"""Every network at its published size, with any weights: through the gate, served, with its map on request."""

from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import nn

from client.call_settings import CallSettings
from client.engine import ServedModel
from client.triton import TritonEngine
from export.ensemble import export_ensemble
from export.run import EntryVersion, Workplace, export_network
from phantoms import Part
from serving import EmbeddedTriton, TritonSettings
from specs import member_specs
from specs.contract import ImageSpec
from specs.ensemble import EnsembleSpec
from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import DataSet
from tests.conftest import CLONE, IMAGE_SPECS
from tests.training.tiny import silent_progress, with_opinions
from training.fitting import answers
from training.narrowing import parameter_count
from training.network_run import WEIGHTS_FILE
from training.performance import performance
from training.phantom_data import prepared_phantoms
from training.prepared_part import PreparedPart
from training.radiograph_network import RadiographNetwork
from training.summary import SUMMARY_FILE, TrainingSummary
from training.validation_answers import ValidationAnswers

STUDIES = 12
MIX_TOLERANCE = 1e-5
"""Between a study alone and in a batch, relative to the answer: kernels for batches add in another order."""
MEMBERS = {member.model for spec in IMAGE_SPECS.values() if isinstance(spec, EnsembleSpec) for member in spec.members}
MODELS = [spec for spec in IMAGE_SPECS.values() if spec.name not in MEMBERS]
"""Members are exported and served with their ensemble."""


def phantoms(spec: NetworkSpec, part: Part, cache: Path) -> PreparedPart:
    with silent_progress() as bar:
        return prepared_phantoms(part, spec, count=STUDIES, cache=cache, progress=bar)


def leave_a_run(spec: NetworkSpec, folder: Path, cache: Path) -> None:
    """Leave what `tricorder train` would, with random weights whose scores are of mean 0 and deviation 1."""
    torch.manual_seed(11)
    network = with_opinions(RadiographNetwork(spec, Preset.PAPER))
    part = phantoms(spec, Part.VALIDATION, cache)
    last = [layer for layer in network.classifier.modules() if isinstance(layer, nn.Linear)][-1]
    with torch.inference_mode():
        scores = network.score(network.reduce(torch.from_numpy(part.pixels[:])))
    with torch.no_grad():
        last.weight.div_(scores.std())
        last.bias.sub_(scores.mean()).div_(scores.std())
    found = ValidationAnswers(
        data_set=part.name, truth=part.truth, answers=answers(network, part.pixels, batch_size=STUDIES)
    )
    folder.mkdir(parents=True)
    found.write(folder)
    safetensors.torch.save_file(network.state_dict(), folder / WEIGHTS_FILE)
    summary = TrainingSummary(
        model=spec.name,
        preset=Preset.PAPER,
        demonstration=True,
        parameters=parameter_count(network),
        data_set=DataSet(
            name="none", description="random weights", training_studies=1, validation_studies=STUDIES, seed=11
        ),
        performance=performance(spec.head, found.truth, found.answers, data_set=found.data_set),
    )
    (folder / SUMMARY_FILE).write_text(summary.readable_json(), encoding="utf-8")


def export(spec: ImageSpec, folder: Path, cache: Path) -> None:
    members = (spec,) if isinstance(spec, NetworkSpec) else member_specs(spec)
    for member in members:
        leave_a_run(member, folder / member.name, cache)
    target = EntryVersion(repository=folder / "repository")
    workplace = Workplace(cache=cache, progress=silent_progress, parity_studies=STUDIES)
    if isinstance(spec, NetworkSpec):
        export_network(spec, Preset.PAPER, weights=folder / spec.name, target=target, workplace=workplace)
        return
    weights = {member.name: folder / member.name for member in members}
    export_ensemble(spec, Preset.PAPER, weights=weights, target=target, workplace=workplace)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prepared")


@pytest.mark.slow
@pytest.mark.parametrize("declared", MODELS, ids=lambda spec: spec.name)
def test_a_paper_network_passes_the_gate_and_is_served_in_any_batch_with_its_map_on_request(
    declared: ImageSpec, tmp_path: Path, cache: Path
) -> None:
    export(declared, tmp_path, cache)
    member = declared if isinstance(declared, NetworkSpec) else member_specs(declared)[0]
    pixels = phantoms(member, Part.TEST, cache).pixels[:]
    answer, shown = declared.head.answer.name, declared.head.activation_map
    settings = TritonSettings(
        repository=tmp_path / "repository",
        run_folder=tmp_path / "serving",
        environment=CLONE / ".venv-server",
        start_timeout_s=600,
    )
    with (
        EmbeddedTriton(settings) as server,
        TritonEngine(CallSettings(address=server.grpc_address, deadline_s=300)) as engine,
    ):
        served = engine.served_model(declared.name)
        alone = np.concatenate([infer(engine, served, pixels[i : i + 1], answer)[answer] for i in range(3)])
        together = infer(engine, served, pixels[:5], answer)
        assert set(together) == {answer}
        np.testing.assert_allclose(together[answer][:3], alone, rtol=MIX_TOLERANCE, atol=MIX_TOLERANCE)
        assert len(np.unique(together[answer])) == 5
        if shown is not None:
            mapped = infer(engine, served, pixels[:2], answer, shown.name)
            assert mapped[shown.name].shape == (2, *shown.shape)
            assert np.isfinite(mapped[shown.name]).all()
            np.testing.assert_allclose(mapped[answer], alone[:2], rtol=MIX_TOLERANCE, atol=MIX_TOLERANCE)


def infer(
    engine: TritonEngine, model: ServedModel, pixels: NDArray[np.uint8], *outputs: str
) -> dict[str, NDArray[np.float32]]:
    answers = engine.infer(model, {"pixels": pixels}, outputs)
    return {name: value.astype(np.float32) for name, value in answers.items()}
