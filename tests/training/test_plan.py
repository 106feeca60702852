"""A run is resumed only where nothing that decides it has changed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.network import Preset
from tests.training.tiny import drawn_data, drawn_part, tiny_settings
from training.checkpoints import LAST_CHECKPOINT
from training.errors import CannotResume
from training.fit_settings import FitSettings
from training.plan import PLAN_FILE, TrainingPlan, require_begun, training_plan
from training.summary import SUMMARY_FILE
from training.training_data import TrainingData

SPEC = MITRAL_REGURGITATION
DATA = drawn_data(SPEC)


@pytest.fixture
def settings(tmp_path: Path) -> FitSettings:
    """Those of a run that starts from given weights."""
    (tmp_path / "backbone").write_bytes(b"some weights")
    return replace(tiny_settings(tmp_path / "run"), backbone_weights=tmp_path / "backbone")


def planned(settings: FitSettings, data: TrainingData = DATA) -> TrainingPlan:
    return training_plan(SPEC, Preset.DEMONSTRATION, data, settings)


SETTINGS: list[Callable[[FitSettings], FitSettings]] = [
    lambda settings: replace(settings, epochs=2),
    lambda settings: replace(settings, seed=4),
    lambda settings: replace(settings, balanced=True),
    lambda settings: replace(settings, precision="32-true" if settings.precision != "32-true" else "bf16-mixed"),
    lambda settings: replace(settings, freeze_backbone=True),
    lambda settings: replace(settings, backbone_weights=None),
]


@pytest.mark.parametrize("change", SETTINGS)
def test_other_settings_are_another_plan(settings: FitSettings, change: Callable[[FitSettings], FitSettings]) -> None:
    planned(settings).begin(settings.folder, resume=False)
    with pytest.raises(CannotResume, match="another plan"):
        planned(change(settings)).begin(settings.folder, resume=True)


def test_other_weights_in_the_same_file_are_another_plan(settings: FitSettings) -> None:
    planned(settings).begin(settings.folder, resume=False)
    assert settings.backbone_weights is not None
    settings.backbone_weights.write_bytes(b"other weights")
    with pytest.raises(CannotResume):
        planned(settings).begin(settings.folder, resume=True)


DATA_SETS = [
    replace(DATA, name="another name"),
    replace(DATA, training=drawn_part(SPEC, [0, 1] * 6, seed=9)),
    replace(DATA, validation=DATA.validation.chosen(np.arange(7), name="one less")),
    replace(DATA, validation=replace(DATA.validation, truth=1 - DATA.validation.truth)),
]


@pytest.mark.parametrize("changed", DATA_SETS)
def test_other_data_are_another_plan(settings: FitSettings, changed: TrainingData) -> None:
    planned(settings).begin(settings.folder, resume=False)
    with pytest.raises(CannotResume):
        planned(settings, changed).begin(settings.folder, resume=True)


def test_another_spec_or_preset_is_another_plan(settings: FitSettings) -> None:
    patient = SPEC.model_copy(update={"training": SPEC.training.model_copy(update={"patience_epochs": 3})})
    plans = [
        training_plan(spec, preset, DATA, settings)
        for spec, preset in ((SPEC, Preset.DEMONSTRATION), (SPEC, Preset.PAPER), (patient, Preset.PAPER))
    ]
    assert len({plan.sha256() for plan in plans}) == 3


def test_where_and_how_loudly_a_run_is_done_decides_nothing(settings: FitSettings) -> None:
    planned(settings).begin(settings.folder, resume=False)
    elsewhere = replace(settings, show_progress=True, resume=True)
    planned(elsewhere).begin(settings.folder, resume=True)
    assert planned(replace(settings, folder=Path("elsewhere"))) == planned(settings)


def test_a_resumed_run_finds_its_state_and_a_new_one_finds_none(settings: FitSettings) -> None:
    plan, left = planned(settings), [settings.folder / name for name in (LAST_CHECKPOINT, SUMMARY_FILE)]
    plan.begin(settings.folder, resume=True)  # where none has begun, it begins
    assert TrainingPlan.from_json((settings.folder / PLAN_FILE).read_text(encoding="utf-8")) == plan
    for file in left:
        file.touch()
    plan.begin(settings.folder, resume=True)
    assert all(file.exists() for file in left)
    plan.begin(settings.folder, resume=False)
    assert not any(file.exists() for file in left)


def test_one_of_several_folders_with_a_run_is_enough_to_resume(settings: FitSettings, tmp_path: Path) -> None:
    folders = [tmp_path / "first", settings.folder]
    with pytest.raises(CannotResume, match="holds no run"):
        require_begun(folders)
    planned(settings).begin(settings.folder, resume=False)
    require_begun(folders)
