"""The figures of an organ model on patients whose organs are known, as data and as text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.agreement import FEWEST_STUDIES, Agreement, agreement, bounded_mean_interval, pearson_correlation
from evaluation.interval import Interval
from evaluation.proportions import proportion
from evaluation.quantity_report import ReportedModel
from specs.declared import Declared

_NOT_KNOWN = "–"


@dataclass(frozen=True, kw_only=True)
class MeasuredPatient:
    """What is true of one patient, and what a model found.

    Attributes:
        disease: Why the patient is examined, in the words of a table.
        nearly_no_uptake: Whether the heart has almost none.
        uptake: True mean uptake of the heart early and late, g/ml.
        true_washout_percent: True loss from early to late beyond decay.
        dice: Of each organ by name, early and late, on the grid of the image, 0 to 1.
        heart_found: Whether any heart was found, early and late.
        heart_counts: Corrected mean counts of the heart early and late, counts kg/MBq; None where unknown.
        washout_percent: Measured loss; None where it is unknown.
    """

    disease: str
    nearly_no_uptake: bool
    uptake: tuple[float, float]
    true_washout_percent: float
    dice: Mapping[str, tuple[float, float]]
    heart_found: tuple[bool, bool]
    heart_counts: tuple[float | None, float | None]
    washout_percent: float | None


class OrganFigures(Declared):
    """How well one organ is found: the mean Dice of patients, both times, early, late; None for a single patient."""

    organ: str
    dice: Interval | None
    early: Interval | None
    late: Interval | None


class DiseaseFigures(Declared):
    """The heart among patients of one disease: mean Dice, and R2 of its late counts; None for too few patients."""

    disease: str
    patients: int
    heart_dice: Interval | None
    late_counts_r2: Interval | None


class OrganReport(Declared):
    """Masks, heart counts and washout of one model against the truth of one set.

    Attributes:
        model: Name of the repository entry.
        version: Of the entry.
        contract_sha256: Digest of its contract.
        data_set: Name of the set.
        patients: How many were measured.
        left_out: How many were not, by reason.
        organs: Figures of each organ.
        faint_hearts: How many patients have almost no uptake in the heart.
        faint_heart_dice: Mean Dice of their hearts.
        heart_found: Share of volumes in which a heart was found.
        early_counts_r2: Square of the correlation of early heart counts with the true uptake.
        late_counts_r2: The same of late ones.
        washout_r2: The same of washout with the true one.
        washout: Agreement of washout with the true one, %; None for fewer than three patients.
        washout_patients: Of how many patients it is known.
        diseases: Figures by disease.
    """

    model: str
    version: int
    contract_sha256: str
    data_set: str
    patients: int
    left_out: dict[str, int]
    organs: tuple[OrganFigures, ...]
    faint_hearts: int
    faint_heart_dice: Interval | None
    heart_found: Interval
    early_counts_r2: Interval | None
    late_counts_r2: Interval | None
    washout_r2: Interval | None
    washout: Agreement | None
    washout_patients: int
    diseases: tuple[DiseaseFigures, ...]

    @property
    def studies(self) -> int:
        """Number of patients, by the name that other reports have for it."""
        return self.patients

    @property
    def merit(self) -> str:
        """The figures that a table of all models has room for."""
        found = [f"{each.organ} {each.dice.estimate:.3f}" for each in self.organs if each.dice is not None]
        counts = "" if self.late_counts_r2 is None else f"; R² of heart counts {self.late_counts_r2.estimate:.3f}"
        return f"Dice {', '.join(found)}{counts}"

    def column(self) -> dict[str, str]:
        """Return the main figures by name, with their 95 % intervals."""
        found = {"patients": f"{self.patients:,}"}
        found |= {f"Dice, {each.organ}": _cell(each.dice) for each in self.organs}
        found[f"Dice, heart with almost no uptake ({self.faint_hearts} patients)"] = _cell(self.faint_heart_dice)
        found["volumes in which a heart was found"] = _cell(self.heart_found)
        found["R² of early heart counts"] = _cell(self.early_counts_r2)
        found["R² of late heart counts"] = _cell(self.late_counts_r2)
        found["R² of washout"] = _cell(self.washout_r2)
        if self.washout is not None:
            found["washout less the true one [%]"] = self.washout.bias.cell(1, signed=True)
            found["lower limit of agreement of washout [%]"] = self.washout.lower_limit.cell(1, signed=True)
            found["upper limit of agreement of washout [%]"] = self.washout.upper_limit.cell(1, signed=True)
        return found

    def __str__(self) -> str:
        width = max(map(len, self.column())) + 2
        lines = [f"{self.model} version {self.version} on {self.data_set}: {self.patients} patients"]
        lines += [f"  {name:<{width}}{value}" for name, value in self.column().items() if name != "patients"]
        for organ in self.organs:
            lines.append(f"  {f'Dice, {organ.organ}, early; late':<{width}}{_cell(organ.early)}; {_cell(organ.late)}")
        lines.append("By disease: Dice of the heart; R² of late heart counts")
        for each in self.diseases:
            figures = f"{_cell(each.heart_dice)}; {_cell(each.late_counts_r2)}"
            lines.append(f"  {each.disease}, {each.patients} patients: {figures}")
        lines += [f"Left out: {count} patients: {reason}" for reason, count in sorted(self.left_out.items())]
        return "\n".join(lines)


def organ_report(
    patients: Sequence[MeasuredPatient], model: ReportedModel, *, data_set: str, left_out: Mapping[str, int]
) -> OrganReport:
    """Compute the report.

    Args:
        patients: At least one.
        model: Which found the organs.
        data_set: Name of the set.
        left_out: How many patients of it could not be measured, by reason.

    Raises:
        ValueError: there is no patient.

    Source:
        R2 of heart counts and washout: as Saito S et al., EJNMMI Res 2021;11:105, report them, there against planar
        images. Intervals: Student's of means, cut to 0 to 1; Fisher's of correlations, squared; exact ones of shares.
    """
    hearts = [found for patient in patients for found in patient.heart_found]
    share = proportion(sum(hearts), len(hearts))
    if share is None:
        raise ValueError("an organ report needs at least one patient")
    faint = [patient for patient in patients if patient.nearly_no_uptake]
    washout = [
        (each.true_washout_percent, each.washout_percent) for each in patients if each.washout_percent is not None
    ]
    return OrganReport(
        model=model.model,
        version=model.version,
        contract_sha256=model.contract_sha256,
        data_set=data_set,
        patients=len(patients),
        left_out=dict(left_out),
        organs=tuple(_organ(name, patients) for name in patients[0].dice),
        faint_hearts=len(faint),
        faint_heart_dice=_mean(float(np.mean(patient.dice["heart"])) for patient in faint),
        heart_found=share,
        early_counts_r2=_counts_r2(patients, time=0),
        late_counts_r2=_counts_r2(patients, time=1),
        washout_r2=_r2(washout),
        washout=agreement(*np.array(washout, np.float64).T) if len(washout) >= FEWEST_STUDIES else None,
        washout_patients=len(washout),
        diseases=tuple(_disease(name, patients) for name in sorted({patient.disease for patient in patients})),
    )


def _organ(name: str, patients: Sequence[MeasuredPatient]) -> OrganFigures:
    early, late = ([patient.dice[name][time] for patient in patients] for time in (0, 1))
    return OrganFigures(organ=name, dice=_mean(np.mean([early, late], axis=0)), early=_mean(early), late=_mean(late))


def _disease(name: str, patients: Sequence[MeasuredPatient]) -> DiseaseFigures:
    ill = [patient for patient in patients if patient.disease == name]
    return DiseaseFigures(
        disease=name,
        patients=len(ill),
        heart_dice=_mean(float(np.mean(patient.dice["heart"])) for patient in ill),
        late_counts_r2=_counts_r2(ill, time=1),
    )


def _counts_r2(patients: Sequence[MeasuredPatient], *, time: int) -> Interval | None:
    found = [(patient.uptake[time], patient.heart_counts[time]) for patient in patients]
    return _r2([(truth, counts) for truth, counts in found if counts is not None])


def _mean(values: Iterable[float]) -> Interval | None:
    """Estimate a mean Dice, within 0 to 1; None for fewer than two values."""
    found = np.array(list(values), np.float64)
    return bounded_mean_interval(found) if found.size >= 2 else None


def _r2(pairs: Sequence[tuple[float, float]]) -> Interval | None:
    """Square the correlation of true and measured values; None where there are too few, or all are equal."""
    if len(pairs) < FEWEST_STUDIES:
        return None
    r = pearson_correlation(*np.array(pairs, np.float64).T)
    if r is None:
        return None
    squares = (r.lower**2, r.upper**2)
    return Interval(estimate=r.estimate**2, lower=min(squares) if r.lower * r.upper > 0 else 0.0, upper=max(squares))


def _cell(interval: Interval | None) -> str:
    return _NOT_KNOWN if interval is None else interval.cell()
