"""What is kept of an image once its pixels are read: its header, which an answer is delivered by."""

from typing import Final

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import FileDataset
from pydicom.tag import BaseTag, Tag

_PIXELS: Final = Tag("PixelData")


def without_pixels(ds: FileDataset) -> FileDataset:
    """Return the standard attributes of an image but for its pixels; what it was read from is let go."""
    tags = [tag for tag in ds.keys() if not tag.is_private and tag != _PIXELS]  # noqa: SIM118  # iter: elements
    kept: dict[BaseTag, DataElement | RawDataElement] = {tag: ds[tag] for tag in tags}
    return FileDataset("", kept, file_meta=ds.file_meta, preamble=b"\0" * 128)
