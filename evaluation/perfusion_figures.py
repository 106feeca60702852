"""How SPECT and virtual PET differ from PET: inferior wall, true defects, summed scores."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.agreement import Agreement, agreement, mean_interval
from evaluation.bootstrap import NoInterval, bootstrap_by_patient
from evaluation.interval import Interval
from evaluation.perfusion_scores import SUMS
from specs.declared import Declared
from specs.perfusion_pairing import Role

Percents = NDArray[np.float64]
"""Axes (patient, state, segment), stress first, % of the highest segment of a patient's state."""

SumsOfScores = NDArray[np.int64]
"""Axes (patient, sum): SSS, SRS, SDS."""

INFERIOR: Final = (4, 10, 15)
"""The segments in which the source found virtual PET to mend SPECT (Kawakubo, end-of-project report)."""
_RESAMPLES: Final = 2000
_SEXES: Final = {"F": "women", "M": "men"}


@dataclass(frozen=True, kw_only=True)
class ShownDefect:
    """A true defect of one patient at one state, and how deep each image shows it.

    Depths are what is missing there of the uptake of the highest segment, %, the mean over the defect's places.

    Attributes:
        patient: Who.
        territory: Of which artery.
        spect: Depth that SPECT shows.
        virtual_pet: Depth that virtual PET shows.
        pet: Depth that PET shows.
    """

    patient: str
    territory: str
    spect: float
    virtual_pet: float
    pet: float


@dataclass(frozen=True, kw_only=True)
class MeasuredPatients:
    """Patients of whom SPECT, virtual PET and PET are known, all in the same order.

    Attributes:
        spect: What SPECT shows.
        virtual_pet: What virtual PET shows.
        pet: What PET shows.
        spect_sums: Scores of SPECT.
        virtual_pet_sums: Scores of virtual PET.
        pet_sums: Scores of PET.
        sexes: As Patient's Sex (0010,0040).
        defects: Where perfusion is truly reduced.
    """

    spect: Percents
    virtual_pet: Percents
    pet: Percents
    spect_sums: SumsOfScores
    virtual_pet_sums: SumsOfScores
    pet_sums: SumsOfScores
    sexes: Sequence[str]
    defects: Sequence[ShownDefect]


class ImageError(Declared):
    """How one image differs from PET, in % of the highest segment; intervals are over patients.

    Each patient's mean counts once, however many segments, states and defects it is of.
    """

    mean_absolute_error: Interval
    bias: Interval

    @property
    def is_biased(self) -> bool:
        """Whether the interval of the bias leaves 0 out."""
        return not self.bias.lower <= 0 <= self.bias.upper


class InferiorErrors(Declared):
    """Errors in the inferior segments of a group of patients or at one state.

    Attributes:
        group: Who, or when.
        patients: How many.
        spect: Errors of SPECT.
        virtual_pet: Errors of virtual PET.
        error_ratio: Mean absolute error of virtual PET over that of SPECT, with a bootstrap interval; None where the
            patients determine none.
    """

    group: str
    patients: int
    spect: ImageError
    virtual_pet: ImageError
    error_ratio: Interval | None


class DefectErrors(Declared):
    """Errors of the depth of true defects: what is missing at their places, in % of the highest segment.

    Attributes:
        group: Whose territory.
        defects: How many; one that is there at stress and at rest is two.
        patients: Who has them.
        spect: Errors of SPECT; a bias above 0 is too deep, below 0 too shallow.
        virtual_pet: Errors of virtual PET.
        difference: Mean absolute error of virtual PET less that of SPECT, paired; below 0 is better.
    """

    group: str
    defects: int
    patients: int
    spect: ImageError
    virtual_pet: ImageError
    difference: Interval

    @property
    def are_kept(self) -> bool:
        """Whether virtual PET is no worse than SPECT, and not by chance: nothing of the interval is above 0."""
        return self.difference.upper <= 0


