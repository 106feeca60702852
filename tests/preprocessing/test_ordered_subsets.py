"""Our OSEM: its likelihood rises, its counts are those measured, and a published one gives the same."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from preprocessing.ordered_subsets import ordered_subsets, projector
from preprocessing.projections import Projections, read_projections
from preprocessing.reading import read_dataset
from preprocessing.series import Series
from specs.reconstruction import CARDIAC_PROJECTIONS, OrderedSubsets
from tests.preprocessing.gamma_camera import PIXEL_MM, Ball, turn, view

PUBLISHED = Path(__file__).parent / "reference" / "pytomography_mlem.npz"
HEART = np.s_[20:44, 14:50, 14:50]
"""Slices, rows and columns that `PUBLISHED` holds."""
BINS = 16
ANGLES = np.array(turn(225.0, -12.0, 15))
MLEM = OrderedSubsets(subsets=1, iterations=8, smoothing=None)


def poisson(seed: int) -> NDArray[np.float64]:
    """Draw views of noise about a ball."""
    generator = np.random.default_rng(seed)
    ball = Ball(center_mm=(14.0, -20.0, 0.0), radius_mm=16.0)
    expected = np.array([view([ball], angle, bins=BINS) for angle in ANGLES]) * generator.uniform(0.05, 2) + 0.1
    return generator.poisson(expected).astype(np.float64)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_with_one_subset_the_likelihood_rises_in_every_iteration_and_the_counts_are_those_measured(seed: int) -> None:
    counts = poisson(seed)
    matrix = projector(ANGLES, columns=BINS)
    measured = counts.transpose(0, 2, 1).reshape(-1, BINS)
    likelihoods = []
    for estimate in ordered_subsets(counts, ANGLES, MLEM):
        expected = matrix @ estimate.reshape(BINS, -1).T
        likelihoods.append(float((measured * np.log(np.where(measured > 0, expected, 1.0)) - expected).sum()))
        assert estimate.min() >= 0
        assert expected.sum() == pytest.approx(counts.sum())
    assert (np.diff(likelihoods) >= -1e-9 * np.abs(likelihoods[0])).all()
    assert likelihoods[-1] > likelihoods[0]


@pytest.mark.parametrize(("subsets", "iterations"), [(1, 30), (5, 6), (40, 3)])
def test_a_ball_is_found_where_it_is_with_the_counts_it_has(subsets: int, iterations: int) -> None:
    ball = Ball(center_mm=(30.0, -40.0, 12.0), radius_mm=20.0)
    angles = np.array(turn(225.0, -6.0, 30))
    counts = np.array([view([ball], angle, bins=32)[::-1] for angle in angles])
    *_, found = ordered_subsets(counts, angles, OrderedSubsets(subsets=subsets, iterations=iterations, smoothing=None))
    places_mm = (np.arange(32) - 15.5) * PIXEL_MM
    center = [np.average(places_mm, weights=found.sum(axis=axes)) for axes in ((0, 1), (0, 2), (1, 2))]
    np.testing.assert_allclose(center, ball.center_mm, atol=0.6)
    assert found.sum() == pytest.approx(counts.sum() / len(angles), rel=0.02)
    ball_voxels = 4 / 3 * np.pi * (ball.radius_mm / PIXEL_MM) ** 3
    assert found.sum() / PIXEL_MM == pytest.approx(ball_voxels, rel=0.02)


def test_a_slice_depends_on_its_own_counts_alone() -> None:
    counts = poisson(3)
    *_, whole = ordered_subsets(counts, ANGLES, MLEM)
    *_, alone = ordered_subsets(counts[:, 5:6], ANGLES, MLEM)
    np.testing.assert_allclose(alone[0], whole[5])


def test_each_view_sums_a_voxel_near_the_axis_to_itself() -> None:
    weights = projector(ANGLES, columns=BINS)
    of_views = np.array(weights.sum(axis=0)).reshape(BINS, BINS) / len(ANGLES)
    np.testing.assert_allclose(of_views[4:12, 4:12], 1.0, atol=0.05)
    assert weights.min() >= 0


@pytest.mark.parametrize(("name", "iterations", "subsets", "likeness"), [("mlem", 10, 1, 0.999), ("osem", 4, 6, 0.995)])
def test_a_published_implementation_reconstructs_the_same_heart_from_the_real_file(
    samples: Path, name: str, iterations: int, subsets: int, likeness: float
) -> None:
    """PyTomography rotates by bilinear interpolation too; it takes the subsets in another order."""
    ds = read_dataset((samples / "spect" / "RIMD_case_NM_00001.dcm").read_bytes())
    projections = read_projections(Series.of([ds]), CARDIAC_PROJECTIONS)
    assert isinstance(projections, Projections)
    rules = OrderedSubsets(subsets=subsets, iterations=iterations, smoothing=None)
    *_, found = ordered_subsets(projections.counts, projections.angles_degrees, rules)
    published = np.load(PUBLISHED)[name].astype(np.float64)
    ours = found[HEART]
    assert np.corrcoef(ours.ravel(), published.ravel())[0, 1] > likeness
    assert ours.sum() == pytest.approx(published.sum(), rel=0.03)
    assert np.sqrt(np.mean((ours - published) ** 2)) < 0.006 * published.max()
    mirrored = published[:, :, ::-1], published[:, ::-1], published[::-1]
    assert all(np.corrcoef(ours.ravel(), each.ravel())[0, 1] < 0.9 for each in mirrored)
