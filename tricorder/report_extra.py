"""What is said where a command needs the report extra and this environment has none."""

import importlib.util

from evaluation.errors import ReportExtraMissing

_PACKAGES = ("lifelines", "matplotlib", "pandas", "sklearn", "statsmodels", "threadpoolctl")


def require_report_extra(*, what: str | None = None) -> None:
    """Stop with the remedy where the report extra is not installed.

    Args:
        what: Needs it, with the verb; None for what `evaluate` has options for.

    Raises:
        ReportExtraMissing: one of its packages is not in this environment.
    """
    if any(importlib.util.find_spec(package) is None for package in _PACKAGES):
        raise ReportExtraMissing() if what is None else ReportExtraMissing(what=what, otherwise="")
