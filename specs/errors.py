"""The root of every error that Tricorder raises on purpose.

The family is drawn in `client/errors.py`. Its root stands here because the folders below the client
(preprocessing, serving) raise members of it and may not import the client.
"""

from typing import ClassVar


class TricorderError(Exception):
    """An expected failure with a sentence for a person and a status for a program.

    A subclass takes facts as keyword arguments and writes its own sentence: what is wrong; what is
    accepted; what to do. The sentence never holds patient data or a file path.
    """

    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1
