"""The README says what is true."""

import re

from client.result import ResultRow
from specs import SPECS
from tests.conftest import CLONE
from tricorder.settings import Settings

README = (CLONE / "README.md").read_text(encoding="utf-8")
LINES = README.splitlines()


def test_the_first_command_comes_early_and_the_whole_is_short() -> None:
    assert LINES.index("make demo") < 25
    assert len(LINES) <= 200


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (CLONE / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:^|`)make ([a-z./-]+)", README, re.MULTILINE)):
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target


def test_every_model_and_every_folder_is_named() -> None:
    assert all(f"`{name}`" in README for name in SPECS)
    folders = {path.name for path in CLONE.iterdir() if (path / "__init__.py").is_file()} - {"tests"}
    assert all(f"`{folder}/`" in README for folder in folders)


def test_every_setting_and_promised_field_exists() -> None:
    settings = set(re.findall(r"TRICORDER_([A-Z_]+)", README)) - {"SAMPLES", "SERVER_PYTHON"}
    assert settings == {name.upper() for name in Settings.model_fields}
    row = README[README.index("A JSON row holds") : README.index("Settings come from")]
    assert set(re.findall(r"`([a-z_]+)`", row)) <= set(ResultRow.model_fields)
