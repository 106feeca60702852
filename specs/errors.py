"""The root of every error that Tricorder raises on purpose.

The family is drawn in `client/errors.py`. Its root stands here because the folders below the client
(preprocessing, serving) raise members of it and may not import the client.
"""

from typing import ClassVar, Self


class TricorderError(Exception):
    """An expected failure with a sentence for a person and a status for a program.

    A subclass takes facts as keyword arguments and writes its own sentence: what is wrong; what is
    accepted; what to do. The sentence never holds patient data or a file path.
    """

    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes as the finished sentence: Python would call the class with it instead of facts."""
        return _written, (type(self), self.args), self.__dict__


def _written(kind: type[TricorderError], args: tuple[object, ...]) -> TricorderError:
    return kind.__new__(kind, *args)


class UnexpectedFailure(TricorderError):
    """A bug: named by its kind and place, without its message, which may quote an input."""

    exit_code = 9

    def __init__(self, *, kind: str, place: str) -> None:
        super().__init__(f"Unexpected {kind} at {place}. This is a fault of Tricorder: please report it.")

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """Name an exception by its class and the line that raised it."""
        trace, place = error.__traceback__, "an unknown place"
        while trace is not None:
            place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
            trace = trace.tb_next
        return cls(kind=type(error).__name__, place=place)
