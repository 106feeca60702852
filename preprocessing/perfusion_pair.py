"""Which series of stress and of rest of a perfusion study are meant: two that were made alike."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydicom.dataset import FileDataset

from preprocessing.attributes import word
from preprocessing.eligibility import NotEligible
from preprocessing.identity import Identity
from preprocessing.perfusion_series import PerfusionSeries, eligible_series
from preprocessing.series import Series, grouped_by_series
from preprocessing.state_pairing import ASK_A_PERSON, StatesUnclear, check_doses, told_roles
from specs.perfusion_pairing import Role, Roles
from specs.perfusion_slices import PerfusionSlices

_OfRoles = Mapping[Role, Sequence[PerfusionSeries]]


@dataclass(frozen=True, kw_only=True)
class PairedSeries:
    """The series of both states, of one form and corrected alike.

    `remarks` say which was taken where several were eligible.
    """

    stress: PerfusionSeries
    rest: PerfusionSeries
    remarks: tuple[str, ...] = ()

    @property
    def states(self) -> Mapping[Role, PerfusionSeries]:
        """The series by their states, stress first."""
        return {Role.STRESS: self.stress, Role.REST: self.rest}


class _StatesUnlike(ValueError):
    """No series at stress was made as one at rest was; the message says how they differ, in the words of a reason."""

    def __init__(self, of_roles: _OfRoles) -> None:
        made = ", ".join(f"at {role} {_kinds(found)}" for role, found in of_roles.items())
        super().__init__(
            "its series are not made alike, for what was done to one state alone would look like a change of "
            f"perfusion: {made}"
        )


def paired_series(study: Sequence[FileDataset], recipe: PerfusionSlices, roles: Roles) -> PairedSeries | NotEligible:
    """Find the series of stress and of rest, by their headers alone.

    Both are of one form and corrected alike; of several such pairs that of the first form is taken.

    Args:
        study: The images of one study in any order.
        recipe: What is accepted, and how states are told.
        roles: State of series by their Series Instance UIDs, as a person says; it overrides the headers.

    Raises:
        InputError: an image of the accepted kind is broken.
    """
    groups = [Series.of(group) for group in grouped_by_series(study)]
    checked = [eligible_series(series, recipe, roles) for series in groups]
    usable = [found for found in checked if isinstance(found, PerfusionSeries)]
    refused = [found for found in checked if isinstance(found, NotEligible)]
    identity = Identity.of_all(study)
    named = tuple(_named_and_refused(groups, checked, roles))
    if named:
        return NotEligible(identity=identity, reasons=named)
    if not usable:
        return NotEligible(identity=identity, reasons=_refusals(groups, refused, recipe))
    try:
        return _told_pair(usable, recipe)
    except (StatesUnclear, _StatesUnlike) as problem:
        why = f"{problem}; {ASK_A_PERSON}" if isinstance(problem, StatesUnclear) else str(problem)
        return NotEligible(identity=identity, reasons=(why, *_refusals(groups, refused, recipe)))


def _told_pair(usable: Sequence[PerfusionSeries], recipe: PerfusionSlices) -> PairedSeries:
    """Tell the states; where a person named series of both, the headers of no other one are asked.

    Raises:
        StatesUnclear: what is said contradicts itself, or leaves open which series are meant.
        _StatesUnlike: there are no two series that were made alike.
    """
    named = {role: [found for found in usable if found.clues.given is role] for role in Role}
    if all(named.values()):
        remark = f"of {len(usable)} eligible series of the study those were taken that a person named"
        return replace(_alike_pair(named), remarks=(remark,) if len(usable) > len(Role) else ())
    told = told_roles([found.clues for found in usable], recipe.pairing)
    of_headers = {
        role: [found for found, found_role in zip(usable, told, strict=True) if found_role is role] for role in Role
    }
    pair = _alike_pair({role: named[role] or of_headers[role] for role in Role})
    check_doses(pair.stress.clues, pair.rest.clues, recipe.pairing)
    remarks = (_remark(role, taken, of_headers[role]) for role, taken in pair.states.items())
    return replace(pair, remarks=tuple(remark for remark in remarks if remark))


def _alike_pair(of_roles: _OfRoles) -> PairedSeries:
    """Choose the two series of the first form that both states have with the same corrections.

    Raises:
        StatesUnclear: a state has no series, or several are alike.
        _StatesUnlike: no two were made alike.
    """
    for role, found in of_roles.items():
        if not found:
            raise StatesUnclear(f"nothing tells which of its series is at {role}")
    shared = frozenset.intersection(*(frozenset(each.kind for each in found) for found in of_roles.values()))
    if not shared:
        raise _StatesUnlike(of_roles)
    first = min(kind.form for kind in shared)
    meant = {}
    for role, found in of_roles.items():
        alike = [each for each in found if each.kind in shared and each.kind.form is first]
        if len(alike) > 1:
            raise StatesUnclear(f"{len(alike)} of its series at {role} could be meant")
        (meant[role],) = alike
    return PairedSeries(stress=meant[Role.STRESS], rest=meant[Role.REST])


def _remark(role: Role, taken: PerfusionSeries, eligible: Sequence[PerfusionSeries]) -> str | None:
    if len(eligible) < 2:
        return None
    why = "that a person named" if taken.clues.given is role else f"of {taken.kind}"
    return f"of {len(eligible)} eligible series at {role} the one was taken {why}"


def _kinds(found: Sequence[PerfusionSeries]) -> str:
    return " and ".join(sorted({str(each.kind) for each in found}))


def _named_and_refused(
    groups: Sequence[Series], checked: Sequence[PerfusionSeries | NotEligible], roles: Roles
) -> Iterator[str]:
    """Yield why a series that a person named is not eligible: no other one takes its place."""
    for series, found in zip(groups, checked, strict=True):
        role = roles.get(series.identity.series_instance_uid or "")
        if role is not None and isinstance(found, NotEligible):
            yield f"the series that was named for {role} is not eligible: {found.reason}"


def _refusals(groups: Sequence[Series], refused: Sequence[NotEligible], recipe: PerfusionSlices) -> tuple[str, ...]:
    """Return the distinct reasons of series that are of the accepted modality, or of all where none is."""
    uids = {
        series.identity.series_instance_uid
        for series in groups
        if word(series.datasets[0], "Modality") == recipe.series.modality
    }
    of_modality = [found for found in refused if found.identity.series_instance_uid in uids] or refused
    return tuple(dict.fromkeys(reason for found in of_modality for reason in found.reasons))
