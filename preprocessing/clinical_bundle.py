"""Patients of a FHIR R4 Bundle: Patient, Observation and Condition, as far as a recipe asks for them.

Source:
    HL7 FHIR R4 (4.0.1): Bundle, Patient, Observation, Condition. What is not said is missing: that a Bundle holds no
    Condition of a kind does not say that the patient does not have it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic import ValidationError

from preprocessing.clinical_record import ClinicalRecord, Given
from preprocessing.errors import UnreadableTable
from preprocessing.fhir_resources import Bundle, CodeableConcept, Condition, Observation, Patient
from specs.clinical_variables import (
    CategoryVariable,
    ClinicalVariables,
    ConditionVariable,
)
from specs.coding import CodedConcept

_SOUND_STATUS = frozenset({"final", "amended", "corrected"})
"""Observations that stand: not preliminary, cancelled or entered in error."""

_ACTIVE = frozenset({"active", "recurrence", "relapse"})

_NO_UNIT = "none stated"
"""Stands for the missing unit of a Quantity: FHIR has no default, so none is assumed."""


@dataclass(frozen=True, kw_only=True)
class PatientResources:
    """What a Bundle says of one patient."""

    patient: Patient = field(repr=False)
    observations: tuple[Observation, ...] = field(repr=False)
    conditions: tuple[Condition, ...] = field(repr=False)


def patients_of_bundle(found: object) -> Iterator[PatientResources]:
    """Part a Bundle by patient; resources that refer to none of them are left out.

    Args:
        found: Parsed JSON.

    Raises:
        UnreadableTable: it is no Bundle of R4, or has no patient.
    """
    try:
        bundle = Bundle.model_validate(found)
    except ValidationError:
        raise UnreadableTable(what="it is no FHIR R4 Bundle, or a resource in it is not as R4 has it") from None
    patients = [entry for entry in bundle.entry if isinstance(entry.resource, Patient)]
    if not patients:
        raise UnreadableTable(what="the Bundle holds no Patient")
    for entry in patients:
        assert isinstance(entry.resource, Patient)  # for the type checker
        names = {entry.full_url, f"Patient/{entry.resource.id}" if entry.resource.id else None} - {None}
        own = [other.resource for other in bundle.entry if _subject(other.resource) in names]
        yield PatientResources(
            patient=entry.resource,
            observations=tuple(item for item in own if isinstance(item, Observation)),
            conditions=tuple(item for item in own if isinstance(item, Condition)),
        )


def _subject(resource: object) -> str | None:
    if isinstance(resource, Observation | Condition) and resource.subject is not None:
        return resource.subject.reference
    return None


def record_of_resources(resources: PatientResources, recipe: ClinicalVariables) -> ClinicalRecord:
    """Find what a recipe asks for: the newest sound Observation of a code, Conditions that are active or refuted."""
    return _RecordBuilder(resources, recipe).record()


class _RecordBuilder:
    """Collects the values of one patient under the names of the recipe."""

    def __init__(self, resources: PatientResources, recipe: ClinicalVariables) -> None:
        self._resources = resources
        self._recipe = recipe
        self._uris = {system.scheme: system.uri for system in recipe.code_systems}
        self._values: dict[str, Given] = {}
        self._contradictory: set[str] = set()

    def record(self) -> ClinicalRecord:
        for measurement in self._recipe.measurements:
            self._put(measurement.name, [_quantity(found) for found in self._newest(measurement.codes)])
        for category in self._recipe.categories:
            match category:
                case CategoryVariable():
                    self._put(category.name, [self._choice(category, found) for found in self._newest(category.codes)])
                case ConditionVariable():
                    self._put(category.name, self._states(category))
        self._put_patient()
        return ClinicalRecord(values=self._values, contradictory=frozenset(self._contradictory))

    def _put(self, name: str, found: Iterable[Given]) -> None:
        different = tuple(dict.fromkeys(found))
        if len(different) > 1:
            self._contradictory.add(name)
        elif different:
            self._values[name] = different[0]

    def _put_patient(self) -> None:
        names, patient = self._recipe.patient, self._resources.patient
        if patient.gender in {"female", "male"}:
            self._put(names.sex, [Given(text=patient.gender)])
        (dated,) = (item for item in self._recipe.measurements if item.name == names.dated)
        examined = next((found.day for found in self._newest(dated.codes)), None)
        if patient.birth_day is not None and examined is not None:
            self._put(names.age, [Given(text=str(_whole_years(patient.birth_day, examined)))])

    def _newest(self, codes: Sequence[CodedConcept]) -> list[Observation]:
        """Return the sound Observations of a code that no other is known to be newer than."""
        sound = [
            observation
            for observation in self._resources.observations
            if observation.status in _SOUND_STATUS and self._has(observation.code, codes)
        ]
        moments = [observation.moment for observation in sound if observation.moment is not None]
        return [
            observation for observation in sound if observation.moment is None or observation.moment == max(moments)
        ]

    def _has(self, concept: CodeableConcept | None, codes: Iterable[CodedConcept]) -> bool:
        wanted = {(self._uris[code.scheme], code.value) for code in codes}
        return concept is not None and any((coding.system, coding.code) in wanted for coding in concept.coding)

    def _choice(self, category: CategoryVariable, observation: Observation) -> Given:
        for choice in category.choices:
            if self._has(observation.value_codeable_concept, choice.codes):
                return Given(text=choice.words[0])
        return Given(text=observation.plain_value)

    def _states(self, condition: ConditionVariable) -> list[Given]:
        """Return what is said of a condition: present, absent, or both; resolved and doubtful ones say nothing."""
        present, absent = Given(text=condition.present_words[0]), Given(text=condition.absent_words[0])
        found = []
        for stated in self._resources.conditions:
            if not self._has(stated.code, condition.codes):
                continue
            if stated.verification == "refuted":
                found.append(absent)
            elif stated.verification in {"confirmed", None} and stated.clinical in _ACTIVE:
                found.append(present)
        answers = [observation.value_boolean for observation in self._newest(condition.codes)]
        return found + [present if answer else absent for answer in answers if answer is not None]


def _quantity(observation: Observation) -> Given:
    quantity = observation.value_quantity
    if quantity is None or quantity.value is None:
        return Given(text=observation.plain_value)
    text = f"{quantity.comparator or ''}{quantity.value}"
    return Given(text=text, unit=quantity.code or quantity.unit or _NO_UNIT)


def _whole_years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
