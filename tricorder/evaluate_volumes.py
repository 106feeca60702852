"""`tricorder evaluate` of a model that answers with a volume: phantoms written as DICOM files, through the client."""

from client.engine import Engine, ServedModel
from client.scoring import ScoringSettings
from phantoms import Site
from specs.volume_head import OrganLabels, VirtualPerfusion
from tricorder.evaluate_organs import MeasuredOrgans, evaluate_organs
from tricorder.evaluate_perfusion import MeasuredPerfusion, evaluate_perfusion


def evaluate_volumes(
    engine: Engine, model: ServedModel, settings: ScoringSettings, *, count: int, site: Site
) -> MeasuredPerfusion | MeasuredOrgans:
    """Score held-out phantoms and compare with what is true of them.

    Args:
        engine: Runs the model.
        model: The model.
        settings: Of scoring.
        count: How many patients.
        site: Where they were examined.

    Raises:
        TricorderError: a patient could not be scored.
        TypeError: the model answers with no volume.
    """
    match model.contract.spec.head:
        case VirtualPerfusion():
            return evaluate_perfusion(engine, model, settings, count=count, site=site)
        case OrganLabels():
            return evaluate_organs(engine, model, settings, count=count, site=site)
        case _:
            raise TypeError(f"{model.name} answers with no volume")
