"""What to do with a study whose header leaves a question open."""

from enum import StrEnum


class Policy(StrEnum):
    """Whether such a study is scored."""

    ACCEPT = "accept"
    REFUSE = "refuse"
