"""What is true of a phantom of myocardial perfusion: who is examined, and what each segment of the wall takes up."""

from dataclasses import dataclass
from enum import StrEnum

from phantoms.pet_shapes import Triple
from phantoms.truth import Sex


class PerfusionState(StrEnum):
    """When the tracer is injected: at maximal blood flow, or at rest."""

    STRESS = "stress"
    REST = "rest"


class CoronaryArtery(StrEnum):
    """Whose territory a defect is in."""

    LEFT_ANTERIOR_DESCENDING = "left anterior descending"
    LEFT_CIRCUMFLEX = "left circumflex"
    RIGHT_CORONARY = "right coronary"


@dataclass(frozen=True, kw_only=True)
class PerfusionDefect:
    """A patch of the wall that takes up less: a circle on the polar map, whose own radius is from apex to base.

    Attributes:
        artery: Whose territory it is in.
        ring: How far from the apex its middle is, 0 at the apex, 1 at the base.
        angle_degrees: Where about the axis its middle is: from the lateral wall, counter-clockwise on the polar map.
        radius: Of the circle in which the depth is at least half of the full one, of the radius of the polar map.
        stress_depth: Share of the uptake that is missing in its middle at stress, 0 to 1.
        rest_depth: The same at rest, the fixed part; at most that at stress.
        segments: Numbers of the segments at least half of which it fills; none, where it is small between several.
        extent_percent: Share of the polar map that it fills.
    """

    artery: CoronaryArtery
    ring: float
    angle_degrees: float
    radius: float
    stress_depth: float
    rest_depth: float
    segments: tuple[int, ...]
    extent_percent: float

    @property
    def reversible_depth(self) -> float:
        """Share that is missing at stress only."""
        return self.stress_depth - self.rest_depth

    def depth(self, state: PerfusionState) -> float:
        """Return the share of the uptake that is missing in its middle."""
        return self.stress_depth if state is PerfusionState.STRESS else self.rest_depth


@dataclass(frozen=True, kw_only=True)
class MyocardialTruth:
    """The truth of one examination.

    Attributes:
        age_years: Age at the study, 40 to 90.
        sex: Patient's sex.
        height_m: Body height.
        weight_kg: Body weight.
        breast_mm: Thickness of the tissue before the chest that attenuates the anterior wall.
        defects: Where perfusion is reduced at stress; none in people without disease.
        stress_percent: Mean uptake of the 17 segments in the order of their numbers, % of the highest one. Where the
            septum is membranous it is none.
        rest_percent: The same at rest.
    """

    age_years: int
    sex: Sex
    height_m: float
    weight_kg: float
    breast_mm: float
    defects: tuple[PerfusionDefect, ...]
    stress_percent: tuple[float, ...]
    rest_percent: tuple[float, ...]

    def percent(self, state: PerfusionState) -> tuple[float, ...]:
        """Return the uptake of the 17 segments, % of the highest one."""
        return self.stress_percent if state is PerfusionState.STRESS else self.rest_percent

    @property
    def diseased(self) -> bool:
        """Whether perfusion is reduced anywhere."""
        return bool(self.defects)


@dataclass(frozen=True, kw_only=True)
class TrueVentricle:
    """Where the left ventricle is in one image; LPS, mm, as `preprocessing.left_ventricle.LeftVentricle` has it.

    Attributes:
        center_mm: On the long axis, where the wall begins to narrow to the apex.
        axis: Unit vector from base to apex.
        apex_mm: How far the middle of the wall at the apex is from the center.
        base_mm: How far the base of the lateral wall is from the center, to the other side.
        radius_mm: Of the middle of the wall where it is widest.
    """

    center_mm: Triple
    axis: Triple
    apex_mm: float
    base_mm: float
    radius_mm: float
