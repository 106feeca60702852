"""What a tuning chooses among: the original, and variants that are made, or refused, once."""

from pathlib import Path

from benchmarks.tuned_variants import ORIGINAL, TunedVariants, variant_choices
from export.errors import ParityFailed
from export.source_version import read_source_version
from export.variants import GatedVariant, VariantChoice
from serving import ServerInstallation
from specs.deployment import Engine, Precision
from tests.conftest import CLONE, IMAGE_SPECS


def test_what_the_gate_refuses_is_left_out_with_the_reason_and_not_made_again(tmp_path: Path) -> None:
    asked: list[VariantChoice] = []

    def refuse(choice: VariantChoice) -> GatedVariant:
        asked.append(choice)
        raise ParityFailed(model="mitral_regurgitation", figure="the shift", measured=0.2, tolerated=0.05)

    source = read_source_version(CLONE / "model_repository", IMAGE_SPECS["mitral_regurgitation"], None)
    installation = ServerInstallation.open()
    variants = TunedVariants(source=source, folder=tmp_path / "kept", make=refuse, installation=installation)
    found, left_out = variants.collect()
    assert set(found) == {ORIGINAL}
    assert (found[ORIGINAL] / "mitral_regurgitation" / "1" / "model.onnx").is_file()
    tried = {(choice.engine, choice.precision) for choice in asked}
    assert (Engine.ONNXRUNTIME, Precision.INT8) in tried
    assert {(each.engine, each.precision) for each in left_out} == {
        (choice.engine, choice.precision) for choice in variant_choices()
    }
    assert all("the shift is 0.2" in each.reason or "does not hold" in each.reason for each in left_out)
    before = len(asked)
    assert variants.collect() == (found, left_out)
    assert len(asked) == before
