"""What is known of a patient and an image beside the truth, and the groups that this makes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GroupNames = NDArray[np.str_]
"""The name of each study's group, shape (studies,)."""

NOT_KNOWN = "not known"

_SEXES = ("F", "M", "O")
_VIEWS = ("PA", "AP")
_AGE_BANDS = (("under 40", 40.0), ("40 to 59", 60.0), ("60 to 74", 75.0))
_OLDEST = "75 and over"
"""Bands of completed years, each with the age at which the next begins: our choice."""


@dataclass(frozen=True, kw_only=True)
class Characteristics:
    """What is known of one study; None where nothing is.

    Attributes:
        sex: "F", "M" or "O" (other), as Patient's Sex (0010,0040).
        age_years: Age at the study.
        view: "PA" or "AP", as View Position (0018,5101).
        site: Where it was examined, in the words of the data set.
    """

    sex: str | None = None
    age_years: float | None = None
    view: str | None = None
    site: str | None = None


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """Studies parted by one characteristic.

    Attributes:
        characteristic: What parts them.
        groups: Group of each study.
        order: Every group that has a study, as a table lists them.
    """

    characteristic: str
    groups: GroupNames
    order: tuple[str, ...]

    def __iter__(self) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Yield each group with who belongs to it, shape (studies,)."""
        return ((group, self.groups == group) for group in self.order)


def groupings(studies: Sequence[Characteristics]) -> tuple[Grouping, ...]:
    """Part studies by sex, by age, by view and by site; a characteristic that is known of none is left out.

    Args:
        studies: In the order of the figures.
    """
    sites = [study.site for study in studies]
    bands = (*(name for name, _ in _AGE_BANDS), _OLDEST)
    made = (
        _grouping("sex", [study.sex for study in studies], _SEXES),
        _grouping("age in years", [_age_band(study.age_years) for study in studies], bands),
        _grouping("view", [study.view for study in studies], _VIEWS),
        _grouping("site", sites, sorted({site for site in sites if site is not None} - {NOT_KNOWN})),
    )
    return tuple(grouping for grouping in made if set(grouping.order) - {NOT_KNOWN})


def _age_band(age_years: float | None) -> str | None:
    if age_years is None:
        return None
    return next((name for name, end in _AGE_BANDS if age_years < end), _OLDEST)


def _grouping(characteristic: str, found: Sequence[str | None], order: Sequence[str]) -> Grouping:
    names = [NOT_KNOWN if name is None else name for name in found]
    present = tuple(name for name in (*order, NOT_KNOWN) if name in names)
    return Grouping(characteristic=characteristic, groups=np.array(names, np.str_), order=present)
