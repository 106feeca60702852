"""The committed weights recalibrated to a site whose truth is known: the fit undoes it, in a version of its own."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format
from numpy.typing import NDArray
from tritonclient.grpc import model_config_pb2 as triton

from client.call_settings import CallSettings
from client.in_process import InProcessEngine
from client.triton import TritonEngine
from client.voting import ClientVoting
from evaluation.calibration import log_odds
from evaluation.model_card import model_card
from evaluation.recalibration import RecalibrationMethod
from export.entry import records
from export.errors import NotRecalibrated, ParityFailed, SourceUnusable
from export.recalibrated import Fitting, RecalibratedModel, SiteStudies, recalibrated
from export.run import EntryVersion, Workplace
from export.source_version import SourceVersion, read_source_version
from serving import EmbeddedTriton, TritonSettings
from specs import SPECS
from specs.contract import Contract, ImageSpec
from specs.head import LeastSensitivity
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.weights import FindingPerformance, QuantityPerformance
from specs.xray_age import XRAY_AGE
from tests.conftest import CLONE, IMAGE_SPECS
from tests.export.shifts import tolerating
from tests.training.tiny import random_pixels, silent_progress
from training.prepared_part import ChosenPixels, PreparedPart

COMMITTED = CLONE / "model_repository"
INTERCEPT, SLOPE = -0.8, 0.6
"""The finding's log-odds at the site are INTERCEPT + SLOPE times the model's."""

MODELS = pytest.mark.parametrize("name", ["mitral_regurgitation", "aortic_stenosis"])
BOTH = Fitting(method=RecalibrationMethod.INTERCEPT_AND_SLOPE)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return Workplace(cache=tmp_path_factory.mktemp("prepared"), progress=silent_progress, parity_studies=20)


_SITES: dict[str, SiteStudies] = {}


def site_studies(source: SourceVersion, *, studies: int = 120) -> SiteStudies:
    """Draw pictures, and truth with the probability that the site's law gives; done once a model."""
    if source.spec.name in _SITES:
        return _SITES[source.spec.name]
    pixels = ChosenPixels.all_of(random_pixels(MITRAL_REGURGITATION, studies=studies).numpy())
    answers = source.answers(pixels, answering=source.contents[source.answering_entry])
    spread = log_odds(answers)
    law = 1 / (1 + np.exp(-(INTERCEPT + SLOPE * spread)))
    truth = np.random.default_rng(3).random(studies) < law
    part = PreparedPart(
        name="drawn",
        seed=1,
        pixels=pixels,
        truth=truth.astype(np.float32),
        measurements=np.empty((studies, 0), np.float32),
    )
    half = np.arange(studies) < studies // 2
    _SITES[source.spec.name] = SiteStudies(
        name="manifest",
        used="manifest, training and validation part",
        description="drawn",
        phantoms=False,
        seed=0,
        parts=tuple(part.chosen(np.flatnonzero(own), name="drawn") for own in (half, ~half)),
        seen_patients_sha256="a" * 64,
    )
    return _SITES[source.spec.name]


_MADE: dict[str, RecalibratedModel] = {}


def made_for(name: str, workplace: Workplace) -> RecalibratedModel:
    """Recalibrate committed weights; done once a model."""
    if name not in _MADE:
        source = read_source_version(COMMITTED, IMAGE_SPECS[name], None)
        _MADE[name] = recalibrated(source, site_studies(source), fitting=BOTH, workplace=workplace)
    return _MADE[name]


def answers(repository: Path, name: str, pixels: NDArray[np.uint8], *, voting: bool = False) -> NDArray[np.float64]:
    """Answer as the client does, with the newest version of a repository."""
    with InProcessEngine(repository) as here:
        engine = ClientVoting(here) if voting else here
        found = engine.infer(engine.served_model(name), {"pixels": pixels}, ("probability",))["probability"]
        return found.astype(np.float64)[:, 0]


