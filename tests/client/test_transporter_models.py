"""Models of dopamine-transporter SPECT through the whole client: in this process, and through Triton."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from client.call_settings import CallSettings
from client.engine import Engine, ServedModel
from client.in_process import InProcessEngine
from client.result import Status
from client.scoring import ScoredInput, ScoringSettings, score_sources
from client.sources import find_sources
from client.triton import TritonEngine
from export.features import export_classifier, export_stack
from export.run import EntryVersion
from phantoms import Part, Site, dopamine_cohort, write_cohort
from serving import EmbeddedTriton, TritonSettings
from specs import stacked_classifiers
from specs.dat_binding import DAT_BINDING
from specs.dat_parkinsonism import DAT_PARKINSONISM as STACK
from specs.network import Preset
from tests.conftest import CLONE
from tests.training.drawn_features import drawn_data, drawn_part
from training.feature_run import FeatureRun, FittedFindings

MODELS = (STACK.name, DAT_BINDING.name, "dat_direct")
AGREEMENT = 1e-6
STUDIES = 3


@dataclass(frozen=True, kw_only=True)
class _Fitted:
    repository: Path
    findings: dict[str, FittedFindings]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> _Fitted:
    """Fit and export on rounded features, so that values fall upon the trees' splits and upon one another."""
    runs, repository = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("repository")
    target = EntryVersion(repository=repository)
    parity = drawn_part("drawn, parity", count=80, seed=3, decimals=1)
    run = FeatureRun(data=drawn_data(decimals=1), parity=parity, preset=Preset.DEMONSTRATION, seed=0)
    members = stacked_classifiers(STACK)
    folders = {name: runs / name for name in (*members, STACK.name, DAT_BINDING.name)}
    run.train_stack(STACK, members, folders)
    export_stack(STACK, Preset.DEMONSTRATION, weights=folders, target=target)
    run.train_classifier(DAT_BINDING, folders[DAT_BINDING.name])
    export_classifier(DAT_BINDING, Preset.DEMONSTRATION, weights=folders[DAT_BINDING.name], target=target)
    return _Fitted(
        repository=repository, findings={name: FittedFindings.read(folder) for name, folder in folders.items()}
    )


@pytest.fixture(scope="module")
def server_of_fitted(fitted: _Fitted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonEngine]:
    settings = TritonSettings(
        repository=fitted.repository, run_folder=tmp_path_factory.mktemp("serving"), environment=CLONE / ".venv-server"
    )
    with EmbeddedTriton(settings) as triton, TritonEngine(CallSettings(address=triton.grpc_address)) as opened:
        yield opened


def answers(engine: Engine, model: ServedModel, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Ask for probabilities in the largest requests that the model takes, shape (studies,)."""
    step = STACK.largest_batch
    parts = [
        engine.infer(model, {STACK.recipe.input.name: features[start : start + step]}, ["probability"])["probability"]
        for start in range(0, len(features), step)
    ]
    return np.concatenate(parts)[:, 0].astype(np.float64)


@pytest.mark.parametrize("name", [STACK.name, DAT_BINDING.name, *stacked_classifiers(STACK)])
def test_triton_answers_like_scikit_learn_on_every_split(
    fitted: _Fitted, server_of_fitted: TritonEngine, name: str
) -> None:
    findings = fitted.findings[name]
    assert len(findings.features) > len(findings.truth) or name not in (STACK.name, "dat_uptake")
    found = answers(server_of_fitted, server_of_fitted.served_model(name), findings.features)
    np.testing.assert_allclose(found, findings.probabilities, rtol=0, atol=AGREEMENT)


@pytest.fixture(scope="module")
def striata(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("striata")
    write_cohort(folder, dopamine_cohort(Part.TEST, count=STUDIES, site=Site.B))
    return folder


def scored(folder: Path, engine: Engine) -> list[ScoredInput]:
    models = [engine.served_model(name) for name in MODELS]
    return list(score_sources(find_sources([folder]), engine, models, ScoringSettings(workers=2, heat_maps=True)))


def test_phantom_studies_get_the_same_answers_from_triton_and_in_this_process(
    striata: Path, remote: TritonEngine, in_process: InProcessEngine
) -> None:
    there, here = scored(striata, remote), scored(striata, in_process)
    assert [each.row.model for each in there] == list(MODELS) * STUDIES
    for one, other in zip(there, here, strict=True):
        assert one.row.status is Status.SCORED
        assert one.row.value == pytest.approx(other.row.value, abs=AGREEMENT)
        for mine, theirs in zip(one.row.members, other.row.members, strict=True):
            assert mine.value == pytest.approx(theirs.value, abs=AGREEMENT)
        assert one.row.measurements == other.row.measurements


def test_a_row_of_the_final_model_has_what_the_source_s_figure_shows(
    striata: Path, in_process: InProcessEngine
) -> None:
    for row in (each.row for each in scored(striata, in_process) if each.row.model == STACK.name):
        assert [member.title for member in row.members] == ["low uptake", "asymmetric", "dot-shaped"]
        assert {each.name for each in row.measurements} >= {"binding_ratio_left", "binding_ratio_right"}


@pytest.mark.parametrize("left_binds_more", [True, False])
def test_the_side_that_binds_less_in_truth_does_so_in_the_row(
    tmp_path: Path, in_process: InProcessEngine, left_binds_more: bool
) -> None:
    phantom = next(
        phantom
        for phantom in dopamine_cohort(Part.TEST, count=60, site=Site.B)
        if (phantom.truth.signed_asymmetry_percent < -20) == left_binds_more
        and abs(phantom.truth.signed_asymmetry_percent) > 20
    )
    phantom.write(tmp_path / "study.dcm")
    (row,) = [each.row for each in scored(tmp_path, in_process) if each.row.model == STACK.name]
    measured = {each.name: each.value for each in row.measurements}
    assert (measured["binding_ratio_left"] > measured["binding_ratio_right"]) == left_binds_more
