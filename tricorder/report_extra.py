"""Whether this environment has the report extra, and what is said where a command needs it."""

import importlib.util

from evaluation.errors import ReportExtraMissing

REPORT_PACKAGES = ("lifelines", "matplotlib", "pandas", "sklearn", "statsmodels", "threadpoolctl")
"""What the extra installs, by the names that are imported."""


def has_report_extra() -> bool:
    """Say whether every package of the extra is installed."""
    return all(importlib.util.find_spec(package) for package in REPORT_PACKAGES)


def require_report_extra(*, what: str | None = None) -> None:
    """Stop with the remedy where the report extra is not installed.

    Args:
        what: Needs it, with the verb; None for what `evaluate` has options for.

    Raises:
        ReportExtraMissing: one of its packages is not in this environment.
    """
    if not has_report_extra():
        raise ReportExtraMissing() if what is None else ReportExtraMissing(what=what, otherwise="")