@MODELS
def test_the_new_version_answers_as_the_fit_says_and_the_record_says_where_it_comes_from(
    name: str, workplace: Workplace, tmp_path: Path
) -> None:
    made = made_for(name, workplace)
    record = made.write(EntryVersion(repository=tmp_path))
    (before,) = records(COMMITTED / name)
    assert record.version == 2
    assert records(tmp_path / name) == [before, record]
    site = record.recalibration
    assert site is not None
    assert (site.of_version, site.of_model_sha256) == (1, before.model_sha256)
    assert record.model_sha256 != before.model_sha256
    assert (site.data_set.name, site.data_set.training_studies) == ("manifest", 120)
    assert record.data_set == before.data_set
    pixels = random_pixels(MITRAL_REGURGITATION, studies=16, seed=9).numpy()
    old, new = answers(COMMITTED, name, pixels), answers(tmp_path, name, pixels)
    np.testing.assert_allclose(new, made.fit.applied(old), atol=1e-5)
    assert np.array_equal(np.argsort(old), np.argsort(new))
    np.testing.assert_allclose(answers(tmp_path, name, pixels, voting=True), new, atol=1e-5)


@MODELS
def test_the_fit_holds_the_site_s_law_and_the_figures_are_of_its_studies(name: str, workplace: Workplace) -> None:
    made = made_for(name, workplace)
    assert made.fit.slope is not None
    assert made.fit.intercept.lower < INTERCEPT < made.fit.intercept.upper
    assert made.fit.slope.lower < SLOPE < made.fit.slope.upper
    assert abs(made.effect.after.intercept) < 1e-3
    assert abs(made.effect.before.intercept) > 0.2
    assert isinstance(made.performance, FindingPerformance)
    assert made.performance.operating_point.counts.total == 120
    assert made.performance.operating_point.data_set == "manifest, training and validation part"


def test_a_wanted_sensitivity_is_that_of_the_new_point_and_the_card_says_so(
    workplace: Workplace, tmp_path: Path
) -> None:
    policy = LeastSensitivity(sensitivity=0.9)
    source = read_source_version(COMMITTED, MITRAL_REGURGITATION, None)
    made = recalibrated(source, site_studies(source), fitting=replace(BOTH, policy=policy), workplace=workplace)
    record = made.write(EntryVersion(repository=tmp_path, number=7))
    assert isinstance(record.performance, FindingPerformance)
    point = record.performance.operating_point
    assert point.policy == policy
    assert point.counts.true_positive / (point.counts.true_positive + point.counts.false_negative) >= 0.9
    card = (tmp_path / "mitral_regurgitation" / "README.md").read_text(encoding="utf-8")
    assert "where specificity is largest with a sensitivity of at least 0.9 on manifest, training" in card
    assert "log-odds are those of version 1 times" in card
    assert "validation part: manifest" not in card
    assert "PyTorch" not in card
    committed = Contract(spec=SPECS["mitral_regurgitation"], weights=records(COMMITTED / "mitral_regurgitation")[0])
    assert "recalib" not in model_card(committed)


def contract_keys(repository: Path, name: str) -> set[str]:
    config = text_format.Parse((repository / name / "config.pbtxt").read_text(encoding="utf-8"), triton.ModelConfig())
    return set(config.parameters)


def test_both_versions_have_a_contract_and_the_first_stays_as_it_was(workplace: Workplace, tmp_path: Path) -> None:
    made_for("mitral_regurgitation", workplace).write(EntryVersion(repository=tmp_path))
    assert contract_keys(tmp_path, "mitral_regurgitation") == {"contract.1", "contract.2"}
    for file in ("1/model.onnx", "1/weights.json"):
        own, committed = ((folder / "mitral_regurgitation" / file).read_bytes() for folder in (tmp_path, COMMITTED))
        assert own == committed


def test_of_an_ensemble_the_vote_alone_is_new(workplace: Workplace, tmp_path: Path) -> None:
    record = made_for("aortic_stenosis", workplace).write(EntryVersion(repository=tmp_path))
    (before,) = records(COMMITTED / "aortic_stenosis")
    changed = [new.model for new, old in zip(record.steps, before.steps, strict=True) if new != old]
    assert changed == ["aortic_stenosis_vote"]
    assert contract_keys(tmp_path, "aortic_stenosis_vote") == {"model_sha256.1", "model_sha256.2"}
    assert contract_keys(tmp_path, "aortic_stenosis_resnet50") == {"contract.1"}


