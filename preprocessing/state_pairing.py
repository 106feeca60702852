"""Which series of a perfusion study are of stress and which of rest, by a declared rule."""

from collections.abc import Sequence
from datetime import datetime

from preprocessing.state_clues import StateClues
from specs.perfusion_pairing import PairingRules, Role

ASK_A_PERSON = "a person can say which series is at stress and which at rest (--role)"


class StatesUnclear(ValueError):
    """The headers of a study contradict themselves; the message says how, in the words of a reason."""


def told_roles(series: Sequence[StateClues], rules: PairingRules) -> tuple[Role | None, ...]:
    """Tell of each series whether it is of stress or of rest; None where nothing tells.

    Args:
        series: What is said of each, in any order.
        rules: See there.

    Raises:
        StatesUnclear: what is said contradicts itself.
    """
    for clues in series:
        if clues.given is None:
            _check_uptake(clues, rules)
    injections = _injections(series, rules)
    roles = [_role_of([series[place] for place in places]) for places in injections]
    if _are_timed(series):
        _check_distinct(roles, [clues.given for clues in series])
        if len(roles) == 2 and roles.count(None) == 1:
            (known,) = (role for role in roles if role is not None)
            roles = [known.other if role is None else role for role in roles]
    of_series: dict[int, Role | None] = {}
    for role, places in zip(roles, injections, strict=True):
        of_series |= {place: series[place].given or role for place in places}
    return tuple(of_series[place] for place in range(len(series)))


def check_doses(stress: StateClues, rest: StateClues, rules: PairingRules) -> None:
    """Check that the second of two injections on one day is large enough for the first one not to be seen in it.

    Raises:
        StatesUnclear: it is not. The doses, the patient's own, are not repeated.
    """
    if stress.injection is None or rest.injection is None or stress.dose_mbq is None or rest.dose_mbq is None:
        return
    if abs((stress.injection - rest.injection).total_seconds()) >= rules.one_day_s:
        return
    doses = (stress.dose_mbq, rest.dose_mbq) if stress.injection < rest.injection else (rest.dose_mbq, stress.dose_mbq)
    if doses[1] < rules.least_second_dose * doses[0]:
        raise StatesUnclear(
            f"the second dose on one day is not {rules.least_second_dose:g} times the first: the first one would be "
            "seen in it, or the doses are mixed up"
        )


def _check_uptake(clues: StateClues, rules: PairingRules) -> None:
    if clues.injection is None or clues.acquisition is None:
        return
    since_s = (clues.acquisition - clues.injection).total_seconds()
    if since_s < 0:
        raise StatesUnclear("an injection is stated to be after its acquisition")
    if since_s > rules.longest_uptake_s:
        raise StatesUnclear(
            f"an injection is stated to be more than {rules.longest_uptake_s / 3600:g} h before its acquisition"
        )


def _are_timed(series: Sequence[StateClues]) -> bool:
    return _moments(series) is not None


def _moments(series: Sequence[StateClues]) -> list[datetime] | None:
    """Return by which moments injections are told apart; None where some series has neither kind of them."""
    for stated in ([clues.injection for clues in series], [clues.acquisition for clues in series]):
        known = [moment for moment in stated if moment is not None]
        if len(known) == len(series):
            return known
    return None


def _injections(series: Sequence[StateClues], rules: PairingRules) -> list[list[int]]:
    """Group the places of series by their injections, in the order of time; each alone where times do not tell."""
    moments = _moments(series)
    if moments is None:
        return [[place] for place in range(len(series))]
    groups: list[list[int]] = []
    last: datetime | None = None
    for place in sorted(range(len(series)), key=lambda place: moments[place]):
        if last is None or (moments[place] - last).total_seconds() >= rules.least_between_s:
            groups.append([])
        groups[-1].append(place)
        last = moments[place]
    return groups


def _role_of(series: Sequence[StateClues]) -> Role | None:
    """Return the state of the series of one injection."""
    given = {clues.given for clues in series} - {None}
    if given:
        return given.pop() if len(given) == 1 else None
    named = {clues.named for clues in series} - {None}
    said = named | {clues.coded for clues in series} - {None}
    if any(clues.stressor for clues in series):
        if Role.REST in said:
            how = "is called" if Role.REST in named else "has the patient state"
            raise StatesUnclear(f"a series that {how} rest has a drug of stress about its injection")
        return Role.STRESS
    if len(said) == 2:
        how = "called stress and rest" if len(named) == 2 else "of one state by their names and of the other by code"
        raise StatesUnclear(f"series of one injection are {how}")
    return next(iter(said), None)


def _check_distinct(roles: Sequence[Role | None], given: Sequence[Role | None]) -> None:
    for role in Role:
        if role not in given and roles.count(role) > 1:
            raise StatesUnclear(f"two of its injections are at {role} by their headers")
