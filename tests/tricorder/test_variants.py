"""`tricorder variants`: what is refused before anything is computed, and a whole run."""

from pathlib import Path

import pytest

from export.entry import records
from export.errors import NoSuchVariant
from specs.deployment import Precision
from tests.tricorder.conftest import Tricorder
from tests.tricorder.light import run_light


def test_a_precision_that_an_engine_lacks_is_refused_at_once(tricorder: Tricorder, tmp_path: Path) -> None:
    done = tricorder("variants", "mitral_regurgitation", "--precision", "bf16", "--repository", str(tmp_path))
    assert done.returncode == NoSuchVariant.exit_code
    assert "no variant in bf16 for onnxruntime" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_model_that_sees_no_image_has_no_variants(tricorder: Tricorder) -> None:
    done = tricorder("variants", "heart_failure_outcome", "--precision", "int8")
    assert done.returncode == 2
    assert "'heart_failure_outcome' is not one of" in done.stderr


def test_without_torch_it_says_what_it_needs() -> None:
    done = run_light("variants", "mitral_regurgitation", "--precision", "int8")
    assert done.returncode == 8
    assert "need the train extra" in done.stderr


@pytest.mark.slow
def test_the_committed_weights_have_a_variant_in_fp16(tricorder: Tricorder, tmp_path: Path) -> None:
    done = tricorder(
        "variants", "ejection_fraction", "--precision", "fp16", "--data", "phantoms:64", "--repository", str(tmp_path)
    )
    assert done.returncode == 0, done.stderr
    assert "version 2 (demonstration) against version 1, now in fp16 for onnxruntime, on" in done.stderr
    assert [record.precision for record in records(tmp_path / "ejection_fraction")] == [Precision.FP32, Precision.FP16]