class ScoreAgreement(Declared):
    """A sum of scores against that of PET."""

    score: Literal["SSS", "SRS", "SDS"]
    spect: Agreement
    virtual_pet: Agreement


def inferior_errors(patients: MeasuredPatients) -> Iterator[InferiorErrors]:
    """Yield errors in the inferior segments: of all, at each state, of each sex of which there are two."""
    places = [number - 1 for number in INFERIOR]
    spect, virtual = ((shown - patients.pet)[:, :, places] for shown in (patients.spect, patients.virtual_pet))
    yield _inferior("all", spect, virtual)
    for place, state in enumerate(Role):
        yield _inferior(f"at {state}", spect[:, place : place + 1], virtual[:, place : place + 1])
    for sex, group in _SEXES.items():
        is_of = np.array([each == sex for each in patients.sexes])
        if is_of.sum() > 1:
            yield _inferior(group, spect[is_of], virtual[is_of])


def _inferior(group: str, spect: Percents, virtual: Percents) -> InferiorErrors:
    count = len(spect)
    spect, virtual = spect.reshape(count, -1), virtual.reshape(count, -1)
    before, after = np.abs(spect).mean(axis=1), np.abs(virtual).mean(axis=1)
    return InferiorErrors(
        group=group,
        patients=count,
        spect=_image_error(before, spect.mean(axis=1)),
        virtual_pet=_image_error(after, virtual.mean(axis=1)),
        error_ratio=_ratio(after, before),
    )


def _image_error(absolute: NDArray[np.float64], signed: NDArray[np.float64]) -> ImageError:
    return ImageError(mean_absolute_error=mean_interval(absolute), bias=mean_interval(signed))


def _ratio(after: NDArray[np.float64], before: NDArray[np.float64]) -> Interval | None:
    def ratio(drawn: NDArray[np.intp]) -> float:
        return float(after[drawn].sum() / before[drawn].sum())

    try:
        return bootstrap_by_patient(np.arange(len(after)), ratio, resamples=_RESAMPLES)
    except NoInterval:
        return None


def defect_errors(patients: MeasuredPatients) -> Iterator[DefectErrors]:
    """Yield errors of the depth of defects: of all, and of each artery's territory in which two patients have any."""
    yield from _defects("all", patients.defects)
    for territory in sorted({defect.territory for defect in patients.defects}):
        of_territory = [defect for defect in patients.defects if defect.territory == territory]
        yield from _defects(territory, of_territory)


def _defects(group: str, defects: Sequence[ShownDefect]) -> Iterator[DefectErrors]:
    whose = np.array([defect.patient for defect in defects], np.str_)
    who = np.unique(whose)
    if len(who) < 2:
        return
    pet = np.array([defect.pet for defect in defects])
    spect = np.array([defect.spect for defect in defects]) - pet
    virtual = np.array([defect.virtual_pet for defect in defects]) - pet
    before, after = (_of_patients(np.abs(errors), whose, who) for errors in (spect, virtual))
    yield DefectErrors(
        group=group,
        defects=len(defects),
        patients=len(who),
        spect=_image_error(before, _of_patients(spect, whose, who)),
        virtual_pet=_image_error(after, _of_patients(virtual, whose, who)),
        difference=mean_interval(after - before),
    )


def _of_patients(values: NDArray[np.float64], whose: NDArray[np.str_], who: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return the mean of each patient's values, in the order of `who`."""
    return np.array([values[whose == patient].mean() for patient in who])


def score_agreements(patients: MeasuredPatients) -> Iterator[ScoreAgreement]:
    """Yield how the sums of scores agree with those of PET."""
    for place, score in enumerate(SUMS):
        truth, spect, virtual = (
            each[:, place].astype(np.float64)
            for each in (patients.pet_sums, patients.spect_sums, patients.virtual_pet_sums)
        )
        yield ScoreAgreement(score=score, spect=agreement(truth, spect), virtual_pet=agreement(truth, virtual))
