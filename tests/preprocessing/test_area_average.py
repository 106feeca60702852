"""Samples of a lower resolution, averaged over the same areas as the pixels of the whole image."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import FileDataset

from preprocessing.area_average import divisor_of, fitted_shape, reduced
from preprocessing.errors import MissingAttribute
from preprocessing.gray_values import Displayed, gray_spread
from tests.preprocessing.encodings import LOSSLESS_ENCODERS, encapsulated
from tests.preprocessing.radiographs import FULL_STORED_RANGE, SMALL_RECIPE, chest_dataset, prepare_image

OPTED_IN = SMALL_RECIPE.model_copy(update={"jpeg2000_oversampling": 2})
ROUNDING_LEVELS = 1
"""Gray levels by which two ways to one average may differ: each rounds in its own way."""

DETAIL_LEVELS = 15
"""Gray levels by which noise that a lower resolution has smoothed may differ; measured: 7, and 143 a pixel aside."""

WIDE_WINDOW: dict[str, Any] = {"WindowCenter": 2048, "WindowWidth": 4096}


def plane(rows: int, columns: int, slopes: tuple[int, int]) -> NDArray[np.uint16]:
    """Return an image that rises with constant slopes: values of (row, column)."""
    row, column = np.mgrid[:rows, :columns]
    image: NDArray[np.uint16] = (slopes[0] * row + slopes[1] * column).astype(np.uint16)
    return image


@given(
    rows=st.integers(128, 300),
    columns=st.integers(128, 300),
    slopes=st.sampled_from([(100, 0), (0, 100), (60, 40)]),
    levels=st.integers(1, 3),
)
def test_a_plane_lies_where_that_of_the_whole_image_lies(
    rows: int, columns: int, slopes: tuple[int, int], levels: int
) -> None:
    whole = plane(rows, columns, slopes)
    samples = np.ascontiguousarray(whole[:: 1 << levels, :: 1 << levels])  # low-pass samples of a plane are its values
    fitted = reduced(Displayed(patterns=samples), SMALL_RECIPE, matrix=(rows, columns), divisor=1 << levels).astype(int)
    assert fitted.shape == fitted_shape((rows, columns), SMALL_RECIPE)
    inner = np.abs(fitted - reduced(Displayed(patterns=whole), SMALL_RECIPE))[
        1:-1, 1:-1
    ]  # a border has no samples beyond it
    assert inner.max(initial=0) <= ROUNDING_LEVELS


@given(rows=st.integers(128, 300), columns=st.integers(128, 300), levels=st.integers(0, 3))
def test_one_gray_value_stays_the_same_up_to_the_borders(rows: int, columns: int, levels: int) -> None:
    samples = np.full((math.ceil(rows / 2**levels), math.ceil(columns / 2**levels)), 257 * 99, dtype=np.uint16)
    assert (reduced(Displayed(patterns=samples), SMALL_RECIPE, matrix=(rows, columns), divisor=1 << levels) == 99).all()


@given(
    rows=st.integers(16, 400), columns=st.integers(16, 400), bits=st.sampled_from([8, 16]), seed=st.integers(0, 1000)
)
def test_every_pixel_is_the_mean_of_its_area(rows: int, columns: int, bits: int, seed: int) -> None:
    patterns = np.random.default_rng(seed).integers(0, 1 << bits, (rows, columns)).astype(f"u{bits // 8}")
    table = np.random.default_rng(seed + 1).integers(0, 65536, 1 << bits).astype(np.uint16)
    fitted = reduced(Displayed(patterns=patterns, table=table), SMALL_RECIPE).astype(float)
    exact = means_of_areas(table[patterns].astype(np.float64), fitted.shape)
    assert np.abs(fitted - exact / 257).max() <= 0.5 + 2 / 257  # at most rounded to 16 bits once a side, then to 8


def means_of_areas(image: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Average over equal parts of both sides: sums from a border, interpolated where a part ends within a pixel."""
    for count in shape:
        sums = np.vstack([np.zeros(image.shape[1]), image.cumsum(axis=0)])
        edges = np.linspace(0, len(image), count + 1)
        at_edges = np.array([np.interp(edges, np.arange(len(sums)), column) for column in sums.T]).T
        image = (np.diff(at_edges, axis=0) / np.diff(edges)[:, np.newaxis]).T
    return image


