"""A cache of prepared volumes is read back only while all that decides tensors, targets and facts is as it was."""

from pathlib import Path

import pytest

from specs.mibg_organs import ORGANS
from specs.mibg_volumes import MIBG_VOLUMES_48
from specs.perfusion_slices import PERFUSION_SLICES_48
from specs.recipe import VolumeRecipe
from training import volume_data
from training.volume_data import volume_revision

BOTH = PERFUSION_SLICES_48, MIBG_VOLUMES_48


@pytest.mark.parametrize(
    ("recipe", "file"),
    [
        *((recipe, "volume_example.py") for recipe in BOTH),
        (PERFUSION_SLICES_48, "perfusion_data.py"),
        (PERFUSION_SLICES_48, "perfusion_segments.py"),
        (MIBG_VOLUMES_48, "organ_data.py"),
    ],
)
def test_other_code_is_another_revision(monkeypatch: pytest.MonkeyPatch, recipe: VolumeRecipe, file: str) -> None:
    before = volume_revision(recipe)
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + (b"changed" if path.name == file else b""))
    assert volume_revision(recipe) != before


def test_other_labels_are_another_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [volume_revision(recipe) for recipe in BOTH]
    heart, *others = ORGANS.organs
    organs = (heart.model_copy(update={"most_parts": 2}), *others)
    monkeypatch.setattr(volume_data, "ORGANS", ORGANS.model_copy(update={"organs": organs}))
    after = [volume_revision(recipe) for recipe in BOTH]
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_another_recipe_is_another_revision() -> None:
    assert volume_revision(PERFUSION_SLICES_48) != volume_revision(MIBG_VOLUMES_48)
    changed = MIBG_VOLUMES_48.model_copy(update={"least_extent_mm": (1.0, 1.0, 1.0)})
    assert volume_revision(changed) != volume_revision(MIBG_VOLUMES_48)
