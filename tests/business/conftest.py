"""Small shops as csv files, opened on a day."""

from datetime import date, timedelta

from engine.business.model import Business
from engine.settings import Settings
from engine.workflows.files import as_one, open_business

TODAY = date(2026, 11, 30)


def opened(text: str, today: date = TODAY, name: str = "shop.csv", **more: str) -> Business:
    """The business in one file, or in several by name."""
    files = {name: text.encode()} | {f"{key}.csv": content.encode() for key, content in more.items()}
    return open_business(*as_one(files), Settings(), today=today)


def days(count: int, last: date = TODAY) -> list[date]:
    """The days up to one, the oldest first."""
    return [last - timedelta(days=k) for k in reversed(range(count))]
