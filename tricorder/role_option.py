"""The option that says which series of a perfusion study is at stress and which at rest."""

import re
from collections.abc import Iterable
from typing import Any

import click

from specs.perfusion_pairing import Role, Roles

_UID = re.compile(r"[0-9.]{1,64}")  # PS3.5 9.1


class RoleType(click.ParamType[tuple[str, Role]]):
    """Reads a Series Instance UID and its state."""

    name = "role"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Role]:
        """Read it; what was given is not repeated, for it may be of a patient."""
        uid, _, state = str(value).lower().partition("=")
        if not _UID.fullmatch(uid) or state not in list(Role):
            self.fail(
                "it is no Series Instance UID with its state, such as 1.2.840.1=stress or 1.2.840.2=rest.", param, ctx
            )
        return uid, Role(state)


def told_roles(given: Iterable[tuple[str, Role]]) -> Roles:
    """Collect what was given.

    Raises:
        click.UsageError: one series has two states.
    """
    roles: dict[str, Role] = {}
    for uid, role in given:
        if roles.setdefault(uid, role) is not role:
            raise click.UsageError("--role gives one series two states.")
    return roles
