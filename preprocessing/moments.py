"""Dates and times of a header as moments, in the local time of the data set."""

from datetime import datetime, time, timedelta, timezone

from pydicom.dataset import Dataset
from pydicom.valuerep import DA, DT, TM

from preprocessing.attributes import texts


def time_of(ds: Dataset, keyword: str) -> time | None:
    """Return a time of day; None where the attribute is absent or no time."""
    try:
        found = TM(*texts(ds, keyword))
    except (TypeError, ValueError):
        return None
    return None if found is None else time(found.hour, found.minute, found.second, found.microsecond)


def moment_of(ds: Dataset, date_keyword: str, time_keyword: str) -> datetime | None:
    """Return the moment of a date and a time attribute; None where either is absent or no date or time."""
    clock = time_of(ds, time_keyword)
    try:
        date = DA(*texts(ds, date_keyword))
    except (TypeError, ValueError):
        return None
    return None if date is None or clock is None else datetime.combine(date, clock)


def moment_in(text: str, *, zone: timezone | None = None) -> datetime | None:
    """Return the moment that a DT value (PS3.5 6.2) states, in the given zone where it names one itself.

    None where it is no date and time, stops before the minute, or names a zone while none is given: how far that is
    from the local times of the data set is not known.
    """
    if len(text.strip().split("+")[0].split("-")[0].split(".")[0]) < len("YYYYMMDDHHMM"):
        return None
    try:
        moment = DT(text.strip())
    except (TypeError, ValueError):
        return None
    if moment is None or (moment.tzinfo is not None and zone is None):
        return None
    plain = datetime(*moment.timetuple()[:6], microsecond=moment.microsecond, tzinfo=moment.tzinfo)
    return plain if moment.tzinfo is None else plain.astimezone(zone).replace(tzinfo=None)


def last_at(clock: time, *, until: datetime) -> datetime:
    """Return the last moment at or before another one at which a clock showed a time: less than a day before it.

    So is an injection that has no date taken to have been: on the day of its scan or, over midnight, the day before.
    """
    moment = datetime.combine(until.date(), clock)
    return moment if moment <= until else moment - timedelta(days=1)


def zone_of(ds: Dataset) -> timezone | None:
    """Return the time zone of a data set: Timezone Offset From UTC (0008,0201), "+0900"; None where not stated."""
    text = "".join(texts(ds, "TimezoneOffsetFromUTC")).strip()
    if len(text) != 5 or text[0] not in "+-" or not text[1:].isdigit():
        return None
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
    return timezone(offset if text[0] == "+" else -offset) if offset < timedelta(hours=24) else None
