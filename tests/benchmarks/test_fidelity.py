"""Variants against the original on held-out phantoms: figures, limits, and a small run on a real Triton."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fidelity import (
    FidelityPlan,
    FidelityRecord,
    FindingFidelity,
    QuantityFidelity,
    Refused,
    radiograph_models,
)
from benchmarks.fidelity_figures import fidelity_figures
from benchmarks.fidelity_run import measure
from export.parity import Compared
from specs.deployment import Engine, Precision
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.variant_tolerances import FINDING, QUANTITY, variant_tolerances
from specs.xray_age import XRAY_AGE
from tests.benchmarks.records import ENTRY
from tests.specs.records import performance
from tests.training.tiny import silent_progress

THRESHOLD = 0.5
STUDIES = 40
probabilities = st.lists(st.floats(0, 1), min_size=STUDIES, max_size=STUDIES)
TRUTH = np.tile([0.0, 1.0], STUDIES // 2).astype(np.float32)


def finding(original: list[float], variant: list[float], precision: Precision = Precision.INT8) -> FindingFidelity:
    compared = Compared(original=np.array(original), variant=np.array(variant), truth=TRUTH, data_set="drawn")
    found = fidelity_figures(
        compared,
        performance(MITRAL_REGURGITATION, threshold=THRESHOLD),
        variant_tolerances(MITRAL_REGURGITATION, precision),
        entry=ENTRY,
    )
    assert isinstance(found, FindingFidelity)
    return found


@given(original=probabilities, variant=probabilities)
def test_flips_are_the_calls_that_differ_and_none_is_farther_than_the_largest_shift(
    original: list[float], variant: list[float]
) -> None:
    found = finding(original, variant)
    flipped = [abs(a - THRESHOLD) for a, b in zip(original, variant, strict=True) if (a < THRESHOLD) != (b < THRESHOLD)]
    assert found.flips == len(flipped)
    assert found.parity.flipped_share == pytest.approx(len(flipped) / STUDIES)
    assert found.parity.flip_distance == max(flipped, default=0.0) <= found.parity.probability_shift
    assert found.parity.auc_change == pytest.approx(abs(found.variant_auc - found.original_auc))


@given(original=probabilities)
def test_the_same_answers_meet_every_limit(original: list[float]) -> None:
    found = finding(original, original, Precision.FP32)
    assert found.flips == 0
    assert all(limit.is_met for limit in found.limits)


def test_each_limit_is_that_of_the_precision_or_of_all_variants() -> None:
    answers = np.linspace(0, 1, STUDIES)
    for precision, stated in ((Precision.FP32, 1e-4), (Precision.BF16, FINDING.probability_shift)):
        found = finding(answers.tolist(), (answers + 0.02).tolist(), precision)  # the one below the threshold flips
        assert found.flips == 1
        assert found.stated_tolerance == stated
        most = {limit.figure: (limit.tolerated, limit.is_met) for limit in found.limits}
        assert most == {
            "share of flips": (FINDING.flipped_share, False),
            "farthest flip": (stated, precision is Precision.BF16),
            "change of the AUC": (FINDING.auc_change, True),
        }


def test_of_a_quantity_shift_and_error_are_limited_in_its_unit() -> None:
    truth = np.full(STUDIES, 50, dtype=np.float32)
    compared = Compared(original=np.full(STUDIES, 53.0), variant=np.full(STUDIES, 53.5), truth=truth, data_set="drawn")
    found = fidelity_figures(compared, performance(XRAY_AGE), QUANTITY, entry=ENTRY)
    assert isinstance(found, QuantityFidelity)
    assert (found.original_error, found.variant_error) == (3.0, 3.5)
    assert [limit.is_met for limit in found.limits] == [True, False]  # 0.5 of 1 year; 0.5 of 0.1


def test_tolerances_of_another_head_are_not_compared() -> None:
    answers = np.linspace(0, 1, STUDIES)
    compared = Compared(original=answers, variant=answers, truth=TRUTH, data_set="drawn")
    with pytest.raises(TypeError, match="one kind of head"):
        fidelity_figures(compared, performance(MITRAL_REGURGITATION), QUANTITY, entry=ENTRY)


def test_the_models_that_are_compared_unasked_are_those_of_radiographs_without_members() -> None:
    assert radiograph_models() == ("mitral_regurgitation", "aortic_stenosis", "ejection_fraction", "xray_age")


@pytest.fixture(scope="module")
def record() -> FidelityRecord:
    """A run whose gate tolerates next to nothing of lower precisions."""
    plan = FidelityPlan(
        models=("mitral_regurgitation",),
        count=24,
        gate_phantoms=64,
        variants=((Engine.OPENVINO, Precision.FP32), (Engine.OPENVINO, Precision.BF16)),
    )
    strict = FINDING.model_copy(update={"probability_shift": 1e-9})
    with pytest.MonkeyPatch.context() as patch, silent_progress() as bar:
        patch.setattr("specs.variant_tolerances.FINDING", strict)
        return measure(plan, bar)


@pytest.mark.slow
def test_a_small_run_compares_what_triton_serves(record: FidelityRecord) -> None:
    assert FidelityRecord.from_json(record.readable_json()) == record
    assert "openvino" in record.conditions.server_packages
    (model,) = record.models
    assert model.held_out.chosen >= 24
    assert model.held_out.are_enough_near
    found = model.variants[0].found
    assert isinstance(found, FindingFidelity)
    assert found.parity.studies == model.held_out.chosen
    assert 0 < found.parity.probability_shift <= found.stated_tolerance
    assert model.variants[0].verdict == "all met"
    assert found.entry.contract_sha256 != model.entry.contract_sha256
    assert found.entry.weights_sha256 == model.entry.weights_sha256  # another engine, the same file


@pytest.mark.slow
def test_what_the_gate_refuses_is_recorded_and_no_error(record: FidelityRecord) -> None:
    refused = record.models[0].variants[1]
    assert isinstance(refused.found, Refused)
    assert "largest shift of a probability" in refused.found.reason
    assert refused.verdict == "refused by the gate"
