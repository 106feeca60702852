"""The 17 segments of the left ventricle, and how values are taken from its wall, declared as data."""

from enum import StrEnum

from pydantic import Field

from specs.declared import Declared


class Level(StrEnum):
    """Part of the left ventricle along its long axis, in the order of a polar map from its middle outward."""

    APEX = "apex"
    APICAL = "apical"
    MID = "mid"
    BASAL = "basal"


class Segment(Declared):
    """One of the 17 segments.

    Angles are counted on the polar map as it is displayed (anterior up, septum left): from the right, the lateral wall,
    counter-clockwise. A segment reaches from its start to its end, which may be beyond 360.
    """

    number: int = Field(ge=1, le=17)
    name: str
    level: Level
    start_degrees: float = Field(ge=0, lt=360)
    end_degrees: float


_SIXTHS = ("anterior", "anteroseptal", "inferoseptal", "inferior", "inferolateral", "anterolateral")
_QUARTERS = ("anterior", "septal", "inferior", "lateral")
_TOP = 90.0


def _ring(level: Level, walls: tuple[str, ...], *, first: int) -> tuple[Segment, ...]:
    """Lay out walls counter-clockwise, the middle of the first one at the top."""
    width = 360 / len(walls)
    starts = [(_TOP - width / 2 + place * width) % 360 for place in range(len(walls))]
    return tuple(
        Segment(
            number=first + place, name=f"{level} {wall}", level=level, start_degrees=start, end_degrees=start + width
        )
        for place, (wall, start) in enumerate(zip(walls, starts, strict=True))
    )


AHA_SEGMENTS: tuple[Segment, ...] = (
    *_ring(Level.BASAL, _SIXTHS, first=1),
    *_ring(Level.MID, _SIXTHS, first=7),
    *_ring(Level.APICAL, _QUARTERS, first=13),
    Segment(number=17, name="apex", level=Level.APEX, start_degrees=0.0, end_degrees=360.0),
)
"""The segments in the order of their numbers.

Source:
    Cerqueira MD et al., Circulation 2002;105:539-542: equal thirds perpendicular to the long axis, six segments of 60
    degrees at the base and in the middle, four of 90 degrees in the apical third, and the cap beyond the end of the
    cavity. Angles as the README of SmoothAHAplot (MIT) restates them.
"""


class AlongRadius(StrEnum):
    """What a place of the wall is given, of the values from the inside to the outside of the wall."""

    MAXIMUM = "maximum"
    MEAN = "mean"


class OverSegment(StrEnum):
    """The representative value of a segment, of those of its places."""

    MEAN = "mean"
    MAXIMUM = "maximum"


class PolarMapRules(Declared):
    """How the wall is unrolled to a polar map, and what of it represents a segment."""

    rings: int = Field(ge=1, description="Rings of each of the four levels.")
    angles: int = Field(multiple_of=24, gt=0, description="Places about a ring, so many that each is in one segment.")
    wall_mm: float = Field(gt=0, description="Thickness of the wall: the cavity ends half of it before its middle.")
    reach_mm: float = Field(gt=0, description="How far from the middle of the wall a maximum is looked for.")
    along_radius: AlongRadius
    over_segment: OverSegment


PERFUSION_MAP = PolarMapRules(
    rings=8,
    angles=72,
    wall_mm=10.0,
    reach_mm=14.0,
    along_radius=AlongRadius.MAXIMUM,
    over_segment=OverSegment.MEAN,
)
"""The maximum along the radius, as is typical of perfusion SPECT; the mean of a segment's places.

Source:
    Polar maps by maxima: Slomka PJ et al., J Nucl Cardiol 2012;19:338-346 (PMC3412547). What represents a segment in
    the source of `virtual_pet` is not known: the mean, all sizes and numbers are our choice.
"""
