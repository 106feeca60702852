"""The grayscale chain against pydicom's, and the rules of the standard that pydicom leaves to its user."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi, apply_windowing

from preprocessing.errors import InvalidAttribute
from preprocessing.grayscale import displayed_pixels, largest_gray_step
from preprocessing.reading import read_dataset
from specs.recipe import NoWindow
from tests.preprocessing.radiographs import FULL_STORED_RANGE, chest_dataset, published_file, ramp

WHITE = 65535
HALF_A_LEVEL = 0.5 / WHITE + 1e-9
"""A displayed value is the exact one rounded to 16 bits."""


def shown(ds: FileDataset) -> NDArray[np.float64]:
    """Return what the chain displays, in [0, 1]."""
    return displayed_pixels(ds.pixel_array, ds, no_window=NoWindow.FULL_RANGE).whole() / float(WHITE)


def shown_by_pydicom(ds: FileDataset) -> NDArray[np.float64]:
    """Return the windowed values by pydicom, which keeps the range of the rescaled values, brought to [0, 1]."""
    slope, intercept = float(ds.get("RescaleSlope", 1)), float(ds.get("RescaleIntercept", 0))
    lowest = -(1 << (ds.BitsStored - 1)) if ds.PixelRepresentation else 0
    low, high = (slope * end + intercept for end in (lowest, lowest + (1 << ds.BitsStored) - 1))
    with np.errstate(over="ignore"):  # exp in SIGMOID
        windowed = apply_windowing(apply_modality_lut(ds.pixel_array, ds), ds)
    return (np.asarray(windowed, dtype=np.float64) - low) / (high - low)


@st.composite
def images(draw: st.DrawFn) -> FileDataset:
    """Draw a small image of any number of stored bits, signed or not."""
    bits = draw(st.integers(8, 16))
    kind = draw(st.sampled_from("iu")) + ("1" if bits == 8 and draw(st.booleans()) else "2")
    lowest = -(1 << (bits - 1)) if kind.startswith("i") else 0
    values = st.integers(lowest, lowest + (1 << bits) - 1)
    return chest_dataset(draw(arrays(np.dtype(kind), (4, 6), elements=values)), bits_stored=bits)


def table(*, first: int, bits: int, data: list[int]) -> Dataset:
    """Build an item of a LUT sequence."""
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(data), first, bits])
    item.add_new("LUTData", "US", data)
    return item


@given(
    ds=images(),
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
    center=st.integers(-9000, 70000),
    width=st.integers(1, 70000),
    rescale=st.sampled_from([None, (1, 0), (2.5, -1024), (-1, 4095), (0.0625, 7.5)]),
)
def test_windows_show_what_pydicom_shows(
    ds: FileDataset, function: str, center: int, width: int, rescale: tuple[float, float] | None
) -> None:
    ds.VOILUTFunction, ds.WindowCenter, ds.WindowWidth = function, center, width
    if rescale:
        ds.RescaleSlope, ds.RescaleIntercept = rescale
    assert np.abs(shown(ds) - shown_by_pydicom(ds)).max() <= HALF_A_LEVEL


@given(
    ds=images(),
    first=st.integers(-300, 3000),
    bits=st.sampled_from([8, 10, 12, 16]),
    fractions=st.lists(st.floats(0, 1), min_size=2, max_size=300),
)
def test_a_voi_lut_shows_what_pydicom_shows(ds: FileDataset, first: int, bits: int, fractions: list[float]) -> None:
    most = (1 << bits) - 1
    ds.VOILUTSequence = [table(first=first, bits=bits, data=[round(most * fraction) for fraction in fractions])]
    # pydicom 3.0.2 counts entries in the type of the table: what lies beyond its range wraps
    mapped = np.clip(ds.pixel_array.astype(np.int64), None, first + min(most, len(fractions) - 1))
    whole = apply_voi(mapped, ds) / most
    reached = ds.pixel_array.astype(np.int64) - first <= most
    assert np.abs(shown(ds) - whole)[reached].max(initial=0) <= HALF_A_LEVEL


@given(
    ds=images(),
    slope=st.sampled_from([1, 4]),
    first=st.integers(-300, 3000),
    bits=st.sampled_from([8, 12, 16]),
    entries=st.sampled_from([2, 200, 256, 300, 4096, 60000]),
)
def test_a_voi_lut_is_looked_up_as_the_standard_has_it(
    ds: FileDataset, slope: int, first: int, bits: int, entries: int
) -> None:
    most = (1 << bits) - 1
    data = np.linspace(0, most, entries).round().astype(int).tolist()
    ds.RescaleSlope, ds.RescaleIntercept = slope, 0
    ds.VOILUTSequence = [table(first=first, bits=bits, data=data)]
    expected = [data[min(max(slope * int(value) - first, 0), entries - 1)] / most for value in ds.pixel_array.ravel()]
    assert np.abs(shown(ds).ravel() - expected).max() <= HALF_A_LEVEL
    assert ds.VOILUTSequence[0].LUTDescriptor[2] == bits


@given(ds=images(), first=st.integers(-300, 3000), data=st.lists(st.integers(0, WHITE), min_size=2, max_size=300))
def test_a_modality_lut_comes_before_the_window(ds: FileDataset, first: int, data: list[int]) -> None:
    ds.ModalityLUTSequence = [table(first=first, bits=16, data=data)]
    ds.VOILUTFunction, ds.WindowCenter, ds.WindowWidth = "LINEAR_EXACT", WHITE / 2, WHITE
    expected = apply_modality_lut(ds.pixel_array.astype(np.int64), ds) / WHITE
    assert np.abs(shown(ds) - expected).max() <= HALF_A_LEVEL


def test_a_published_modality_lut_file_is_shown_as_pydicom_shows_it() -> None:
    ds = read_dataset(published_file("mlut_18.dcm"))
    rescaled = apply_modality_lut(ds.pixel_array, ds).astype(np.float64)
    expected = (rescaled - rescaled.min()) / np.ptp(rescaled)
    assert np.abs(shown(ds) - expected).max() <= HALF_A_LEVEL


def test_a_published_voi_lut_file_is_shown_as_pydicom_shows_it() -> None:
    ds = read_dataset(published_file("vlut_04.dcm"))
    most = (1 << ds.VOILUTSequence[0].LUTDescriptor[2]) - 1
    expected = apply_voi(ds.pixel_array, ds) / most
    assert np.ptp(expected) > 0.5
    assert np.abs(shown(ds) - expected).max() <= HALF_A_LEVEL


@given(
    ds=images(),
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
    center=st.floats(-9000, 70000),
    width=st.floats(1, 70000),
)
def test_windowing_keeps_order(ds: FileDataset, function: str, center: float, width: float) -> None:
    ds.VOILUTFunction, ds.WindowCenter, ds.WindowWidth = function, round(center, 3), round(width, 3)
    displayed = shown(ds).ravel()[np.argsort(ds.pixel_array, axis=None)]
    assert (np.diff(displayed) >= 0).all()


def test_the_first_of_several_windows_is_used() -> None:
    several = chest_dataset(ramp(8, 8), WindowCenter=[800, 3000], WindowWidth=[500, 100])
    first = chest_dataset(ramp(8, 8), WindowCenter=800, WindowWidth=500)
    assert np.array_equal(shown(several), shown(first))


@given(
    stored=arrays(np.uint16, (4, 6), elements=st.integers(0, 4095)),
    center=st.integers(0, 4095),
    width=st.integers(2, 5000),
)
def test_inverting_the_pixels_and_the_photometric_interpretation_is_identity(
    stored: NDArray[np.uint16], center: int, width: int
) -> None:
    image = chest_dataset(stored, WindowCenter=center, WindowWidth=width)
    mirrored = 4095 - center + 1  # LINEAR has its middle at center - 0.5
    twin = chest_dataset((4095 - stored).astype(np.uint16), WindowCenter=mirrored, WindowWidth=width)
    twin.PhotometricInterpretation = "MONOCHROME1"
    assert np.abs(shown(image) - shown(twin)).max() <= 2 * HALF_A_LEVEL


def test_monochrome1_shows_low_values_bright() -> None:
    ds = chest_dataset(ramp(8, 8), PhotometricInterpretation="MONOCHROME1", **FULL_STORED_RANGE)
    assert shown(ds)[0, 0] == 1.0
    assert shown(ds)[-1, -1] == 0.0


@pytest.mark.parametrize(
    ("photometric", "shape"), [("MONOCHROME1", "INVERSE"), ("MONOCHROME1", "IDENTITY"), ("MONOCHROME2", "INVERSE")]
)
def test_an_image_is_inverted_once_however_often_the_header_says_so(photometric: str, shape: str) -> None:
    plain = chest_dataset(ramp(8, 8), **FULL_STORED_RANGE)
    inverse = chest_dataset(ramp(8, 8), **FULL_STORED_RANGE)
    inverse.PhotometricInterpretation, inverse.PresentationLUTShape = photometric, shape
    assert np.abs(shown(inverse) + shown(plain) - 1).max() <= 2 * HALF_A_LEVEL


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("limits", [(4000, None), (4000, 4095), (4095, 4000)])
def test_padding_is_black(photometric: str, limits: tuple[int, int | None]) -> None:
    stored = np.array([[0, 1000], [4000, 4050]], dtype=np.uint16)
    ds = chest_dataset(stored, PhotometricInterpretation=photometric, WindowCenter=5000, WindowWidth=12000)
    ds.PixelPaddingValue, limit = limits
    if limit is not None:
        ds.PixelPaddingRangeLimit = limit
    padding = stored == 4000 if limit is None else stored >= 4000
    assert ((shown(ds) == 0) == padding).all()


@pytest.mark.parametrize("kind", [np.uint16, np.int16])
def test_bits_above_bits_stored_are_ignored(kind: type[np.uint16 | np.int16]) -> None:
    stored = (ramp(8, 8).astype(np.int32) - (2048 if kind is np.int16 else 0)).astype(kind)
    dirty = (stored.view(np.uint16) & 0x0FFF | 0x5000).view(kind)
    clean = chest_dataset(stored, WindowCenter=100, WindowWidth=3000)
    assert np.array_equal(shown(chest_dataset(dirty, WindowCenter=100, WindowWidth=3000)), shown(clean))


def test_without_a_window_the_image_is_stretched_over_its_own_range() -> None:
    ds = chest_dataset(np.array([[500, 600], [700, 900]], dtype=np.uint16))
    assert shown(ds) == pytest.approx(np.array([[0, 0.25], [0.5, 1]]), abs=HALF_A_LEVEL)


def test_padding_does_not_count_for_the_range_of_an_image_without_a_window() -> None:
    ds = chest_dataset(np.array([[500, 600], [700, 900], [0, 0]], dtype=np.uint16), PixelPaddingValue=0)
    assert shown(ds) == pytest.approx(np.array([[0, 0.25], [0.5, 1], [0, 0]]), abs=HALF_A_LEVEL)


@pytest.mark.parametrize("value", [0, 77])
def test_an_image_of_one_value_without_a_window_is_black(value: int) -> None:
    ds = chest_dataset(np.full((4, 4), value, dtype=np.uint16), PixelPaddingValue=0)
    assert not shown(ds).any()


@pytest.mark.parametrize(
    ("attributes", "step"),
    [
        ({"WindowCenter": 2000, "WindowWidth": 501}, 1 / 500),
        ({"WindowCenter": 2000, "WindowWidth": 501, "RescaleSlope": -2, "RescaleIntercept": 8000}, 2 / 500),
        ({"WindowCenter": 2000, "WindowWidth": 400, "VOILUTFunction": "LINEAR_EXACT"}, 1 / 400),
        ({"WindowCenter": 2000, "WindowWidth": 400, "VOILUTFunction": "SIGMOID"}, 1 / 400),
        ({"WindowCenter": 2000, "WindowWidth": 1}, 1),
        ({"VOILUTSequence": [table(first=0, bits=10, data=[0, 10, 250])]}, 240 / 1023),
        ({"WindowCenter": 2000, "WindowWidth": 501, "PixelPaddingValue": 4096}, 1 / 500),
    ],
)
def test_the_largest_gray_step_is_that_of_the_window(attributes: dict[str, Any], step: float) -> None:
    assert largest_gray_step(chest_dataset(ramp(8, 8), **attributes)) == pytest.approx(step, rel=1e-4)


@pytest.mark.parametrize(
    "attributes",
    [{}, {"WindowCenter": 2000}, {"WindowCenter": 2000, "WindowWidth": 501, "PixelPaddingValue": 7}],
)
def test_there_is_no_largest_gray_step_where_pixels_decide_how_they_are_shown(attributes: dict[str, Any]) -> None:
    assert largest_gray_step(chest_dataset(ramp(8, 8), **attributes)) is None


@pytest.mark.parametrize(
    ("attributes", "keyword"),
    [
        ({"WindowWidth": 0}, "WindowWidth"),
        ({"WindowWidth": 0.5}, "WindowWidth"),
        ({"WindowWidth": 0, "VOILUTFunction": "LINEAR_EXACT"}, "WindowWidth"),
        ({"WindowWidth": -1, "VOILUTFunction": "SIGMOID"}, "WindowWidth"),
        ({"WindowWidth": float("inf")}, "WindowWidth"),
        ({"WindowCenter": float("nan")}, "WindowCenter"),
        ({"VOILUTFunction": "PARABOLIC"}, "VOILUTFunction"),
        ({"VOILUTSequence": [Dataset()]}, "VOILUTSequence"),
        ({"ModalityLUTSequence": [Dataset()]}, "ModalityLUTSequence"),
        ({"RescaleSlope": float("nan"), "RescaleIntercept": 0}, "RescaleSlope"),
        ({"RescaleSlope": 1, "RescaleIntercept": float("inf")}, "RescaleSlope"),
    ],
)
def test_an_unusable_step_is_named_and_never_skipped(attributes: dict[str, object], keyword: str) -> None:
    ds = chest_dataset(ramp(8, 8), WindowCenter=1000, WindowWidth=500)
    for name, value in attributes.items():
        setattr(ds, name, value)
    with pytest.raises(InvalidAttribute, match=keyword):
        shown(ds)
    with pytest.raises(InvalidAttribute, match=keyword):
        largest_gray_step(ds)