@given(rows=st.integers(1, 3000), columns=st.integers(1, 3000), halvings=st.integers(0, 5))
def test_the_divisor_of_a_lower_resolution_is_found(rows: int, columns: int, halvings: int) -> None:
    shape = (math.ceil(rows / 2**halvings), math.ceil(columns / 2**halvings))
    divisor = divisor_of((rows, columns), shape)
    assert shape == (math.ceil(rows / divisor), math.ceil(columns / divisor))
    assert divisor == 2**halvings or max(shape) == 1


def test_another_shape_is_no_lower_resolution() -> None:
    with pytest.raises(ValueError, match="no lower resolution"):
        divisor_of((100, 80), (50, 41))


@given(st.lists(st.integers(0, 255), min_size=1, max_size=300))
def test_the_spread_of_gray_values_is_that_of_the_percentiles(values: list[int]) -> None:
    content = np.array(values, dtype=np.uint8)
    low, high = np.percentile(content, (5, 95))
    assert gray_spread(content) == pytest.approx((high - low) / 255, abs=1e-12)


def test_a_whole_image_is_averaged_in_the_same_way_with_its_matrix_named() -> None:
    whole = np.random.default_rng(0).integers(0, 65536, (57, 41)).astype(np.uint16)
    assert np.array_equal(
        reduced(Displayed(patterns=whole), SMALL_RECIPE),
        reduced(Displayed(patterns=whole), SMALL_RECIPE, matrix=(57, 41)),
    )


def in_jpeg2000(stored: NDArray[np.integer], *, bits: int = 12, **attributes: Any) -> FileDataset:
    codestream = LOSSLESS_ENCODERS[uid.JPEG2000Lossless](stored, bits)
    return encapsulated(chest_dataset(stored, bits_stored=bits, **attributes), uid.JPEG2000Lossless, codestream)


def detail(*, bits: int = 12) -> NDArray[np.unsignedinteger]:
    """Return coarse structure and noise, which a lower resolution shows a little differently."""
    rng = np.random.default_rng(1)
    coarse = np.kron(rng.integers(500, 3500, (12, 10)), np.ones((9, 9)))
    values = np.clip(coarse + rng.normal(0, 200, coarse.shape), 0, 4095).astype(int) >> (12 - bits)
    return values.astype(np.uint8 if bits <= 8 else np.uint16)


def test_a_recipe_that_opts_in_reads_a_lower_resolution_into_the_same_place() -> None:
    ds = in_jpeg2000(detail()[:97, :76], **WIDE_WINDOW)  # fitted, 97 x 76 is 16 x 13, but 49 x 38 would be 16 x 12
    whole, lower = prepare_image(ds), prepare_image(ds, OPTED_IN)
    assert lower.placement == whole.placement
    assert lower.identity == whole.identity
    assert not np.array_equal(lower.pixels, whole.pixels)
    assert np.abs(lower.pixels.astype(int) - whole.pixels).max() <= DETAIL_LEVELS


@pytest.mark.parametrize(
    "attributes",
    [{}, {"WindowCenter": 2048, "WindowWidth": 500}, {**WIDE_WINDOW, "PixelPaddingValue": 0},
     {**WIDE_WINDOW, "PixelPaddingValue": 5000, "PixelPaddingRangeLimit": 4000}],
    ids=["no window", "a narrow window", "padding", "a range of padding"],
)  # fmt: skip
def test_an_image_whose_averages_would_be_shown_otherwise_is_read_whole(attributes: dict[str, Any]) -> None:
    ds = in_jpeg2000(detail(), **attributes)
    assert np.array_equal(prepare_image(ds, OPTED_IN).pixels, prepare_image(ds).pixels)


def test_eight_bits_are_read_whole() -> None:
    ds = in_jpeg2000(detail(bits=8), bits=8, WindowCenter=128, WindowWidth=256)
    assert np.array_equal(prepare_image(ds, OPTED_IN).pixels, prepare_image(ds).pixels)


def test_opting_in_changes_nothing_of_another_syntax() -> None:
    ds = chest_dataset(detail(), **FULL_STORED_RANGE)
    assert np.array_equal(prepare_image(ds, OPTED_IN).pixels, prepare_image(ds).pixels)


@pytest.mark.parametrize("keyword", ["Rows", "BitsStored", "PixelRepresentation"])
def test_a_missing_attribute_is_named_before_a_resolution_is_chosen(keyword: str) -> None:
    ds = in_jpeg2000(detail(), **WIDE_WINDOW)
    delattr(ds, keyword)
    with pytest.raises(MissingAttribute, match=f"attribute {keyword} "):
        prepare_image(ds, OPTED_IN)
