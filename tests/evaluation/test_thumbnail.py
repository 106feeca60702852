"""The thumbnail baseline against plain averages, closed forms and sets whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from evaluation.agreement import Quantities
from evaluation.discrimination import Truth, area_under_roc
from evaluation.thumbnail import Thumbnails, thumbnail, thumbnail_probabilities, thumbnail_values, thumbnails

TRAINING, TEST = slice(0, 400), slice(400, 700)


def pictures(*, seed: int = 3) -> tuple[Thumbnails, Quantities]:
    """Simulate thumbnails of which one direction among many carries a signal of unit variance."""
    generator = np.random.default_rng(seed)
    signal = generator.normal(size=700)
    direction = generator.normal(size=256)
    return 100 + 30 * (np.outer(signal, direction) / 16 + generator.normal(size=(700, 256)) * 0.3), signal


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 100))
def test_whole_multiples_are_plain_averages(rows: int, columns: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (16 * rows, 16 * columns), np.uint8)
    blocks = pixels.reshape(16, rows, 16, columns).mean(axis=(1, 3))
    assert thumbnail(pixels) == pytest.approx(blocks.ravel(), abs=1e-4)


@pytest.mark.parametrize("shape", [(320, 320), (17, 33), (250, 199)])
def test_the_mean_stays(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).normal(100, 5, shape)
    assert thumbnail(pixels).mean() == pytest.approx(pixels.mean(), abs=0.01)


def test_a_tensor_of_one_channel_is_its_picture() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 50), np.uint8)
    assert np.array_equal(thumbnail(pixels[None]), thumbnail(pixels))
    assert thumbnails(iter([pixels, pixels[None]])).shape == (2, 256)


def test_of_several_views_each_has_its_thumbnail() -> None:
    views = np.random.default_rng(1).integers(0, 256, (2, 256, 128), np.uint8)
    assert np.array_equal(thumbnail(views), np.concatenate([thumbnail(views[0]), thumbnail(views[1])]))
    assert not np.array_equal(thumbnail(views), thumbnail(views[::-1]))


@pytest.mark.parametrize("shape", [(3, 15, 32), (15, 32), (32, 15), (256,), (1, 1, 32, 32)])
def test_what_is_no_gray_picture_of_that_size_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="views of at least 16 by 16"):
        thumbnail(np.zeros(shape, np.uint8))


def test_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="no picture"):
        thumbnails([])


def test_a_signal_in_the_thumbnail_is_found() -> None:
    features, signal = pictures()
    truth = signal + np.random.default_rng(4).normal(0, 0.5, 700) > 0
    probabilities = thumbnail_probabilities(features[TRAINING], truth[TRAINING], features[TEST])
    assert probabilities.shape == (300,)
    assert area_under_roc(truth[TEST], probabilities).estimate > 0.85
    values = thumbnail_values(features[TRAINING], 50 + 10 * signal[TRAINING], features[TEST])
    assert np.abs(values - (50 + 10 * signal[TEST])).mean() < 2.5


def test_a_thumbnail_without_a_signal_tells_nothing_and_gives_next_to_the_mean() -> None:
    generator = np.random.default_rng(6)
    features = generator.normal(size=(700, 256))
    truth: Truth = generator.random(700) < 0.3
    values = generator.normal(60, 10, 700)
    probabilities = thumbnail_probabilities(features[TRAINING], truth[TRAINING], features[TEST])
    area = area_under_roc(truth[TEST], probabilities)
    assert area.lower < 0.5 < area.upper
    assert probabilities.mean() == pytest.approx(truth[TRAINING].mean(), abs=0.03)
    predicted = thumbnail_values(features[TRAINING], values[TRAINING], features[TEST])
    assert np.abs(predicted - values[TRAINING].mean()).max() < 3


def test_the_values_are_those_of_the_closed_form_for_one_of_the_penalties() -> None:
    features, signal = pictures()
    mean, deviation = features[TRAINING].mean(axis=0), features[TRAINING].std(axis=0)
    design, others = (features[TRAINING] - mean) / deviation, (features[TEST] - mean) / deviation
    centered = signal[TRAINING] - signal[TRAINING].mean()
    found = thumbnail_values(features[TRAINING], signal[TRAINING], features[TEST])
    distances = []
    for penalty in np.logspace(-1, 5, 13):
        weights = np.linalg.solve(design.T @ design + penalty * np.eye(256), design.T @ centered)
        distances.append(np.abs(signal[TRAINING].mean() + others @ weights - found).max())
    assert min(distances) < 1e-6


def test_the_same_sets_give_the_same_scores_in_any_unit() -> None:
    features, signal = pictures()
    truth = signal > 0
    plain = thumbnail_probabilities(features[TRAINING], truth[TRAINING], features[TEST])
    assert np.array_equal(plain, thumbnail_probabilities(features[TRAINING], truth[TRAINING], features[TEST]))
    scaled = 3 * features / 255 - 1
    assert thumbnail_probabilities(scaled[TRAINING], truth[TRAINING], scaled[TEST]) == pytest.approx(plain, abs=1e-6)


def test_a_strong_signal_gives_nearly_certain_probabilities() -> None:
    features, signal = pictures()
    truth = signal > 0
    probabilities = thumbnail_probabilities(features[TRAINING], truth[TRAINING], features[TEST])
    clear = np.abs(signal[TEST]) > 1.5
    assert np.abs(probabilities - expit(1e3 * signal[TEST]))[clear].max() < 0.2
