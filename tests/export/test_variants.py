"""Variants of the committed weights: what passes the gate is written beside its original, and says what it is."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from client.errors import ContractError
from client.in_process import InProcessEngine
from evaluation.model_card import model_card
from export.entry import records
from export.errors import NoSuchVariant, ParityFailed, SourceUnusable
from export.parity import Answers
from export.run import EntryVersion
from export.source_version import read_source_version
from export.variants import GatedVariant, VariantChoice, VariantStudies, gated_variant
from specs import SPECS
from specs.contract import Contract
from specs.deployment import Engine, Precision
from specs.model import NetworkSpec
from specs.variant_tolerances import FINDING, variant_tolerances
from specs.weights import FindingParity
from tests.conftest import CLONE, IMAGE_SPECS
from tests.training.tiny import drawn_part, silent_progress
from training.prepared_part import Pixels
from tricorder.served_answers import served_answers

COMMITTED = CLONE / "model_repository"
INT8 = VariantChoice(engine=Engine.ONNXRUNTIME, precision=Precision.INT8)
BF16 = VariantChoice(engine=Engine.OPENVINO, precision=Precision.BF16)
NAME = "mitral_regurgitation"


def in_process(repository: Path, spec: NetworkSpec, pixels: Pixels) -> Answers:
    """Answer as ONNX Runtime does here."""
    with InProcessEngine(repository) as engine:
        model, wanted = engine.served_model(spec.name), spec.head.answer.name
        return engine.infer(model, {"pixels": pixels[: len(pixels)]}, (wanted,))[wanted][:, 0].astype(np.float64)


def of_the_original(repository: Path, spec: NetworkSpec, pixels: Pixels, *, shift: float = 0.0) -> Answers:
    """Answer as the committed weights do, all a little higher: stands for an engine that is not here."""
    return in_process(COMMITTED, spec, pixels) + shift


def studies_of(name: str) -> VariantStudies:
    network = IMAGE_SPECS[NAME]
    assert isinstance(network, NetworkSpec)
    calibration, compared = (drawn_part(network, [0, 1] * 10, seed=seed) for seed in (1, 2))
    return VariantStudies(calibration=calibration, compared=compared)


def made(
    name: str,
    choice: VariantChoice,
    monkeypatch: pytest.MonkeyPatch,
    *,
    answering: Callable[[Path, NetworkSpec, Pixels], Answers] = in_process,
    repository: Path = COMMITTED,
) -> GatedVariant:
    # Of noise the AUC jumps when two studies change places.
    lenient = FINDING.model_copy(update={"auc_change": 0.5, "flipped_share": 0.2})
    monkeypatch.setattr("specs.variant_tolerances.FINDING", lenient)
    source = read_source_version(repository, IMAGE_SPECS[name], None, recalibrated=True)
    return gated_variant(source, choice, studies_of(name), answering=answering)


def config_of(repository: Path, name: str) -> triton.ModelConfig:
    return text_format.Parse((repository / name / "config.pbtxt").read_text(encoding="utf-8"), triton.ModelConfig())


def test_a_variant_in_int8_is_a_version_beside_its_original(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = made(NAME, INT8, monkeypatch).write(EntryVersion(repository=tmp_path))
    (committed,) = records(COMMITTED / NAME)
    assert records(tmp_path / NAME) == [committed, record]
    assert (record.version, record.engine, record.precision) == (2, Engine.ONNXRUNTIME, Precision.INT8)
    assert record.variant is not None
    assert record.variant.of_model_sha256 == committed.model_sha256 != record.model_sha256
    assert record.variant.calibrated_on == "drawn studies"
    (figures,) = record.parity
    assert isinstance(figures, FindingParity)
    assert 0 < figures.probability_shift <= FINDING.probability_shift
    assert figures.studies == 20
    assert set(config_of(tmp_path, NAME).parameters) == {"contract.1", "contract.2"}
    assert (tmp_path / NAME / "1" / "model.onnx").read_bytes() == (COMMITTED / NAME / "1" / "model.onnx").read_bytes()


def test_the_card_says_what_a_variant_was_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(NAME, INT8, monkeypatch).write(EntryVersion(repository=tmp_path))
    card = (tmp_path / NAME / "README.md").read_text(encoding="utf-8")
    assert "## Parity with version 1" in card
    assert "version 1, in int8 for onnxruntime" in card
    assert "PyTorch" not in card
    committed = Contract(spec=SPECS[NAME], weights=records(COMMITTED / NAME)[0])
    assert "made of" not in model_card(committed)


def test_bf16_is_the_same_file_and_a_property_of_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shifted = partial(of_the_original, shift=1e-3)
    record = made(NAME, BF16, monkeypatch, answering=shifted).write(EntryVersion(repository=tmp_path))
    (figures,) = record.parity
    assert figures.engine is Engine.OPENVINO
    assert isinstance(figures, FindingParity)
    assert figures.probability_shift == pytest.approx(1e-3)
    assert record.model_sha256 == records(COMMITTED / NAME)[0].model_sha256
    config = config_of(tmp_path, NAME)
    assert (config.backend, config.default_model_filename) == ("openvino", "model.onnx")
    assert config.parameters["HINT_BF16"].string_value == "YES"
    assert list(config.version_policy.specific.versions) == [2]
    assert set(config.parameters) == {"contract.2", "HINT_BF16"}


def test_the_engine_in_this_process_refuses_what_is_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(NAME, BF16, monkeypatch, answering=of_the_original).write(EntryVersion(repository=tmp_path))
    with InProcessEngine(tmp_path) as engine, pytest.raises(ContractError, match="made for openvino"):
        engine.served_model(NAME)


def test_a_variant_that_is_too_far_from_its_original_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ParityFailed, match=r"largest shift of a probability is 0\.06 .* more than the 0\.05"):
        made(NAME, BF16, monkeypatch, answering=partial(of_the_original, shift=0.06))


def test_another_engine_in_fp32_is_held_to_the_spec_s_own_tolerances(monkeypatch: pytest.MonkeyPatch) -> None:
    fp32 = VariantChoice(engine=Engine.OPENVINO, precision=Precision.FP32)
    made(NAME, fp32, monkeypatch, answering=of_the_original)
    with pytest.raises(ParityFailed, match=r"more than the 0\.0001"):
        made(NAME, fp32, monkeypatch, answering=partial(of_the_original, shift=1e-3))
    for spec in SPECS.values():
        assert variant_tolerances(spec, Precision.FP32) == spec.tolerances
        assert variant_tolerances(spec, Precision.INT8).kind == spec.tolerances.kind


def test_of_an_ensemble_every_member_gets_a_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = made("aortic_stenosis", INT8, monkeypatch).write(EntryVersion(repository=tmp_path))
    versions = {step.model: step.version for step in record.steps}
    assert versions == {
        "aortic_stenosis_inceptionv3": 2,
        "aortic_stenosis_resnet50": 2,
        "aortic_stenosis_densenet121": 2,
        "aortic_stenosis_vote": 1,
        "aortic_stenosis_map": 1,
    }
    with InProcessEngine(tmp_path) as engine:
        assert engine.served_model("aortic_stenosis").version == 2


def test_an_ensemble_is_not_robbed_of_what_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_source_version(COMMITTED, IMAGE_SPECS["aortic_stenosis"], None).bring_to(tmp_path)
    member = made("aortic_stenosis_resnet50", BF16, monkeypatch, answering=of_the_original)
    with pytest.raises(SourceUnusable, match="aortic_stenosis of that repository runs it on ONNX Runtime"):
        member.write(EntryVersion(repository=tmp_path))
    assert len(records(tmp_path / "aortic_stenosis_resnet50")) == 1
    whole = made("aortic_stenosis", BF16, monkeypatch, answering=of_the_original)
    assert whole.write(EntryVersion(repository=tmp_path)).version == 2
    assert config_of(tmp_path, "aortic_stenosis_resnet50").backend == "openvino"


def test_a_variant_is_never_made_of_a_variant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(NAME, INT8, monkeypatch).write(EntryVersion(repository=tmp_path))
    again = made(NAME, BF16, monkeypatch, answering=of_the_original, repository=tmp_path)
    assert again.source.record.version == 1
    with pytest.raises(SourceUnusable, match="version 2 was made of version 1"):
        read_source_version(tmp_path, IMAGE_SPECS[NAME], 2, recalibrated=True)
    with pytest.raises(SourceUnusable, match="not above version 1"):
        again.write(EntryVersion(repository=tmp_path, number=1))


def test_a_precision_that_an_engine_lacks_is_refused() -> None:
    with pytest.raises(NoSuchVariant, match=r"no variant in bf16 for onnxruntime\. Accepted: fp16, int8"):
        VariantChoice(engine=Engine.ONNXRUNTIME, precision=Precision.BF16)


def test_answers_that_are_no_numbers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ParityFailed, match="no numbers"):
        made(NAME, BF16, monkeypatch, answering=partial(of_the_original, shift=float("nan")))


def test_a_variant_is_compared_as_triton_serves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with silent_progress() as bar:
        served = made(NAME, INT8, monkeypatch, answering=partial(served_answers, progress=bar))
    here = made(NAME, INT8, monkeypatch)
    np.testing.assert_allclose(served.compared.variant, here.compared.variant, atol=1e-5)
    assert replace(here, compared=served.compared, figures=served.figures) == served
