"""Engines alone and served, small: what is recorded happened, and an engine alone answers what it is asked."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.progress import Progress

from benchmarks import engine_alone
from benchmarks.engine_passes import choices, measure
from benchmarks.engines import EnginesPlan, EnginesRecord
from benchmarks.paired_ratio import PairedRatio
from benchmarks.tuned_variants import ORIGINAL
from benchmarks.untrained import untrained, write_ensemble_of
from client.in_process import InProcessEngine
from export.entry import records
from serving.installation import ServerInstallation
from specs import member_specs
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.deployment import Engine, Precision
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.network import Preset
from tests.conftest import CLONE
from tricorder.places import SERVER_ENVIRONMENT

has_openvino = pytest.mark.skipif(
    not ServerInstallation.open(SERVER_ENVIRONMENT).has(Engine.OPENVINO),
    reason="the server's environment lacks OpenVINO",
)


@has_openvino
@pytest.mark.slow
def test_every_engine_is_measured_alone_and_served() -> None:
    plan = EnginesPlan(
        models=(MITRAL_REGURGITATION.name,),
        presets=(Preset.DEMONSTRATION,),
        clients=3,
        seconds=1.0,
        repetitions=2,
        seed=0,
    )
    record = measure(plan, Progress(disable=True))
    assert EnginesRecord.from_json(record.readable_json()) == record
    assert [model.entry.model for model in record.models] == [MITRAL_REGURGITATION.name]
    for model in record.models:
        assert [(each.engine, each.precision) for each in model.engines] == choices()
        first = model.engines[0]
        assert (first.engine, first.precision) == ORIGINAL
        assert first.times_baseline == PairedRatio.of([1.0])
        for each in model.engines:
            assert len(each.alone_passes_per_s) == len(each.served_passes_per_s) == plan.repetitions
            assert min(each.served_passes_per_s) <= each.served_per_s <= max(each.served_passes_per_s)
            assert 0 < each.alone_cpu_ms < each.served_cpu_ms
            assert each.served_share == PairedRatio.between(each.served_passes_per_s, each.alone_passes_per_s)
        assert model.fastest.served_per_s == max(each.served_per_s for each in model.engines)


@pytest.mark.parametrize(
    ("engine", "precision"),
    [(Engine.ONNXRUNTIME, Precision.FP32), pytest.param(Engine.OPENVINO, Precision.BF16, marks=has_openvino)],
)
def test_an_engine_alone_counts_the_studies_of_its_batches(
    engine: Engine, precision: Precision, tmp_path: Path
) -> None:
    shape = MITRAL_REGURGITATION.recipe.input.shape
    np.save(tmp_path / "study.npy", np.random.default_rng(0).integers(0, 256, (1, *shape), np.uint8))
    file = CLONE / "model_repository" / MITRAL_REGURGITATION.name / "1" / "model.onnx"
    python = SERVER_ENVIRONMENT / "bin" / "python"
    answered = subprocess.run(
        [python, engine_alone.__file__, engine, precision, "probability", tmp_path / "study.npy", file],
        input="".join(json.dumps({"batch": batch, "start_s": 0.1, "end_s": 0.5}) + "\n" for batch in (1, 4)),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    ready, *passes = map(json.loads, answered.stdout.splitlines())
    assert ready == {"ready": True}
    for each in passes:
        assert each["studies_per_s"] > 0
        assert each["cpu_ms"] > 0


def test_an_engine_alone_computes_the_answer_that_is_served_and_no_map(tmp_path: Path) -> None:
    shape = MITRAL_REGURGITATION.recipe.input.shape
    pixels = np.random.default_rng(0).integers(0, 256, (2, *shape), np.uint8)
    file = CLONE / "model_repository" / MITRAL_REGURGITATION.name / "1" / "model.onnx"
    (found,) = engine_alone.onnxruntime_run(str(file), output="probability")(pixels)
    with InProcessEngine(CLONE / "model_repository") as engine:
        model = engine.served_model(MITRAL_REGURGITATION.name)
        expected = engine.infer(model, {"pixels": pixels}, ["probability"])["probability"].astype(np.float32)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    session = engine_alone.onnxruntime_session(str(file), output="probability")
    assert [output.name for output in session.get_outputs()] == ["probability"]


def test_studies_between_start_and_end_are_counted_in_whole_batches() -> None:
    calls: list[NDArray[np.float64]] = []
    found = engine_alone.rate([calls.append], np.zeros((4, 1)), start_s=0.02, end_s=0.1)
    assert found["studies_per_s"] > 0
    assert all(len(batch) == 4 for batch in calls)


@pytest.mark.slow
def test_an_untrained_ensemble_in_another_precision_is_one_that_is_served_so(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    inputs = [generator.integers(0, 256, (1, *AORTIC_STENOSIS.recipe.input.shape), np.uint8) for _ in range(2)]
    members = [untrained(spec, Preset.DEMONSTRATION, seed=0) for spec in member_specs(AORTIC_STENOSIS)]
    changed = [each.in_variant(Engine.ONNXRUNTIME, Precision.INT8, calibration=inputs) for each in members]
    write_ensemble_of(tmp_path, AORTIC_STENOSIS, changed)
    assert {one.content == other.content for one, other in zip(members, changed, strict=True)} == {False}
    for spec in (AORTIC_STENOSIS, *member_specs(AORTIC_STENOSIS)):
        (record,) = records(tmp_path / spec.name)
        assert (record.engine, record.precision) == (Engine.ONNXRUNTIME, Precision.INT8)
    with InProcessEngine(tmp_path) as engine:
        model = engine.served_model(AORTIC_STENOSIS.name)
        answer = engine.infer(model, {"pixels": inputs[0]}, ["probability"])["probability"]
    assert 0 < answer[0, 0] < 1
