"""What every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from specs import SPECS
from specs.contract import AnswerSpec, ImageSpec, Spec, StudySpec
from specs.model import NetworkSpec
from specs.recipe import FrontalChestRadiograph

settings.register_profile("tricorder", deadline=None, derandomize=True)
settings.load_profile("tricorder")

CLONE = Path(__file__).resolve().parent.parent
SAMPLES_VARIABLE = "TRICORDER_SAMPLES"


IMAGE_SPECS: dict[str, ImageSpec] = {name: spec for name, spec in SPECS.items() if isinstance(spec, ImageSpec)}
"""Every model that looks at images."""

STUDY_SPECS: dict[str, StudySpec] = {name: spec for name, spec in SPECS.items() if isinstance(spec, StudySpec)}
"""Every model that takes a study, as images, as features or as volumes."""

ANSWER_SPECS: dict[str, AnswerSpec] = {name: spec for name, spec in SPECS.items() if isinstance(spec, AnswerSpec)}
"""Of them, those that answer it with one number."""

RADIOGRAPH_SPECS = {name: spec for name, spec in IMAGE_SPECS.items() if isinstance(spec.recipe, FrontalChestRadiograph)}
"""Of them, those that look at a radiograph."""


@pytest.fixture(params=SPECS.values(), ids=lambda spec: spec.name)
def spec(request: pytest.FixtureRequest) -> Spec:
    """Every model, present and future."""
    declared: Spec = request.param
    return declared


@pytest.fixture(params=IMAGE_SPECS.values(), ids=lambda spec: spec.name)
def image_spec(request: pytest.FixtureRequest) -> ImageSpec:
    """Every model that looks at images, present and future."""
    declared: ImageSpec = request.param
    return declared


@pytest.fixture(params=RADIOGRAPH_SPECS.values(), ids=lambda spec: spec.name)
def radiograph_spec(request: pytest.FixtureRequest) -> ImageSpec:
    """Every model that looks at a radiograph, present and future."""
    declared: ImageSpec = request.param
    return declared


@pytest.fixture(params=[spec for spec in SPECS.values() if isinstance(spec, NetworkSpec)], ids=lambda spec: spec.name)
def network_spec(request: pytest.FixtureRequest) -> NetworkSpec:
    """Every model that is one network, present and future."""
    declared: NetworkSpec = request.param
    return declared


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real sample files beside the checkout."""
    folder = Path(os.environ.get(SAMPLES_VARIABLE, CLONE.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the sample data are not here; name their folder in {SAMPLES_VARIABLE}")
    return folder


@pytest.fixture(scope="session")
def committed_repository() -> Path:
    """The model repository of this clone."""
    return CLONE / "model_repository"
