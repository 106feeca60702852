"""A served perfusion model with a contract, and studies of known ventricles that are prepared."""

from functools import cache

from pydicom.dataset import FileDataset

from client.engine import ServedModel
from phantoms import PerfusionPhantom, perfusion_phantom
from preprocessing import NotEligible, PreparedPerfusion
from preprocessing.perfusion_study import prepare_perfusion
from specs.perfusion_scores import NormalLimits
from specs.perfusion_slices import PERFUSION_SLICES_48
from specs.virtual_pet import VIRTUAL_PET
from specs.volume_figures import PerfusionPerformance
from tests.specs.records import contract

_EVEN = NormalLimits(mean_percent=(95.0,) * 17, deviation_percent=(4.0,) * 17, patients=70)


def served(*, limits: NormalLimits = _EVEN) -> ServedModel:
    """Return a model whose people without disease have these limits in every image and state."""
    made = contract(VIRTUAL_PET, version=3)
    performance = made.weights.performance
    assert isinstance(performance, PerfusionPerformance)
    kinds = ("stress_limits", "rest_limits", "spect_stress_limits", "spect_rest_limits")
    changed = performance.model_copy(update=dict.fromkeys(kinds, limits))
    made = made.model_copy(update={"weights": made.weights.model_copy(update={"performance": changed})})
    return ServedModel(contract=made, contract_sha256="0123456789abcdef" * 4)


def prepared(*study: FileDataset) -> PreparedPerfusion:
    """Prepare a study that is eligible."""
    found = prepare_perfusion(study, PERFUSION_SLICES_48)
    assert not isinstance(found, NotEligible), found.reason
    return found


@cache
def phantom() -> PerfusionPhantom:
    """Return one patient."""
    return perfusion_phantom(seed=11, index=0)


@cache
def prepared_phantom() -> PreparedPerfusion:
    """Return that patient's study; not to be changed."""
    return prepared(*phantom().datasets())
