"""Which inputs a recipe accepts. "Not eligible, because ..." is a value with reasons, never an error."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from preprocessing.identity import Identity
from specs.recipe import FrontalChestRadiograph, Policy

_SHOWABLE = re.compile(r"[A-Za-z0-9 _./\\+-]{1,24}")
"""Header words that may stand in a reason: code strings, not free text that might name a patient."""


@dataclass(frozen=True, kw_only=True)
class NotEligible:
    """A correct refusal: the input is sound, but not one that the recipe may score."""

    identity: Identity
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """All reasons in one line."""
        return "; ".join(self.reasons)


def chest_radiograph_reasons(ds: Dataset, recipe: FrontalChestRadiograph) -> tuple[str, ...]:
    """Say from the header alone why a recipe refuses a data set; empty where it does not.

    Source:
        Attributes of PS3.3 C.7.3.1 (General Series), C.7.6.1 (General Image), C.8.1.1 (CR Series) and C.8.11
        (DX). Which values are accepted: the recipe.
    """
    return tuple(_header_reasons(ds, recipe))


def _header_reasons(ds: Dataset, recipe: FrontalChestRadiograph) -> Iterator[str]:
    modality = word(ds, "Modality")
    if modality not in recipe.modalities:
        yield f"modality is {_shown(modality)}, not {_any_of(recipe.modalities)}"
    body_part = word(ds, "BodyPartExamined")
    if not body_part and recipe.unknown_body_part is Policy.REFUSE:
        yield "body part is not stated"
    if body_part and re.sub(r"[ _-]", "", body_part) not in recipe.body_parts:
        yield f"body part is {_shown(body_part)}, not {_any_of(recipe.body_parts)}"
    yield from _view_reasons(ds, recipe)
    if word(ds, "BurnedInAnnotation") == "YES" and recipe.burned_in_annotation is Policy.REFUSE:
        yield "burned-in annotation is YES: the pixels may name the patient"
    yield from _matrix_reasons(ds, recipe)


def _view_reasons(ds: Dataset, recipe: FrontalChestRadiograph) -> Iterator[str]:
    view = word(ds, "ViewPosition")
    if not view and recipe.unknown_view_position is Policy.REFUSE:
        yield "view position is not stated"
    if view and view not in recipe.view_positions:
        yield f"view position is {_shown(view)}, not {_any_of(recipe.view_positions)}"


def _matrix_reasons(ds: Dataset, recipe: FrontalChestRadiograph) -> Iterator[str]:
    frames = whole_number(ds, "NumberOfFrames")
    if frames is not None and frames != 1:
        yield f"it has {frames} frames, not one"
    samples = whole_number(ds, "SamplesPerPixel")
    if samples is not None and samples != 1:
        yield f"it has {samples} samples a pixel, not one gray value"
    rows, columns = whole_number(ds, "Rows"), whole_number(ds, "Columns")
    if rows is None or columns is None:
        return
    least_rows, least_columns = recipe.smallest_matrix
    if rows < least_rows or columns < least_columns:
        yield f"the matrix is {rows} x {columns}, smaller than {least_rows} x {least_columns}"
    if rows * columns > recipe.largest_matrix_pixels:
        yield f"the matrix is {rows} x {columns}, more than {recipe.largest_matrix_pixels} pixels"


def word(ds: Dataset, keyword: str) -> str:
    """Return a code string in upper case without outer spaces; empty where absent; several values in one string."""
    value = ds.get(keyword)
    if value is None:
        return ""
    values = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    return "\\".join(str(item).strip().upper() for item in values)


def whole_number(ds: Dataset, keyword: str) -> int | None:
    """Return an attribute as a whole number; None where it is absent or is not one."""
    value = ds.get(keyword)
    return int(value) if isinstance(value, int) else None


def _shown(value: str) -> str:
    if not value:
        return "not stated"
    return value if _SHOWABLE.fullmatch(value) else "a value that is not a code string"


def _any_of(accepted: tuple[str, ...]) -> str:
    return " or ".join(accepted)
