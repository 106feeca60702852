"""Which model makes a DICOM object, and when: now."""

from datetime import datetime
from importlib import metadata

from client.derived_objects import Provenance
from client.engine import ServedModel


def provenance_of(model: ServedModel) -> Provenance:
    """Return the provenance of what is made of a model's answer at this moment, in local time."""
    return Provenance(
        model=model.name,
        version=model.version,
        contract_sha256=model.contract_sha256,
        software_version=metadata.version("tricorder"),
        made_at=datetime.now(),  # DICOM's times are local ones
    )
