"""How a segment's uptake becomes a perfusion score, declared as data."""

from typing import Annotated

from pydantic import Field, model_validator

from specs.declared import Declared
from specs.myocardial_segments import AHA_SEGMENTS

Percents = Annotated[tuple[float, ...], Field(min_length=len(AHA_SEGMENTS), max_length=len(AHA_SEGMENTS))]
"""One value a segment, in the order of their numbers."""

WORST_SCORE = 4
"""Scores: 0 normal, 1 mildly reduced or equivocal, 2 moderately, 3 severely reduced, 4 absent."""


class NormalLimits(Declared):
    """Uptake of segments in people without disease, % of each one's highest segment."""

    mean_percent: Percents
    deviation_percent: Percents = Field(description="Standard deviation between people; at least 0.")
    patients: int = Field(ge=2)


class ScoreRules(Declared):
    """A segment within the normal limits has score 0; else how much is left of the normal mean decides."""

    limit_deviations: float = Field(gt=0, description="Lower limit of normal: so many deviations below the mean.")
    remaining_percent: tuple[float, float, float] = Field(
        description="Least % of the normal mean that has score 1, 2 and 3; below the last one it is 4."
    )

    @model_validator(mode="after")
    def _levels_fall(self) -> "ScoreRules":
        if list(self.remaining_percent) != sorted(set(self.remaining_percent), reverse=True):
            raise ValueError("remaining_percent does not fall")
        return self


PERFUSION_SCORES = ScoreRules(limit_deviations=2.5, remaining_percent=(70.0, 50.0, 30.0))
"""Five-point scores with limits from normal people; no public source gives the cut-offs of the vendors: our choice."""
