"""How much of the maps' evidence lies where it should, by how much there is to find."""

from collections.abc import Sequence

import numpy as np

from evaluation.agreement import Quantities, bounded_mean_interval
from evaluation.characteristics import GroupNames
from evaluation.interval import Interval
from evaluation.maps import EnergyShare
from specs.declared import Declared

THIRDS = ("lowest third of the truth", "middle third", "highest third")


class MapShare(Declared):
    """The maps of one group; unit 1.

    `share` is the mean over the maps that hold positive evidence, whose number is `studies`, with Student's interval
    cut to [0, 1]; None with fewer than two. `expected` is what evidence spread evenly over these images would give.
    """

    group: str
    studies: int
    share: Interval | None
    expected: float | None


class MapShares(Declared):
    """Evidence inside the true regions, by group in the order that was asked for."""

    regions: tuple[str, ...]
    groups: tuple[MapShare, ...]

    def __str__(self) -> str:
        width = max(len(row.group) for row in self.groups)
        title = f"Share of a map's evidence inside {', '.join(self.regions)} (and of the image's area):"
        return "\n".join(
            [
                title,
                *(
                    f"  {row.group:<{width}}  {row.share or '–'} of {row.studies} maps"
                    f" ({'–' if row.expected is None else format(row.expected, '.3f')})"
                    for row in self.groups
                ),
            ]
        )


def map_shares(
    shares: Sequence[EnergyShare], groups: GroupNames, *, order: Sequence[str], regions: tuple[str, ...]
) -> MapShares:
    """Average the shares of every group.

    Args:
        shares: One a study.
        groups: Group of each study, each one of `order`.
        order: Every group once, as the table lists them.
        regions: Names of what the shares are of.
    """
    rows = []
    for group in order:
        found = [
            (share.share, share.expected)
            for share, name in zip(shares, groups, strict=True)
            if name == group and share.share is not None
        ]
        rows.append(
            MapShare(
                group=group,
                studies=len(found),
                share=_mean([share for share, _ in found]),
                expected=float(np.mean([expected for _, expected in found])) if found else None,
            )
        )
    return MapShares(regions=regions, groups=tuple(rows))


def _mean(shares: Sequence[float]) -> Interval | None:
    return bounded_mean_interval(np.array(shares)) if len(shares) >= 2 else None


def thirds(truth: Quantities) -> GroupNames:
    """Name the third of all studies, by their true value, that each is in; equal values stay together.

    Args:
        truth: Shape (studies,), any unit.

    Returns:
        Names out of `THIRDS`, shape (studies,).
    """
    return np.array(THIRDS)[np.searchsorted(np.quantile(truth, (1 / 3, 2 / 3)), truth, side="left")]
