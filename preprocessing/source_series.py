"""Which series each of the two volumes of an input comes from: a result names them."""

from specs.declared import Declared


class SourceSeries(Declared):
    """The series of one volume.

    `volume` is its state or time in a word, such as stress or early; the UID is None where the series has none.
    """

    volume: str
    series_instance_uid: str | None
