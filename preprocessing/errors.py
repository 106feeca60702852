"""Errors of broken input: one branch of the family that `client/errors.py` draws."""

from specs.errors import TricorderError


class InputError(TricorderError):
    """The input cannot be read as what it claims to be. Other inputs of the same run are not affected."""

    exit_code = 3


class UnreadableFile(InputError):
    """The file system gave no bytes."""

    def __init__(self, *, cause: str) -> None:
        super().__init__(f"The file cannot be read ({cause}). Check that it exists and that you may read it.")


class NotDicom(InputError):
    """No DICOM file, or one that breaks off inside its data set."""

    def __init__(self, *, cause: str) -> None:
        super().__init__(
            f"This is not a readable DICOM file ({cause}). DICOM Part 10, PNG and JPEG files are accepted."
        )


class MissingAttribute(InputError):
    """An attribute that every image of its kind has is absent, empty, or not of its type."""

    def __init__(self, *, keyword: str) -> None:
        super().__init__(
            f"The attribute {keyword} is missing or invalid. No image of its kind is without it: the file may be "
            "cut short. Fetch or export it again."
        )


class InvalidAttribute(InputError):
    """An attribute is there, but says nothing that can be carried out."""

    def __init__(self, *, keyword: str) -> None:
        super().__init__(
            f"The attribute {keyword} has a value that DICOM does not allow, and without it the pixels would not be "
            "shown as they are meant. Correct it, or export the image again."
        )


class UnsupportedImage(InputError):
    """The pixels are of a kind that no recipe reads."""

    def __init__(self, *, what: str, accepted: str) -> None:
        super().__init__(f"This image cannot be read: {what}. Accepted: {accepted}. Export the image in such a form.")


class PixelDecode(InputError):
    """The pixel data do not decode to the image that the header declares."""

    def __init__(self, *, transfer_syntax: str, cause: str) -> None:
        super().__init__(
            f"The pixel data ({transfer_syntax}) cannot be decoded ({cause}): the file is damaged or cut short. "
            "Fetch it again from its source."
        )


class InconsistentSeries(InputError):
    """The files of one series contradict each other, so that none of them can be believed."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"This series contradicts itself: {what}. One series of one study, each image once, is accepted. Fetch it "
            "again from its source."
        )


class NoUptake(InputError):
    """An image of perfusion is dark where it is measured."""

    def __init__(self, *, state: str) -> None:
        super().__init__(
            f"The SPECT at {state} shows no uptake in the wall of the left ventricle, of which its segments are "
            "measured. Uptake in at least one segment is accepted. Check which image was sent."
        )


class ReaderLost(InputError):
    """The process that read the file ended, or had to be ended."""

    retryable = True

    def __init__(self, *, longest_s: float) -> None:
        super().__init__(
            f"The process that read this file ended before it was done, or took longer than {longest_s:g} s: the file "
            "may be damaged, or the memory too small. Score it again, with fewer --readers where memory is short."
        )


class UnreadableTable(InputError):
    """A file of patients cannot be read as a whole."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"The table cannot be read: {what}. CSV with a header (.csv), JSON lines (.jsonl) and a FHIR R4 Bundle as "
            "JSON (.json) are accepted, in UTF-8. Export it in such a form."
        )


class BrokenRecord(InputError):
    """One patient of a file cannot be read; the others can."""

    def __init__(self, *, what: str) -> None:
        super().__init__(
            f"This record cannot be read: {what}. A row with a cell for each column, or a JSON object of names and "
            "values, is accepted. Correct the table."
        )
