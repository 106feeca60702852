"""Models of volumes from nothing to DICOM objects: train, export, serve, score; folds; a run is kept."""

from pathlib import Path

import numpy as np
import pytest

from client.delivery import Delivery
from client.in_process import InProcessEngine
from client.result import Status
from client.scoring import ScoringSettings, score_sources
from client.sources import find_sources
from client.studies import TakenModalities, joined_studies
from export.run import EntryVersion, Workplace
from export.volumes import export_volume_model
from phantoms import Part, volume_cohort, write_cohort
from specs.mibg_organs import MIBG_ORGANS
from specs.network import Preset
from specs.volume import VolumeSpec
from tests.judges import complaints
from tests.training.tiny import silent_progress
from tests.training.tiny_volumes import VOLUME_SPECS, tiny_volumes
from tests.tricorder.conftest import Tricorder
from training.cross_validation import cross_validate_volumes
from training.fit_settings import FitSettings
from training.volume_data import phantom_volume_data, phantom_volume_folds
from training.volume_run import load_volume_network, train_volumes

PATIENTS = 12
each = pytest.mark.parametrize(
    "spec", [tiny_volumes(spec) for spec in VOLUME_SPECS.values()], ids=lambda spec: spec.name
)


def settings(folder: Path, *, resume: bool = False) -> FitSettings:
    return FitSettings(
        epochs=1, seed=0, balanced=False, folder=folder, show_progress=False, precision="32-true", resume=resume
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
@each
def test_a_model_is_trained_exported_served_and_delivers_dicom_objects(tmp_path: Path, spec: VolumeSpec) -> None:
    cache, weights, repository = tmp_path / "cache", tmp_path / "weights", tmp_path / "repository"
    data = phantom_volume_data(spec, phantoms=PATIENTS, cache=cache, progress=silent_progress)
    summary = train_volumes(spec, Preset.DEMONSTRATION, data, settings=settings(weights))
    assert summary.data_set.training_studies == PATIENTS
    assert train_volumes(spec, Preset.DEMONSTRATION, data, settings=settings(weights, resume=True)) == summary
    _, loaded = load_volume_network(spec, weights)
    assert loaded == summary
    workplace = Workplace(cache=cache, progress=silent_progress, parity_studies=3)
    record = export_volume_model(
        spec, Preset.DEMONSTRATION, weights=weights, target=EntryVersion(repository=repository), workplace=workplace
    )
    assert record.performance == summary.performance
    write_cohort(tmp_path / "studies", volume_cohort(Part.DEMONSTRATION, spec.recipe, count=1))
    with InProcessEngine(repository) as engine, Delivery(folder=tmp_path / "out") as delivery:
        served = engine.served_model(spec.name)
        sources = joined_studies(find_sources([tmp_path / "studies"]), TakenModalities.of([served]))
        (scored,) = score_sources(sources, engine, [served], ScoringSettings(heat_maps=True))
        assert scored.row.status in {Status.SCORED, Status.FAILED}, scored.row.reason  # hardly fitted: no wall at all
        delivery.add(scored)
        delivery.finish()
    objects = sorted((tmp_path / "out" / "objects").glob("*.dcm"))
    assert len(objects) == (0 if scored.volume is None else len(scored.volume.objects))
    assert [complaints(file) for file in objects] == [[]] * len(objects)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_folds_leave_each_patient_out_once(tmp_path: Path) -> None:
    spec = tiny_volumes(MIBG_ORGANS)
    turns = phantom_volume_folds(spec, phantoms=PATIENTS, folds=2, cache=tmp_path / "cache", progress=silent_progress)
    whole = np.concatenate([turn.validation.tensors for turn in turns])
    assert len(np.unique(whole.reshape(PATIENTS, -1), axis=0)) == PATIENTS
    for turn in turns:
        assert len(turn.training) + len(turn.validation) == PATIENTS
    found = cross_validate_volumes(spec, Preset.DEMONSTRATION, turns, settings=settings(tmp_path / "runs"))
    assert found.figure == "Dice"
    assert [fold.data_set.validation_studies for fold in found.folds] == [PATIENTS // 2] * 2


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--data", "manifest:README.md"), "is trained on phantoms:COUNT"),
        (("--freeze-backbone",), "--freeze-backbone does not go with virtual_pet"),
        (("--backbone-weights", "README.md"), "--backbone-weights does not go with virtual_pet"),
    ],
)
def test_options_of_other_models_are_refused(tricorder: Tricorder, option: tuple[str, ...], said: str) -> None:
    done = tricorder("train", "virtual_pet", *option)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.replace("│", " ").split())
