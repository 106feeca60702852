"""The figures of a perfusion model on patients whose PET is known, as data and as text."""

from collections.abc import Iterator, Mapping
from typing import Literal

from evaluation.interval import Interval
from evaluation.paired_segments import Correction, SegmentComparison, compare_segments
from evaluation.perfusion_figures import (
    DefectErrors,
    ImageError,
    InferiorErrors,
    MeasuredPatients,
    ScoreAgreement,
    defect_errors,
    inferior_errors,
    score_agreements,
)
from evaluation.quantity_report import ReportedModel
from specs.declared import Declared

FEWEST_PATIENTS = 3
"""Of whom differences are tested."""
TITLES = {"spect": "SPECT", "virtual_pet": "virtual PET"}


class ComparedSegments(Declared):
    """The 17 segments of one image against PET, in % of the highest segment.

    P values are corrected for the 17 segments of this image at this state, after Holm.
    """

    image: Literal["spect", "virtual_pet"]
    state: Literal["stress", "rest"]
    segments: tuple[SegmentComparison, ...]

    @property
    def title(self) -> str:
        """As people read it."""
        return f"{TITLES[self.image]} at {self.state}"

    @property
    def significant(self) -> tuple[int, ...]:
        """Numbers of the segments that differ from PET beyond chance."""
        return tuple(segment.number for segment in self.segments if segment.is_significant)


class PerfusionReport(Declared):
    """SPECT and virtual PET of one model against PET on one set of patients.

    Groups of `inferior` and `defects` begin with all patients.
    """

    model: str
    version: int
    contract_sha256: str
    data_set: str
    patients: int
    left_out: dict[str, int]
    inferior: tuple[InferiorErrors, ...]
    defects: tuple[DefectErrors, ...]
    segments: tuple[ComparedSegments, ...]
    scores: tuple[ScoreAgreement, ...]

    @property
    def studies(self) -> int:
        """One a patient."""
        return self.patients

    @property
    def merit(self) -> str:
        """The main figure in a few words."""
        found = self.inferior[0]
        after, before = found.virtual_pet.mean_absolute_error, found.spect.mean_absolute_error
        inferior = f"inferior segments {after.estimate:.1f} % from PET (SPECT {before.estimate:.1f} %)"
        for depth in self.defects[:1]:
            after, before = depth.virtual_pet.mean_absolute_error, depth.spect.mean_absolute_error
            return f"{inferior}; depth of defects {after.estimate:.1f} % ({before.estimate:.1f} %)"
        return inferior

    def column(self) -> dict[str, str]:
        """Return the main figures by name, with their intervals."""
        figures = {"patients": f"{self.patients:,}"}
        figures |= dict(_named("inferior segments", self.inferior[0]))
        for found in self.defects[:1]:
            figures |= dict(_named("depth of defects", found))
            figures["depth of defects: error of virtual PET less that of SPECT [%]"] = found.difference.cell(
                2, signed=True
            )
        for compared in self.segments:
            figures[f"segments of {compared.title} that differ from PET"] = _numbers(compared.significant)
        for score in self.scores:
            for image, agreed in (("spect", score.spect), ("virtual_pet", score.virtual_pet)):
                figures[f"{score.score} of {TITLES[image]} less that of PET"] = agreed.bias.cell(2, signed=True)
        return figures

    def __str__(self) -> str:
        title = f"{self.model} version {self.version} on {self.data_set}"
        lines = [
            f"{title}: {self.patients} patients, in % of each one's highest segment, 95 % intervals",
            "Inferior segments (4, 10, 15), difference from PET:",
        ]
        for found in self.inferior:
            lines += _error_lines(found.group, found)
            lines.append(f"    {'error ratio':<14}{'–' if found.error_ratio is None else found.error_ratio.cell()}")
        lines.append("Depth of true defects, difference from PET:")
        for of_group in self.defects:
            lines += _error_lines(f"{of_group.group}, {of_group.defects} defects", of_group)
            lines.append(f"    {'difference':<14}{of_group.difference.cell(2, signed=True)}")
        lines.append("Segments that differ from PET (Wilcoxon, Holm, p < 0.05):")
        lines += [f"  {compared.title:<24}{_numbers(compared.significant)}" for compared in self.segments]
        lines.append("Sums of scores, less those of PET:")
        for score in self.scores:
            pair = f"SPECT {score.spect.bias.cell(2, signed=True)}, virtual PET"
            lines.append(f"  {score.score:<6}{pair} {score.virtual_pet.bias.cell(2, signed=True)}")
        lines += [f"Left out: {count} patients: {reason}" for reason, count in sorted(self.left_out.items())]
        return "\n".join(lines)


def perfusion_report(
    patients: MeasuredPatients, model: ReportedModel, *, data_set: str, left_out: Mapping[str, int]
) -> PerfusionReport:
    """Compute the report.

    Args:
        patients: At least three.
        model: Whose virtual PET it is.
        data_set: Name of the set.
        left_out: Number of the other patients, by reason.

    Raises:
        ValueError: there are fewer patients, or a value is no finite number.
    """
    return PerfusionReport(
        model=model.model,
        version=model.version,
        contract_sha256=model.contract_sha256,
        data_set=data_set,
        patients=len(patients.pet),
        left_out=dict(left_out),
        inferior=tuple(inferior_errors(patients)),
        defects=tuple(defect_errors(patients)),
        segments=tuple(_compared(patients)),
        scores=tuple(score_agreements(patients)),
    )


def _compared(patients: MeasuredPatients) -> Iterator[ComparedSegments]:
    images: tuple[Literal["spect", "virtual_pet"], ...] = ("spect", "virtual_pet")
    states: tuple[Literal["stress", "rest"], ...] = ("stress", "rest")
    for image, shown in zip(images, (patients.spect, patients.virtual_pet), strict=True):
        for place, state in enumerate(states):
            found = compare_segments(shown[:, place], patients.pet[:, place], Correction.HOLM)
            yield ComparedSegments(image=image, state=state, segments=found)


def _named(what: str, found: InferiorErrors | DefectErrors) -> Iterator[tuple[str, str]]:
    for image, error in (("spect", found.spect), ("virtual_pet", found.virtual_pet)):
        name = f"{what} of {TITLES[image]}"
        yield f"{name}: mean absolute error [%]", error.mean_absolute_error.cell(2)
        yield f"{name}: bias [%]", error.bias.cell(2, signed=True)


def _error_lines(group: str, found: InferiorErrors | DefectErrors) -> Iterator[str]:
    yield f"  {group} ({found.patients} patients)"
    for image, error in (("spect", found.spect), ("virtual_pet", found.virtual_pet)):
        yield f"    {TITLES[image]:<14}{_error_cells(error)}"


def _error_cells(error: ImageError) -> str:
    return f"mean absolute error {_cell(error.mean_absolute_error)}, bias {error.bias.cell(2, signed=True)}"


def _cell(interval: Interval) -> str:
    return interval.cell(2)


def _numbers(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers)) or "none"
