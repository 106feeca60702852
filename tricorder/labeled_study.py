"""What a model is measured on: studies whose truth is known, from phantoms or from a data set on disk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, assert_never

from evaluation.characteristics import Characteristics
from evaluation.maps import Box
from phantoms import (
    ChestTruth,
    DopaminePhantom,
    DopamineTruth,
    ImageCohort,
    ImageTruth,
    LesionSite,
    PetPhantom,
    PetTruth,
    RadiographPhantom,
    true_answer,
    true_grade,
    true_regions,
    write_phantom,
)
from specs.contract import StudySpec
from training.datasets import Example, ImageFile, ImageFormat
from training.datasets.jsrt_image import read_jsrt_image


@dataclass(frozen=True, kw_only=True)
class LesionSites:
    """Of which disease a patient has lesions, and at which sites.

    Attributes:
        disease: In the words of a table.
        positive: Whether there is a lesion at each site, by the site's name, in the order of a table.
    """

    disease: str
    positive: Mapping[str, bool]


@dataclass(frozen=True, kw_only=True)
class KnownFacts:
    """What is known of a study without its image.

    Attributes:
        name: How a table names it: number of a phantom, line of a manifest, or the published file name, which in
            ChestX-ray14 begins with its number of the patient.
        truth: 1 or 0 for a finding, a quantity in its unit.
        characteristics: Sex, age, view, site.
        patient: Whose it is, opaque and never shown; None for phantoms, each of which is a patient of its own.
        grade: Degree of the disease, for phantoms.
        regions: Where the evidence lies, for phantoms, in fractions of the image.
        lesions: Where the disease is, for phantoms of the whole body.
    """

    name: str
    truth: float
    characteristics: Characteristics
    patient: str | None = field(default=None, repr=False)
    grade: str | None = None
    regions: tuple[Box, ...] = ()
    lesions: LesionSites | None = None


@dataclass(frozen=True, kw_only=True)
class LabeledStudy:
    """A study with its images, which are a file or are made when they are asked for."""

    facts: KnownFacts
    image: RadiographPhantom | PetPhantom | DopaminePhantom | ImageFile

    def files(self, folder: Path) -> tuple[Path, ...]:
        """Return the files that the client reads, the study's own or those that are written.

        Args:
            folder: Where they are written, for this study alone.

        Raises:
            InputError: the image has a form that only its data set has, and is broken.
        """
        match self.image:
            case RadiographPhantom() | PetPhantom() | DopaminePhantom():
                return tuple(write_phantom(self.image, folder / "study"))
            case ImageFile(format=ImageFormat.JSRT_RAW):
                written = folder / "study.dcm"
                read_jsrt_image(self.image.path).save_as(written, enforce_file_format=True)
                return (written,)
            case ImageFile():
                return (self.image.path,)
            case _:
                assert_never(self.image)


class LabeledStudies(Protocol):
    """Studies in an order that is always the same."""

    @property
    def name(self) -> str:
        """Name for records."""
        ...

    @property
    def left_out(self) -> Mapping[str, int]:
        """Number of images that are not among the studies, by reason."""
        ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[LabeledStudy]: ...


@dataclass(frozen=True, kw_only=True)
class PhantomStudies:
    """Phantoms, each made when its turn comes."""

    cohort: ImageCohort
    spec: StudySpec
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name for records."""
        return f"{self.cohort.name} 0-{len(self.cohort) - 1}"

    def __len__(self) -> int:
        return len(self.cohort)

    def __iter__(self) -> Iterator[LabeledStudy]:
        for phantom in self.cohort:
            truth = phantom.truth
            grade = true_grade(truth, self.spec)
            facts = KnownFacts(
                name=str(phantom.index),
                truth=true_answer(truth, self.spec),
                characteristics=_characteristics(truth),
                grade=None if grade is None else grade.name.lower(),
                regions=true_regions(truth, self.spec),
                lesions=_lesion_sites(truth),
            )
            yield LabeledStudy(facts=facts, image=phantom)


def _characteristics(truth: ImageTruth) -> Characteristics:
    view = truth.projection if isinstance(truth, ChestTruth) else None
    return Characteristics(sex=truth.sex, age_years=truth.age_years, view=view)


def _lesion_sites(truth: ImageTruth) -> LesionSites | None:
    match truth:
        case ChestTruth() | DopamineTruth():
            return None
        case PetTruth():
            return LesionSites(
                disease=truth.disease,
                positive={site.value: site in truth.positive_sites for site in LesionSite},
            )
        case _:
            assert_never(truth)


@dataclass(frozen=True, kw_only=True)
class StudiesOnDisk:
    """Images of a data set with what its tables say of them."""

    name: str
    examples: tuple[Example, ...]
    left_out: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.examples)

    def __iter__(self) -> Iterator[LabeledStudy]:
        for example in self.examples:
            facts = KnownFacts(
                name=example.name,
                truth=example.value,
                characteristics=Characteristics(
                    sex=example.sex, age_years=example.age_years, view=example.view, site=example.site
                ),
                patient=example.patient,
            )
            yield LabeledStudy(facts=facts, image=example.image)
