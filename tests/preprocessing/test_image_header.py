"""A header without pixels holds what is standard, and nothing of the file that it came from."""

import pickle

from preprocessing.image_header import without_pixels
from tests.preprocessing.tomography import counting, nuclear_image


def test_all_but_pixels_and_private_attributes_is_kept_and_travels() -> None:
    ds = nuclear_image(counting((4, 6, 8)))
    block = ds.private_block(0x0011, "VENDOR", create=True)
    block.add_new(1, "LO", "kept by nobody")
    header = pickle.loads(pickle.dumps(without_pixels(ds)))
    assert header.filename == ""
    assert not [element for element in header if element.tag.is_private]
    expected = {element.keyword: element.value for element in ds if not element.tag.is_private}
    del expected["PixelData"]
    assert {element.keyword: element.value for element in header} == expected
    assert "PixelData" in ds
