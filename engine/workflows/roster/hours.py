"""Hours as owners write them: "06:30-19:30", "7 to 15", "off"."""

import re

from engine.business.clock import DAY_MINUTES, minutes_of
from engine.errors import DataProblem
from engine.scheduling import Hours
from engine.scheduling.entities import clock

ANY_TIME = Hours(0, 2 * DAY_MINUTES)
ANY_WORDS = (
    "any",
    "yes",
    "y",
    "1",
    "x",
    "all",
    "all day",
    "any time",
    "open",
    "ja",
    "j",
    "oui",
    "si",
    "sí",
    "sì",
    "sim",
)
OFF_WORDS = ("", "off", "no", "n", "0", "-", "–", "none", "free", "frei", "nein", "non", "libre", "nee", "vrij", "não")
"""How owners say that somebody can always, or never, work on a weekday."""


def hours_of(text: str) -> Hours | None:
    """When somebody can work on a weekday, from the staff table; None when they cannot.

    >>> hours_of("06:30-19:30")
    Hours(start=390, end=1170)

    Raises:
        DataProblem: the text cannot be read.
    """
    plain = text.strip().casefold()
    if plain in OFF_WORDS:
        return None
    if plain in ANY_WORDS:
        return ANY_TIME
    parts = re.split(r"\s*(?:-|–|to)\s*", plain)
    if len(parts) != 2:
        raise DataProblem(f"{text!r} is no time of day", remedy='Write it as "06:30-19:30", "any" or "off".')
    start, end = minutes_of(parts[0]), minutes_of(parts[1])
    return Hours(start, end if end > start else end + DAY_MINUTES)


def hours_text(hours: Hours | None) -> str:
    """The reverse of `hours_of`."""
    if hours is None:
        return "off"
    return "any" if hours == ANY_TIME else f"{clock(hours.start)}-{clock(hours.end)}"
