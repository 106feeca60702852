"""Every error that Tricorder raises on purpose, and the exit code of each.

    TricorderError                 1
    ├── InputError                 3   (preprocessing/errors.py)
    │   ├── UnreadableFile
    │   ├── NotDicom
    │   ├── MissingAttribute
    │   ├── InvalidAttribute
    │   ├── UnsupportedImage
    │   ├── PixelDecode
    │   ├── InconsistentSeries
    │   ├── NoUptake
    │   ├── ReaderLost                 retryable
    │   ├── UnreadableTable
    │   ├── BrokenRecord
    │   ├── NoModelForInput            (here)
    │   └── NamedSeriesMissing         (here)
    ├── OutputError                4
    ├── ServerError                5
    │   ├── DeadlineExceeded           retryable
    │   ├── ServerUnavailable          retryable
    │   ├── ModelNotFound
    │   ├── NothingServed
    │   └── RequestRejected
    ├── ServerStartError           5   (serving/errors.py)
    ├── ContractError              6
    ├── DeliveryError              7
    ├── DataSetError               8   (training/datasets/errors.py)
    ├── TrainingError              8   (training/errors.py)
    ├── ExportError                8   (export/errors.py)
    ├── EvaluationError            8   (evaluation/errors.py)
    ├── BenchmarkError             8   (benchmarks/errors.py)
    └── UnexpectedFailure          9   (specs/errors.py)

The larger the exit code, the graver: `EXIT_CODES` says so for `--help`. Each class takes facts and writes its own
sentence; `tests/golden/messages.txt` holds them all.
"""

from preprocessing.errors import (
    BrokenRecord,
    InconsistentSeries,
    InputError,
    InvalidAttribute,
    MissingAttribute,
    NotDicom,
    NoUptake,
    PixelDecode,
    ReaderLost,
    UnreadableFile,
    UnreadableTable,
    UnsupportedImage,
)
from specs.errors import TricorderError, UnexpectedFailure

__all__ = [
    "EXIT_CODES",
    "INTERRUPTED_EXIT_CODE",
    "BrokenRecord",
    "ContractError",
    "DeadlineExceeded",
    "DeliveryError",
    "InconsistentSeries",
    "InputError",
    "InvalidAttribute",
    "MissingAttribute",
    "ModelNotFound",
    "NamedSeriesMissing",
    "NoModelForInput",
    "NoUptake",
    "NotDicom",
    "NothingServed",
    "OutputError",
    "PixelDecode",
    "ReaderLost",
    "RequestRejected",
    "ServerError",
    "ServerUnavailable",
    "TricorderError",
    "UnexpectedFailure",
    "UnreadableFile",
    "UnreadableTable",
    "UnsupportedImage",
]

INTERRUPTED_EXIT_CODE = 130

EXIT_CODES = {
    0: "every input was scored or not eligible",
    2: "the command line is wrong",
    3: "an input could not be read, or no model takes it",
    4: "a model gave an answer outside its declared range",
    5: "the server failed, could not be reached or could not start",
    6: "the server's contract cannot be used",
    7: "results could not be written",
    8: "a model could not be trained, exported or measured",
    9: "an unexpected error: please report it",
    INTERRUPTED_EXIT_CODE: "interrupted; what was finished was printed",
}
"""What the exit codes mean. Where inputs fail in several ways, the largest is returned."""


class NoModelForInput(InputError):
    """What was named is of a kind that none of the models takes."""

    def __init__(self, *, kind: str, models: tuple[str, ...]) -> None:
        super().__init__(
            f"None of the models takes {kind}: they were left out. Used: {', '.join(models)}. "
            "Name a model that takes them with --model, or a repository or server that has one."
        )


class NamedSeriesMissing(InputError):
    """A series that a person named is in none of the inputs of the run: nothing is scored."""

    def __init__(self, *, places: tuple[int, ...], named: int) -> None:
        which = " and ".join(str(place) for place in places)
        super().__init__(
            f"Of {named} series that --role names, in none of the inputs: number {which}. Nothing was scored. Name "
            "the Series Instance UID (0020,000E) of a series of the studies, or leave the option out."
        )


class OutputError(TricorderError):
    """The model's answer breaks its contract; it is never shown as a result."""

    exit_code = 4

    def __init__(self, *, tensor: str, what: str, accepted: str) -> None:
        super().__init__(
            f"The model's output {tensor} is {what}; accepted: {accepted}. The answer is withheld. "
            "Check the model's weights."
        )


class ServerError(TricorderError):
    """The server did not answer a sound request."""

    exit_code = 5


class DeadlineExceeded(ServerError):
    """No answer in time."""

    retryable = True

    def __init__(self, *, deadline_s: float) -> None:
        super().__init__(
            f"The server gave no answer within {deadline_s:g} s. Raise --deadline, or lower the load on the server."
        )


class ServerUnavailable(ServerError):
    """Nobody answers at the address, or the server is stopping or too busy."""

    retryable = True

    def __init__(self, *, address: str, code: str) -> None:
        super().__init__(
            f"The server at {address} is not available ({code}). Start one with `tricorder serve`, "
            "name another with --server, or score without one: --in-process."
        )


class ModelNotFound(ServerError):
    """The server does not serve the model."""

    def __init__(self, *, model: str, served: tuple[str, ...] = ()) -> None:
        offer = f"Served: {', '.join(served)}." if served else "`tricorder models` lists what is served."
        super().__init__(f"The model {model} is not served. {offer}")


class NothingServed(ServerError):
    """There is no model to work with."""

    def __init__(self) -> None:
        super().__init__(
            "No model is served. Export one into the model repository, or name a repository or server that has one."
        )


class RequestRejected(ServerError):
    """The server refused a request or failed on it."""

    def __init__(self, *, model: str, code: str) -> None:
        super().__init__(
            f"The server rejected the request to {model or 'it'} ({code}). Check that client and server are of one "
            "version and that you may use it; the server's log says more."
        )


class ContractError(TricorderError):
    """What the server says of a model cannot be relied on."""

    exit_code = 6

    def __init__(self, *, model: str, what: str) -> None:
        super().__init__(
            f"The contract of {model} cannot be used: {what}. A contract written by this version's "
            "`tricorder export` is accepted. Export the model again, or use a client of the server's version."
        )


class DeliveryError(TricorderError):
    """Results could not be written where they were wanted."""

    exit_code = 7

    def __init__(self, *, what: str, cause: str) -> None:
        super().__init__(f"{what} cannot be written ({cause}). Choose another place for --out, or free some space.")
