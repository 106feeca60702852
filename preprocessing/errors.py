"""Errors of broken input: one branch of the family that `client/errors.py` draws."""

from specs.errors import TricorderError


class InputError(TricorderError):
    """The input cannot be read as what it claims to be. Other inputs of the same run are not affected."""

    exit_code = 3


class UnreadableFile(InputError):
    """The file system gave no bytes."""

    def __init__(self, *, cause: str) -> None:
        super().__init__(f"the file cannot be read ({cause}); check that it exists and that you may read it")


class NotDicom(InputError):
    """No DICOM file, or one that breaks off inside its data set."""

    def __init__(self, *, cause: str) -> None:
        super().__init__(f"not a readable DICOM file ({cause}); a DICOM Part 10 file is accepted")


class MissingAttribute(InputError):
    """An attribute that the input needs is absent, empty, or not of its type."""

    def __init__(self, *, keyword: str) -> None:
        super().__init__(
            f"the attribute {keyword} is missing or invalid; it is required to read the pixels; export the image again"
        )


class UnsupportedImage(InputError):
    """The pixels are of a kind that no recipe reads."""

    def __init__(self, *, what: str, accepted: str) -> None:
        super().__init__(f"{what} is not supported; accepted: {accepted}; export the image in such a form")


class PixelDecode(InputError):
    """The pixel data do not decode to the image that the header declares."""

    def __init__(self, *, transfer_syntax: str, cause: str) -> None:
        super().__init__(
            f"the pixel data ({transfer_syntax}) cannot be decoded ({cause}); the file is damaged or cut short; "
            "fetch it again from its source"
        )
