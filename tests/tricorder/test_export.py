"""What `tricorder export --engine` refuses, before any work; `test_train_and_export.py` has a whole run."""

from pathlib import Path

from tests.conftest import CLONE
from tests.tricorder.conftest import Tricorder


def test_the_committed_repository_never_asks_for_one_machine_s_engine(tricorder: Tricorder) -> None:
    done = tricorder(
        "export", "mitral_regurgitation", "--engine", "tensorrt", "--repository", CLONE / "model_repository"
    )
    assert done.returncode == 2
    assert "The committed repository is the same on every machine" in done.stderr


def test_a_model_that_tensorrt_does_not_run_is_refused(tricorder: Tricorder, tmp_path: Path) -> None:
    done = tricorder("export", "virtual_pet", "--engine", "tensorrt", "--repository", tmp_path)
    assert done.returncode == 8
    assert "virtual_pet cannot be served with TensorRT" in done.stderr


def test_a_model_that_gets_no_package_is_refused(tricorder: Tricorder, tmp_path: Path) -> None:
    done = tricorder("export", "virtual_pet", "--engine", "aotinductor", "--repository", tmp_path)
    assert done.returncode == 8
    assert "virtual_pet cannot be served with AOTInductor" in done.stderr


def test_a_precision_is_chosen_for_packages_alone(tricorder: Tricorder, tmp_path: Path) -> None:
    options = ("--package-precision", "bf16", "--repository", tmp_path)
    for more in ((), ("--engine", "onnxruntime")):
        done = tricorder("export", "mitral_regurgitation", *options, *more)
        assert done.returncode == 2
        assert "--package-precision goes with --engine aotinductor" in done.stderr
