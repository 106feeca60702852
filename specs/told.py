"""What a person says of series instead of having it told by their headers or found in their images."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self

from specs.perfusion_pairing import NO_ROLES, Roles

Direction = tuple[float, float, float]
"""Unit vector in the axes of the patient (LPS): to the left, to the back, to the head."""

LongAxes = Mapping[str, Direction]
"""Long axes of the left ventricle from base to apex, by Series Instance UIDs (0020,000E)."""

NO_AXES: Final[LongAxes] = MappingProxyType({})
"""They are found."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a person says; it overrides all else.

    Attributes:
        roles: Which series are at stress and at rest.
        long_axes: Where the left ventricle of a series points.
    """

    roles: Roles = field(default_factory=lambda: NO_ROLES)
    long_axes: LongAxes = field(default_factory=lambda: NO_AXES)

    @property
    def traveling(self) -> Self:
        """The same for another process."""
        return type(self)(roles=dict(self.roles), long_axes=dict(self.long_axes))


NOTHING_TOLD: Final = Told()
"""Headers and images tell."""