@pytest.mark.slow
def test_triton_runs_a_recalibrated_ensemble_as_the_engine_here_does(workplace: Workplace, tmp_path: Path) -> None:
    made_for("aortic_stenosis", workplace).write(EntryVersion(repository=tmp_path / "repository"))
    pixels = random_pixels(MITRAL_REGURGITATION, studies=8, seed=9).numpy()
    here = answers(tmp_path / "repository", "aortic_stenosis", pixels)
    settings = TritonSettings(
        repository=tmp_path / "repository", run_folder=tmp_path / "serving", environment=CLONE / ".venv-server"
    )
    with (
        EmbeddedTriton(settings) as server,
        TritonEngine(CallSettings(address=server.grpc_address)) as engine,
    ):
        model = engine.served_model("aortic_stenosis")
        there = engine.infer(model, {"pixels": pixels}, ("probability",))["probability"][:, 0]
    assert model.version == 2
    np.testing.assert_allclose(there.astype(np.float64), here, atol=1e-5)


def test_a_version_is_never_written_over_the_one_it_comes_from(workplace: Workplace, tmp_path: Path) -> None:
    made = made_for("mitral_regurgitation", workplace)
    with pytest.raises(NotRecalibrated, match="version 1 is the one it comes from"):
        made.write(EntryVersion(repository=tmp_path / "repository", number=1))
    assert not (tmp_path / "repository").exists()


def test_another_entry_of_the_repository_is_never_mixed_with_it(workplace: Workplace, tmp_path: Path) -> None:
    made = made_for("mitral_regurgitation", workplace)
    shutil.copytree(COMMITTED / "mitral_regurgitation", tmp_path / "mitral_regurgitation")
    (tmp_path / "mitral_regurgitation" / "1" / "model.onnx").write_bytes(b"another")
    with pytest.raises(SourceUnusable, match="another mitral_regurgitation in version 1"):
        made.write(EntryVersion(repository=tmp_path))
    assert not (tmp_path / "mitral_regurgitation" / "2").exists()


def test_what_cannot_be_recalibrated_is_refused(workplace: Workplace, tmp_path: Path) -> None:
    made_for("mitral_regurgitation", workplace).write(EntryVersion(repository=tmp_path))
    spec = IMAGE_SPECS["mitral_regurgitation"]
    assert read_source_version(tmp_path, spec, None).record.version == 1  # the newest that is no recalibration
    with pytest.raises(SourceUnusable, match="version 2 was made of version 1"):
        read_source_version(tmp_path, spec, 2)
    with pytest.raises(SourceUnusable, match="no version 5"):
        read_source_version(tmp_path, spec, 5)
    (tmp_path / "mitral_regurgitation" / "1" / "model.onnx").write_bytes(b"another")
    with pytest.raises(SourceUnusable, match="not the one that its record names"):
        read_source_version(tmp_path, spec, None)


def test_studies_that_determine_no_fit_are_refused(workplace: Workplace) -> None:
    source = read_source_version(COMMITTED, IMAGE_SPECS["mitral_regurgitation"], None)
    studies = site_studies(source)
    healthy = tuple(replace(part, truth=np.zeros_like(part.truth)) for part in studies.parts)
    with pytest.raises(NotRecalibrated, match="with the finding and studies without"):
        recalibrated(source, replace(studies, parts=healthy), fitting=BOTH, workplace=workplace)
    inverted = tuple(replace(part, truth=1 - part.truth) for part in studies.parts)
    with pytest.raises(NotRecalibrated, match="higher probabilities go with fewer findings"):
        recalibrated(source, replace(studies, parts=inverted), fitting=BOTH, workplace=workplace)


def test_a_graph_that_is_too_far_from_the_fit_is_refused(workplace: Workplace) -> None:
    source = read_source_version(COMMITTED, IMAGE_SPECS["mitral_regurgitation"], None)
    strict = replace(source, spec=tolerating(MITRAL_REGURGITATION, shift=1e-15))
    with pytest.raises(ParityFailed):
        recalibrated(strict, site_studies(source), fitting=BOTH, workplace=workplace)


def test_a_quantity_has_no_probability_to_recalibrate(workplace: Workplace) -> None:
    spec: ImageSpec = XRAY_AGE
    source = read_source_version(COMMITTED, spec, None)
    assert isinstance(source.record.performance, QuantityPerformance)
    mitral = read_source_version(COMMITTED, MITRAL_REGURGITATION, None)
    with pytest.raises(NotRecalibrated, match="no probability of a finding"):
        recalibrated(source, site_studies(mitral), fitting=BOTH, workplace=workplace)
