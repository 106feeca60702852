"""What `tricorder doctor` shows about the server."""

from pathlib import Path

import onnxruntime

from serving import run_preflight_checks
from serving.installation import read_requirements


def test_this_machine_passes(repository: Path) -> None:
    checks = run_preflight_checks(repository=repository)
    assert [check.name for check in checks if not check.ok] == []
    assert [check.remedy for check in checks if check.remedy] == []
    assert "holds again, chain, double, pick, single" in [check.line for check in checks]


def test_what_is_missing_comes_with_a_remedy(tmp_path: Path) -> None:
    checks = run_preflight_checks(environment=tmp_path / ".venv-server", repository=tmp_path)
    failed = {check.name: check for check in checks if not check.ok}
    assert list(failed) == ["server environment", "model repository"]
    assert "is not built" in failed["server environment"].line
    assert "make .venv-server" in failed["server environment"].remedy
    assert all(check.line and check.remedy for check in failed.values())


def test_no_line_holds_a_path(tmp_path: Path) -> None:
    checks = run_preflight_checks(environment=tmp_path / ".venv-server", repository=tmp_path / "none")
    assert not any(str(tmp_path) in check.line + check.remedy for check in checks)


def test_client_and_server_have_the_same_onnx_runtime() -> None:
    assert dict(read_requirements())["onnxruntime"] == onnxruntime.__version__
