"""The gate of reduced resolution: what a recipe that opts in prepares and scores is nearly that of the whole image."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from benchmarks.encodings import published_image
from benchmarks.reduced_resolution import (
    MAGNIFICATION,
    MODEL,
    PUBLISHED,
    Drift,
    Scoring,
    as_jpeg2000,
    magnified,
)
from client.in_process import InProcessEngine
from phantoms import Part, radiograph_phantom
from preprocessing import area_average, decoders
from preprocessing.decoding import stored_pixels
from preprocessing.errors import PixelDecode
from preprocessing.jpeg2000_resolution import at_lower_resolution
from preprocessing.pixel_layout import PixelLayout
from specs.recipe import REDUCED_RESOLUTION_TOLERANCES, ReducedResolutionTolerances
from tests.preprocessing.radiographs import FULL_STORED_RANGE, chest_dataset

OVERSAMPLING = 2
"""The least that a recipe may ask for, so the one with the largest drift."""

LOSSY_DB = 45
BORDERED, UNDECIDED = 3, 35
"""Of forty phantoms, those with the hardest borders and with the largest shift of the probability."""


@pytest.fixture(scope="module")
def scoring(committed_repository: Path) -> Iterator[Scoring]:
    with InProcessEngine(committed_repository) as engine:
        yield Scoring(engine=engine, model=engine.served_model(MODEL))


def phantom(index: int, *, lossy_db: int | None) -> FileDataset:
    image = magnified(radiograph_phantom(seed=Part.TEST.seed, index=index), MAGNIFICATION).dataset()
    return as_jpeg2000(image, lossy_db=lossy_db)


@pytest.fixture(scope="module")
def bordered() -> FileDataset:
    return phantom(BORDERED, lossy_db=LOSSY_DB)


def drift(scoring: Scoring, ds: FileDataset) -> Drift:
    """Compare an image read at reduced resolution with the same read whole."""
    whole, reduced = scoring.prepare(ds, None), scoring.prepare(ds, OVERSAMPLING)
    assert reduced.placement == whole.placement
    assert reduced.identity == whole.identity
    return scoring.drift(whole, reduced)


def exceeded(drift: Drift) -> set[str]:
    """Name the tolerances that are exceeded."""
    return {
        name
        for name in ReducedResolutionTolerances.model_fields
        if getattr(drift, name) > getattr(REDUCED_RESOLUTION_TOLERANCES, name)
    }


def test_a_lossy_phantom_at_reduced_resolution_stays_within_the_tolerances(
    scoring: Scoring, bordered: FileDataset
) -> None:
    assert not exceeded(drift(scoring, bordered))


@pytest.mark.parametrize(("index", "lossy_db"), [(BORDERED, None), (UNDECIDED, LOSSY_DB)])
def test_another_phantom_at_reduced_resolution_stays_within_the_tolerances(
    scoring: Scoring, index: int, lossy_db: int | None
) -> None:
    assert not exceeded(drift(scoring, phantom(index, lossy_db=lossy_db)))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_radiograph_at_reduced_resolution_stays_within_the_tolerances(scoring: Scoring, name: str) -> None:
    ds = published_image(name)
    rows, columns = scoring.prepare(ds, OVERSAMPLING).pixels.shape[1:]
    assert stored_pixels(ds, least_shape=(OVERSAMPLING * rows, OVERSAMPLING * columns)).shape == (978, 921)
    assert not exceeded(drift(scoring, ds))


def test_the_sample_radiograph_at_reduced_resolution_stays_within_the_tolerances(
    scoring: Scoring, samples: Path
) -> None:
    (path,) = (samples / "chest").glob("*.dcm")
    eight_bits = stored_pixels(pydicom.dcmread(path)).astype(np.float32)
    stored = cv2.resize(eight_bits, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC) * (4095 / 255)
    image = chest_dataset(np.clip(np.rint(stored), 0, 4095).astype(np.uint16), **FULL_STORED_RANGE)
    found = drift(scoring, as_jpeg2000(image))
    assert found.mean_pixel_difference > 0
    assert not exceeded(found)


def test_the_gate_notices_a_level_too_many(
    scoring: Scoring, bordered: FileDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def halved(frame: bytes, layout: PixelLayout, *, least_shape: tuple[int, int]) -> tuple[bytes, PixelLayout]:
        return at_lower_resolution(frame, layout, least_shape=(least_shape[0] // 2, least_shape[1] // 2))

    monkeypatch.setattr(decoders, "at_lower_resolution", halved)
    assert exceeded(drift(scoring, bordered))


def test_a_missing_shift_of_the_level_is_noticed_before_the_gate(
    scoring: Scoring, bordered: FileDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T.800 G.1.2: unsigned samples are coded less half their range, which the decoder adds."""

    def unshifted(frame: bytes, layout: PixelLayout, *, least_shape: tuple[int, int]) -> tuple[bytes, PixelLayout]:
        lowered, lower_layout = at_lower_resolution(frame, layout, least_shape=least_shape)
        return lowered[:42] + bytes([lowered[42] | 0x80]) + lowered[43:], lower_layout  # Ssiz: signed

    monkeypatch.setattr(decoders, "at_lower_resolution", unshifted)
    with pytest.raises(PixelDecode, match="more than the 10 bits stored"):
        drift(scoring, bordered)


def test_the_gate_notices_samples_that_are_averaged_as_an_image_of_their_own(
    scoring: Scoring, bordered: FileDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edges(count: int, length: int, step: int) -> NDArray[np.float64]:
        return np.linspace(0, -(-length // step), count + 1)

    monkeypatch.setattr(area_average, "_edges", edges)
    assert exceeded(drift(scoring, bordered))
