"""Times of day and weekdays as owners write them."""

import re
from functools import cache

from engine.errors import DataProblem

DAY_MINUTES = 24 * 60
LOCALES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
"""Languages of month and weekday names; the first ones win where two languages share a name."""


def minutes_of(text: str) -> int:
    """A time of day in minutes after midnight: "7:30", "07.30", "7", "7:30 pm".

    Raises:
        DataProblem: the text cannot be read.
    """
    parts = re.fullmatch(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})?\s*(am|pm)?", text.strip().casefold())
    hour, minute = (int(parts[1]), int(parts[2] or 0)) if parts else (99, 0)
    if parts and parts[3]:
        hour = hour % 12 + 12 * (parts[3] == "pm")
    if not (hour < 24 and minute < 60) and (hour, minute) != (24, 0):
        raise DataProblem(f"{text!r} is no time of day", remedy='Write it as "06:30".')
    return 60 * hour + minute


def weekday_of(name: str) -> int | None:
    """The weekday that a text names, Monday = 0, or None: "Mon", "monday", "Montag", "lun."."""
    return _weekdays().get(name.strip().casefold().rstrip("."))


@cache
def _weekdays() -> dict[str, int]:
    from babel.dates import get_day_names

    return {
        name.casefold().rstrip("."): number
        for locale in reversed(LOCALES)
        for width in ("wide", "abbreviated")
        for number, name in get_day_names(width, context="stand-alone", locale=locale).items()
    }
