"""What every declaration shares: frozen, closed, and with one canonical text."""

import hashlib
import json
from typing import Self

from pydantic import BaseModel, ConfigDict


class Declared(BaseModel):
    """A frozen record that refuses unknown fields and non-finite numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, ser_json_inf_nan="constants")

    def canonical_json(self) -> str:
        """Return the one JSON text of this record: sorted keys, no white space.

        Every field is present but those that declare to be left out where they are None.
        """
        return json.dumps(
            self.model_dump(mode="json"),
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
        )

    def sha256(self) -> str:
        """Return the SHA-256 of the canonical JSON in UTF-8, as 64 lower-case hexadecimal digits."""
        return hashlib.sha256(self.canonical_json().encode("utf-8")).hexdigest()

    def readable_json(self) -> str:
        """Return the record as indented JSON for a file that people read, with a final line feed."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a record from JSON.

        Raises:
            pydantic.ValidationError: a field is missing, unknown, of another type, or out of its range.
        """
        return cls.model_validate_json(text)
