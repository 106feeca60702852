"""What a header or an image does not let be known: a value with its reason, never a number."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """What cannot be known, and why, in the words of a reason."""

    reason: str
