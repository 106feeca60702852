"""The report extra is what pyproject.toml says."""

import tomllib

from tests.conftest import CLONE
from tricorder.report_extra import REPORT_PACKAGES

IMPORTED_AS = {"scikit-learn": "sklearn"}


def test_the_packages_that_are_asked_for_are_those_of_the_extra() -> None:
    project = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["optional-dependencies"]["report"]
    assert sorted(IMPORTED_AS.get(name, name) for name in declared) == sorted(REPORT_PACKAGES)
