"""Each fold is measured by a network that has not seen it; their mean has an interval; a broken series goes on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from specs.head import LargestYouden
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.network import Preset
from specs.weights import (
    Calibration,
    ConfusionCounts,
    DataSet,
    Discrimination,
    FindingPerformance,
    OperatingPoint,
    Performance,
    QuantityPerformance,
)
from tests.training.tiny import drawn_part, tiny, tiny_settings
from training.cross_validation import RECORD_FILE, CrossValidation, cross_validate, cross_validation
from training.errors import CannotResume, TooFewToFit
from training.fit_settings import FitSettings
from training.fitting import answers
from training.network_run import WEIGHTS_FILE
from training.run import load_network
from training.summary import SUMMARY_FILE, TrainingSummary
from training.training_data import TrainingData, leaving_out_each


def of_auc(auc: float) -> FindingPerformance:
    counts = ConfusionCounts(true_positive=1, false_positive=1, true_negative=1, false_negative=1)
    return FindingPerformance(
        operating_point=OperatingPoint(
            threshold=0.5,
            policy=LargestYouden(),
            data_set="a fold",
            counts=counts,
        ),
        discrimination=Discrimination(data_set="a fold", auc=auc, auc_lower=0, auc_upper=1),
        calibration=Calibration(data_set="a fold", intercept=0, slope=1, brier_score=0.2),
    )


def of_error(years: float) -> QuantityPerformance:
    return QuantityPerformance(
        data_set="a fold", studies=9, mean_absolute_error=years, bias=0, error_deviation=years, pearson_r=0.5
    )


def summary(performance: Performance) -> TrainingSummary:
    return TrainingSummary(
        model="a_model",
        preset=Preset.DEMONSTRATION,
        demonstration=True,
        parameters=1,
        data_set=DataSet(name="drawn", description="drawn", training_studies=1, validation_studies=1, seed=0),
        performance=performance,
    )


@given(figures=st.lists(st.floats(0, 1), min_size=2, max_size=10))
def test_the_interval_is_students_over_the_folds_cut_to_what_an_auc_can_be(figures: list[float]) -> None:
    assume(np.ptp(figures) > 1e-9)
    found = cross_validation([summary(of_auc(figure)) for figure in figures], unit="1")
    low, high = stats.t.interval(0.95, df=len(figures) - 1, loc=np.mean(figures), scale=stats.sem(figures))
    assert found.figure == "AUC"
    assert found.mean.estimate == pytest.approx(np.mean(figures))
    assert found.mean.lower == pytest.approx(max(0, low), abs=1e-12)
    assert found.mean.upper == pytest.approx(min(1, high), abs=1e-12)


def test_an_error_may_be_large_but_not_below_zero() -> None:
    found = cross_validation([summary(of_error(years)) for years in (1.0, 9.0)], unit="years")
    assert (found.figure, found.unit, found.mean.estimate, found.mean.lower) == ("mean absolute error", "years", 5, 0)
    assert found.mean.upper == pytest.approx(5 + 4 * 12.706, abs=1e-2)


SPEC = tiny(MITRAL_REGURGITATION)


def turns(folds: int) -> tuple[TrainingData, ...]:
    held_out = np.array_split(np.arange(14), folds)
    return leaving_out_each(held_out, drawn_part(SPEC, [0, 1] * 7), description="noise", patients_sha256="0" * 64)


def run(data: tuple[TrainingData, ...], settings: FitSettings, report: Callable[[TrainingSummary], None]) -> None:
    cross_validate(SPEC, Preset.DEMONSTRATION, data, settings=settings, report=report)


def recorded(folder: Path) -> CrossValidation:
    return CrossValidation.from_json((folder / RECORD_FILE).read_text(encoding="utf-8"))


@pytest.mark.slow
def test_each_fold_has_a_network_that_was_measured_on_what_it_has_not_seen(tmp_path: Path) -> None:
    told: list[TrainingSummary] = []
    run(turns(2), tiny_settings(tmp_path), told.append)
    assert recorded(tmp_path).folds == tuple(told)
    for number, (fold, turn) in enumerate(zip(told, turns(2), strict=True), start=1):
        network, loaded = load_network(SPEC, tmp_path / f"fold-{number}")
        assert loaded == fold
        assert (fold.data_set.name, fold.data_set.seen_patients_sha256) == ("drawn studies", "0" * 64)
        assert fold.data_set.description == f"noise; without fold {number} of 2"
        assert (fold.data_set.training_studies, fold.data_set.validation_studies) == (7, 7)
        assert isinstance(fold.performance, FindingPerformance)
        assert fold.performance.discrimination.data_set == f"drawn studies, fold {number} of 2"
        found = answers(network, turn.validation.pixels, batch_size=7)
        assert fold.performance.discrimination.auc == pytest.approx(roc_auc_score(turn.validation.truth, found))


@pytest.mark.slow
def test_a_series_that_broke_off_keeps_the_folds_that_had_ended(tmp_path: Path) -> None:
    def break_off(summary: TrainingSummary) -> None:
        if "fold 2" in summary.data_set.description:
            raise KeyboardInterrupt

    settings, weights = tiny_settings(tmp_path), [tmp_path / f"fold-{number}" / WEIGHTS_FILE for number in (1, 2, 3)]
    with pytest.raises(KeyboardInterrupt):
        run(turns(3), settings, break_off)
    assert not (tmp_path / RECORD_FILE).exists()
    (tmp_path / "fold-2" / SUMMARY_FILE).unlink()  # as if its end had not been reached
    before, written = weights[1].read_bytes(), [file.stat().st_mtime_ns for file in weights[:2]]
    told: list[TrainingSummary] = []
    run(turns(3), replace(settings, resume=True), told.append)
    assert [summary.data_set.description[-len("fold 1 of 3") :] for summary in told] == [
        f"fold {n} of 3" for n in (1, 2, 3)
    ]
    assert recorded(tmp_path).folds == tuple(told)
    assert [file.stat().st_mtime_ns == time for file, time in zip(weights, written, strict=False)] == [True, False]
    assert weights[1].read_bytes() == before  # its last epoch had ended
    with pytest.raises(CannotResume):
        run(turns(3), replace(settings, resume=True, seed=9), told.append)
    assert (tmp_path / RECORD_FILE).exists()


def test_a_fold_that_is_too_small_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    whole = drawn_part(SPEC, [0, 1] * 7)
    small = leaving_out_each([np.arange(3), np.arange(3, 14)], whole, description="noise", patients_sha256="0" * 64)
    with pytest.raises(TooFewToFit, match=r"fold 1 of 2: it has 1 with the finding and 2 without"):
        run(small, tiny_settings(tmp_path / "run"), lambda _: None)
    assert not (tmp_path / "run").exists()
