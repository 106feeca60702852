"""Which series of a study is meant: one that is eligible, chosen by a declared rule, or none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from preprocessing.attributes import word
from preprocessing.corrections import corrections
from preprocessing.eligibility import NotEligible
from preprocessing.grid import ordered_frames
from preprocessing.identity import Identity
from preprocessing.series import Series
from specs.series import SeriesRules


def chosen_series(study: Sequence[Series], rules: SeriesRules) -> Series | NotEligible:
    """Choose the series of a study that becomes the volume. No pixel is decoded.

    Eligible series are preferred whose Corrected Image names all `preferred_corrections`; that of several one is meant
    is not guessed.

    Args:
        study: The series of one study, at least one.
        rules: What is eligible, and what is preferred.

    Returns:
        The one series, with why it is this one where several are eligible; or why there is none: the reasons of the
        series that are of the accepted modality.

    Raises:
        InputError: an image of the accepted kind is broken.
    """
    checked = [_Checked.of(series, rules) for series in study]
    eligible = [found.series for found in checked if not found.reasons]
    preferred = [series for series in eligible if _is_corrected(series, rules)] or eligible
    if len(preferred) == 1:
        return preferred[0] if len(eligible) == 1 else _chosen_of(len(eligible), preferred[0], rules)
    identity = Identity(study_instance_uid=study[0].identity.study_instance_uid)
    if preferred:
        reason = f"{len(preferred)} of its series could be meant, and nothing declared tells which"
        return NotEligible(identity=identity, reasons=(reason,))
    of_modality = [found for found in checked if word(found.series.datasets[0], "Modality") == rules.modality]
    return NotEligible(identity=identity, reasons=_distinct(found.reasons for found in of_modality or checked))


@dataclass(frozen=True, kw_only=True)
class _Checked:
    series: Series
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, series: Series, rules: SeriesRules) -> "_Checked":
        frames = ordered_frames(series, rules)
        return cls(series=series, reasons=frames.reasons if isinstance(frames, NotEligible) else ())


def _chosen_of(eligible: int, series: Series, rules: SeriesRules) -> Series:
    corrections_named = " and ".join(rules.preferred_corrections)
    why = (
        f"of {eligible} eligible series of the study the one was taken whose corrected image names {corrections_named}"
    )
    return replace(series, choice=why)


def _distinct(reasons: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason for of_series in reasons for reason in of_series))


def _is_corrected(series: Series, rules: SeriesRules) -> bool:
    return all(set(rules.preferred_corrections) <= corrections(ds) for ds in series.datasets)
