"""One input for many recipes."""

from pathlib import Path

from phantoms import radiograph_phantom
from preprocessing import Prepared
from preprocessing.errors import MissingAttribute
from preprocessing.prepared_input import prepare_files
from specs.fdg_projections import FDG_PROJECTIONS_256
from specs.recipe import CHEST_RADIOGRAPH_320
from specs.series import PET_SERIES


def test_what_is_broken_for_one_recipe_is_sound_for_another_that_does_not_look_there(tmp_path: Path) -> None:
    ds = radiograph_phantom(seed=1, index=0).dataset()
    del ds.SOPInstanceUID
    ds.save_as(tmp_path / "unnamed.dcm")
    same_modality = PET_SERIES.model_copy(update={"modality": ds.Modality})
    slices = FDG_PROJECTIONS_256.model_copy(update={"series": same_modality})
    of_radiograph, of_slices = prepare_files((tmp_path / "unnamed.dcm",), (CHEST_RADIOGRAPH_320, slices)).prepared
    assert isinstance(of_radiograph, Prepared)
    assert isinstance(of_slices, MissingAttribute)
