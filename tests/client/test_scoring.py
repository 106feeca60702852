"""The cohort loop: every input its row, in order, each costing only itself."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import FileDataset

from client import scoring
from client.call_settings import CallSettings
from client.engine import ServedModel
from client.in_process import InProcessEngine
from client.result import ResultRow, Status
from client.scoring import ScoringSettings, score_sources
from client.sources import Source, find_sources
from client.triton import TritonEngine
from phantoms import Part, dopamine_phantom, radiograph_phantom
from preprocessing import NotEligible, Picture, Prepared, PreparedRecord, prepare, prepared_input
from preprocessing.clinical_table import Record, prepare_row
from preprocessing.reading import read_file
from serving import EmbeddedTriton, TritonSettings
from specs.clinical_variables import ClinicalVariables
from specs.recipe import ImageRecipe, PixelRecipe
from tests.client.conftest import PHANTOMS, real_radiograph
from tests.conftest import CLONE, RADIOGRAPH_SPECS
from tests.preprocessing.patients import SOUND

ONE_AT_A_TIME = ScoringSettings(workers=1)
MAPS = ScoringSettings(workers=1, heat_maps=True)


def rows(
    sources: list[Source], engine: TritonEngine | InProcessEngine, model: ServedModel, workers: int = 4
) -> list[ResultRow]:
    return [scored.row for scored in score_sources(sources, engine, [model], ScoringSettings(workers=workers))]


def test_the_same_pixels_in_two_encodings_give_bit_identical_answers(
    remote: TritonEngine, in_process: InProcessEngine, model: ServedModel
) -> None:
    for engine in (remote, in_process):
        pair = [real_radiograph(name) for name in ("RG1_UNCR.dcm", "RG1_J2KR.dcm")]
        plain, compressed = rows(pair, engine, model, workers=1)
        assert plain.status is compressed.status is Status.SCORED
        assert plain.value == compressed.value
        assert plain.sop_instance_uid != compressed.sop_instance_uid


def test_an_extremity_is_not_eligible_and_the_reason_names_the_body_part(
    in_process: InProcessEngine, model: ServedModel
) -> None:
    (row,) = rows([real_radiograph("RG3_UNCR.dcm")], in_process, model)
    assert row.status is Status.NOT_ELIGIBLE
    assert row.value is None
    assert "EXTREMITY" in (row.reason or "")


def test_a_text_file_fails_by_name_and_the_others_are_scored(
    in_process: InProcessEngine, model: ServedModel, phantom_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("not an image", encoding="utf-8")
    sources = [*find_sources([phantom_folder]), *find_sources([tmp_path])]
    *good, bad = rows(sources, in_process, model)
    assert [row.status for row in good] == [Status.SCORED] * PHANTOMS
    assert (bad.source, bad.status) == ("notes.txt", Status.FAILED)
    assert "DICOM" in (bad.reason or "")


def test_an_instance_that_comes_twice_is_scored_once(
    in_process: InProcessEngine, model: ServedModel, phantom_folder: Path
) -> None:
    first, second, *_ = find_sources([phantom_folder])
    found = rows([first, second, first], in_process, model)
    assert [row.status for row in found] == [Status.SCORED, Status.SCORED, Status.NOT_ELIGIBLE]
    assert found[2].value is None
    assert "same SOP Instance" in (found[2].reason or "")


def test_rows_come_in_the_order_of_the_sources_however_many_work(
    in_process: InProcessEngine, model: ServedModel, phantom_folder: Path
) -> None:
    sources = list(find_sources([phantom_folder])) * 3
    many = rows(sources, in_process, model, workers=8)
    assert [row.source for row in many] == [source.name for source in sources]
    assert many == rows(sources, in_process, model, workers=1)


def test_a_row_names_study_contract_and_weights(
    in_process: InProcessEngine, model: ServedModel, phantom_folder: Path
) -> None:
    row = rows(list(find_sources([phantom_folder])), in_process, model)[0]
    assert row.contract_sha256 == model.contract_sha256
    assert row.model_sha256 == model.contract.weights.model_sha256
    assert row.demonstration is True
    assert all((row.study_instance_uid, row.series_instance_uid, row.sop_instance_uid))


def test_models_of_one_recipe_share_one_preparation(
    in_process: InProcessEngine, phantom_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [in_process.served_model(name) for name in RADIOGRAPH_SPECS]
    recipes = {model.contract.spec.recipe for model in models}
    assert len(recipes) < len(models)
    done: list[ImageRecipe] = []

    def counted(study: FileDataset | Picture, recipe: PixelRecipe, _roles: object) -> Prepared | NotEligible:
        done.append(recipe)
        return prepare(study, recipe)

    monkeypatch.setattr(prepared_input, "prepare", counted)
    sources = list(find_sources([phantom_folder]))
    together = [scored.row for scored in score_sources(sources, in_process, models, ONE_AT_A_TIME)]
    assert len(done) == len(sources) * len(recipes)
    alone = {model.name: rows(sources, in_process, model) for model in models}
    assert together == [alone[model.name][place] for place in range(len(sources)) for model in models]


def test_a_path_that_is_not_there_gets_a_row(in_process: InProcessEngine, model: ServedModel, tmp_path: Path) -> None:
    (row,) = rows(list(find_sources([tmp_path / "gone.dcm"])), in_process, model)
    assert (row.source, row.status) == ("gone.dcm", Status.FAILED)
    assert str(tmp_path) not in (row.reason or "")


def test_a_server_that_stops_in_mid_run_leaves_finished_rows_and_retryable_failures(
    tmp_path: Path, phantom_folder: Path, model: ServedModel
) -> None:
    settings = TritonSettings(
        repository=CLONE / "model_repository", run_folder=tmp_path, environment=CLONE / ".venv-server"
    )
    with EmbeddedTriton(settings) as server:
        sources = list(find_sources([phantom_folder])) * 4

        def stopping_after_six() -> Iterator[Source]:
            for place, source in enumerate(sources):
                if place == 6:
                    server.stop()
                yield source

        with TritonEngine(CallSettings(address=server.grpc_address, patience_s=0.5)) as engine:
            served = engine.served_model(model.name)
            scored = list(score_sources(stopping_after_six(), engine, [served], ONE_AT_A_TIME))
    finished = [one.row for one in scored if one.row.status is Status.SCORED]
    failed = [one for one in scored if one.row.status is Status.FAILED]
    assert len(finished) >= 4
    assert finished == [one.row for one in scored[: len(finished)]]
    assert len(finished) + len(failed) == len(sources)
    assert all(one.row.retryable and one.error is not None and one.error.exit_code == 5 for one in failed)


def test_a_stop_yields_what_is_finished_and_takes_no_more(
    in_process: InProcessEngine, model: ServedModel, phantom_folder: Path
) -> None:
    taken, stop = 0, threading.Event()

    def endless() -> Iterator[Source]:
        nonlocal taken
        while True:
            for source in find_sources([phantom_folder]):
                taken += 1
                yield source

    found = []
    for scored in score_sources(endless(), in_process, [model], ScoringSettings(workers=2), stop=stop):
        found.append(scored.row)
        if len(found) == 5:
            stop.set()
    assert 5 <= len(found) <= taken <= 10


@pytest.mark.parametrize("workers", [1, 3])
def test_heat_maps_come_only_when_wanted(
    in_process: InProcessEngine, model: ServedModel, phantom_folder: Path, workers: int
) -> None:
    sources = list(find_sources([phantom_folder]))[:2]
    without = list(score_sources(sources, in_process, [model], ScoringSettings(workers=workers)))
    assert all(scored.heat_map is None and scored.prepared is None for scored in without)
    maps = list(score_sources(sources, in_process, [model], ScoringSettings(workers=workers, heat_maps=True)))
    assert all(scored.heat_map is not None and scored.heat_map.shape == (10, 10) for scored in maps)


def test_input_tensors_come_back_when_wanted(
    in_process: InProcessEngine, model: ServedModel, phantom_folder: Path
) -> None:
    sources = list(find_sources([phantom_folder]))[:2]
    found = list(score_sources(sources, in_process, [model], ScoringSettings(workers=1, inputs=True)))
    recipe = model.contract.spec.recipe
    assert isinstance(recipe, ImageRecipe)
    expected = [prepare(read_file(source.path), recipe) for source in sources]
    for scored, prepared in zip(found, expected, strict=True):
        assert scored.heat_map is None
        assert isinstance(scored.prepared, Prepared)
        assert isinstance(prepared, Prepared)
        assert np.array_equal(scored.prepared.pixels, prepared.pixels)


def test_a_bug_costs_its_own_input_only_and_quotes_nothing(
    in_process: InProcessEngine, model: ServedModel, phantom_folder: Path, tmp_path: Path
) -> None:
    class Breaking(InProcessEngine):
        """The real engine, with a fault at its second request."""

        calls = 0

        def infer(self, *arguments: Any, **options: Any) -> dict[str, Any]:
            self.calls += 1
            if self.calls == 2:
                raise KeyError("Doe^Jane")
            return super().infer(*arguments, **options)

    sources = list(find_sources([phantom_folder]))[:3]
    with Breaking(CLONE / "model_repository") as engine:
        found = rows(sources, engine, model, workers=1)
    assert [row.status for row in found] == [Status.SCORED, Status.FAILED, Status.SCORED]
    assert "Unexpected KeyError" in (found[1].reason or "")
    assert "Doe" not in (found[1].reason or "")


def test_a_bug_in_preparing_a_patient_costs_that_patient_only(
    in_process: InProcessEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "patients.csv"
    lines = [",".join(SOUND), *[",".join(SOUND.values())] * 3]
    table.write_text("\n".join(lines), encoding="utf-8")
    calls: list[object] = []

    def breaking(record: Record, recipe: ClinicalVariables) -> PreparedRecord | NotEligible:
        calls.append(record)
        if len(calls) == 2:
            raise KeyError("Doe^Jane")
        return prepare_row(record, recipe)

    monkeypatch.setattr(scoring, "prepare_row", breaking)
    outcome = in_process.served_model("heart_failure_outcome")
    found = rows(list(find_sources([table])), in_process, outcome, workers=1)
    assert [row.status for row in found] == [Status.SCORED, Status.FAILED, Status.SCORED]
    assert "Unexpected KeyError" in (found[1].reason or "")
    assert "Doe" not in (found[1].reason or "")


@pytest.mark.parametrize("index", [0, 3])
def test_the_twin_in_the_other_polarity_gets_the_same_answer(
    in_process: InProcessEngine, model: ServedModel, tmp_path: Path, index: int
) -> None:
    phantom = radiograph_phantom(seed=Part.TEST.seed, index=index)
    twin = replace(phantom, encoding=phantom.encoding.inverted())
    phantom.write(tmp_path / "1.dcm")
    twin.write(tmp_path / "2.dcm")
    scored = [list(score_sources([source], in_process, [model], MAPS)) for source in find_sources([tmp_path])]
    (one,), (other,) = scored
    assert isinstance(one.prepared, Prepared)
    assert isinstance(other.prepared, Prepared)
    assert one.row.value is not None
    assert other.row.value is not None
    assert np.abs(one.prepared.pixels.astype(int) - other.prepared.pixels).max() <= 1
    assert abs(one.row.value - other.row.value) <= 1e-3


def test_a_real_radiograph_in_a_secondary_capture_is_scored(
    in_process: InProcessEngine, model: ServedModel, samples: Path
) -> None:
    (source,) = (found for found in find_sources([samples / "chest"]) if found.name.endswith(".dcm"))
    (row,) = rows([source], in_process, model)
    assert row.status is Status.SCORED


def test_only_models_of_its_modality_are_asked_about_an_input(in_process: InProcessEngine, tmp_path: Path) -> None:
    names = ("mitral_regurgitation", "sarcoidosis_lymphoma", "dat_parkinsonism")
    models = [in_process.served_model(name) for name in names]
    radiograph_phantom(seed=1, index=0).write(tmp_path / "0.dcm")
    dopamine_phantom(seed=1, index=0).write(tmp_path / "1.dcm")
    other = radiograph_phantom(seed=1, index=1).dataset()
    other.Modality = "MR"
    other.save_as(tmp_path / "2.dcm", enforce_file_format=True)
    Image.new("L", (400, 400)).save(tmp_path / "3.png")
    found = list(score_sources(list(find_sources([tmp_path])), in_process, models, ONE_AT_A_TIME))
    asked = [(scored.row.source, scored.row.model, scored.row.status) for scored in found]
    assert asked == [
        ("0.dcm", names[0], Status.SCORED),
        ("1.dcm", names[2], Status.SCORED),
        *(("2.dcm", name, Status.NOT_ELIGIBLE) for name in names),
        ("3.png", names[0], Status.NOT_ELIGIBLE),
    ]
    assert [scored.ends_source for scored in found] == [True, True, False, False, True, True]
    assert "modality is MR" in (found[2].row.reason or "")
