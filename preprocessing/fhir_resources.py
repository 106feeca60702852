"""The elements of FHIR R4 resources that are read; every other element is left alone.

Source:
    HL7 FHIR R4 (4.0.1). Own models of a dozen elements: the kept package of all resources (fhir.resources) would be
    a dependency of every client for them.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic.alias_generators import to_camel


class _Element(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class Coding(_Element):
    """A code with the URI of its system."""

    system: str | None = None
    code: str | None = None


class CodeableConcept(_Element):
    """One idea in the codes of one or more systems."""

    coding: tuple[Coding, ...] = ()

    @property
    def first_code(self) -> str | None:
        """Code of the first coding, which the required bindings of R4 make the only one that matters."""
        return self.coding[0].code if self.coding else None


class Quantity(_Element):
    """A number with its unit: `code` in UCUM, `unit` for people."""

    value: Decimal | None = None
    comparator: str | None = None
    unit: str | None = None
    code: str | None = None


class Reference(_Element):
    """Whom a resource is about."""

    reference: str | None = None


class Patient(_Element):
    """A person."""

    resource_type: Literal["Patient"]
    id: str | None = None
    gender: str | None = None
    birth_date: str | None = None

    @property
    def birth_day(self) -> date | None:
        """Date of birth; None where it is not known to the day."""
        return None if self.birth_date is None else _day(self.birth_date)


class Observation(_Element):
    """One finding or measurement."""

    resource_type: Literal["Observation"]
    status: str
    code: CodeableConcept
    subject: Reference | None = None
    effective_date_time: str | None = None
    value_quantity: Quantity | None = None
    value_codeable_concept: CodeableConcept | None = None
    value_string: str | None = None
    value_integer: int | None = None
    value_boolean: bool | None = None

    @property
    def moment(self) -> datetime | None:
        """When it was true; None where that is not known to the day. A time without a zone counts as UTC."""
        if self.effective_date_time is None or _day(self.effective_date_time[:10]) is None:
            return None
        try:
            moment = datetime.fromisoformat(self.effective_date_time)
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def day(self) -> date | None:
        """Date on which it was true, as written."""
        return None if self.effective_date_time is None else _day(self.effective_date_time[:10])

    @property
    def plain_value(self) -> str:
        """The value where it is text or a whole number; of other kinds a word that nothing accepts."""
        if self.value_integer is not None:
            return str(self.value_integer)
        return self.value_string or "(another kind of value)"


class Condition(_Element):
    """A disease or state of a patient."""

    resource_type: Literal["Condition"]
    clinical_status: CodeableConcept | None = None
    verification_status: CodeableConcept | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None

    @property
    def clinical(self) -> str | None:
        """Code of the clinical status: active, recurrence, relapse, inactive, remission, resolved."""
        return self.clinical_status.first_code if self.clinical_status else None

    @property
    def verification(self) -> str | None:
        """Code of the verification status: confirmed, refuted, unconfirmed and so on."""
        return self.verification_status.first_code if self.verification_status else None


class OtherResource(_Element):
    """A resource that no recipe asks for."""


def _kind(resource: Any) -> str:
    found = resource.get("resourceType") if isinstance(resource, dict) else None
    return found if found in {"Patient", "Observation", "Condition"} else "other"


Resource = Annotated[
    Annotated[Patient, Tag("Patient")]
    | Annotated[Observation, Tag("Observation")]
    | Annotated[Condition, Tag("Condition")]
    | Annotated[OtherResource, Tag("other")],
    Discriminator(_kind),
]


class Entry(_Element):
    """A resource in a Bundle."""

    full_url: str | None = None
    resource: Resource | None = None


class Bundle(_Element):
    """Resources together."""

    resource_type: Literal["Bundle"]
    entry: tuple[Entry, ...] = Field(default=())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
