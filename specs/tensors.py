"""Tensors as they travel: name, element type, shape without the batch axis."""

from enum import StrEnum
from math import prod

from pydantic import Field

from specs.declared import Declared


class ElementType(StrEnum):
    """Element types on the wire, spelled as NumPy spells them."""

    UINT8 = "uint8"
    UINT16 = "uint16"
    FLOAT32 = "float32"

    @property
    def triton_name(self) -> str:
        """Name of the member of Triton's `DataType` in its protobuf."""
        return "TYPE_FP32" if self is ElementType.FLOAT32 else f"TYPE_{self.upper()}"


class Tensor(Declared):
    """One input or output of a repository entry; the batch axis is not part of `shape`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    element_type: ElementType
    shape: tuple[int, ...] = Field(min_length=1)

    @property
    def size(self) -> int:
        """Number of elements of one item of a batch."""
        return prod(self.shape)
