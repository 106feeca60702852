"""What a model is measured on: studies whose truth is known, from phantoms or from a data set on disk."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, assert_never

from client.studies import files_of_study
from evaluation.characteristics import Characteristics
from evaluation.maps import Box
from phantoms import (
    ChestTruth,
    DopaminePhantom,
    DopamineTruth,
    GranulomaOrLymphoma,
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
from specs.contract import AnswerSpec
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
        lesions: Where the disease is, for studies of the whole body of which that is known.
    """

    name: str
    truth: float
    characteristics: Characteristics
    patient: str | None = field(default=None, repr=False)
    grade: str | None = None
    regions: tuple[Box, ...] = ()
    lesions: LesionSites | None = None


@dataclass(frozen=True, kw_only=True)
class StudyOnDisk:
    """The images of a modality in a folder or a file; the path may name a patient and is never shown."""

    path: Path = field(repr=False)
    modality: str


@dataclass(frozen=True, kw_only=True)
class LabeledStudy:
    """A study with its images, which are files or are made when they are asked for."""

    facts: KnownFacts
    image: RadiographPhantom | PetPhantom | DopaminePhantom | ImageFile | StudyOnDisk

    @property
    def name(self) -> str:
        """Its name within the data set."""
        return self.facts.name

    def files(self, folder: Path) -> tuple[Path, ...]:
        """Return the files that the client reads, the study's own or those that are written.

        Args:
            folder: Where they are written, for this study alone.

        Raises:
            InputError: the image has a form that only its data set has, and is broken; or the files of the study
                cannot be told.
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
            case StudyOnDisk():
                return files_of_study(self.image.path, self.image.modality)
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
    spec: AnswerSpec
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
            return _lesions(truth.disease, truth.positive_sites)
        case _:
            assert_never(truth)


def _lesions(disease: GranulomaOrLymphoma, sites: Set[LesionSite]) -> LesionSites:
    return LesionSites(disease=disease, positive={site.value: site in sites for site in LesionSite})


@dataclass(frozen=True, kw_only=True)
class StudiesOnDisk:
    """Images or studies of a data set with what its tables say of them.

    Attributes:
        name: Name for records.
        examples: What is measured on.
        left_out: Number of images that are not among them, by reason.
        modality: Modality (0008,0060) of the studies; None where each example is one image.
    """

    name: str
    examples: tuple[Example, ...]
    left_out: Mapping[str, int]
    modality: str | None = None

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
                lesions=_told_lesions(example),
            )
            yield LabeledStudy(facts=facts, image=self._image(example.image))

    def _image(self, file: ImageFile) -> ImageFile | StudyOnDisk:
        return file if self.modality is None else StudyOnDisk(path=file.path, modality=self.modality)


def _told_lesions(example: Example) -> LesionSites | None:
    if example.lesion_sites is None:
        return None
    disease = GranulomaOrLymphoma.SARCOIDOSIS if example.value else GranulomaOrLymphoma.LYMPHOMA
    return _lesions(disease, example.lesion_sites)
