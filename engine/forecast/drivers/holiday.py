"""Public holidays by country and region; the one home of the library `holidays`."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from engine.errors import DataProblem


@dataclass(frozen=True)
class Holidays:
    """Whose holidays count.

    Attributes:
        country: ISO 3166 code of two letters: "DE".
        region: code of the state or province ("BY"), or "" for what all of the country shares.
        before: days before each holiday that may sell differently, >= 0.
        after: days after each holiday, >= 0.
        customs: with days that are no public holiday but shop tills know, where the country's list has them: Mother's
            Day, Halloween.
    """

    country: str
    region: str = ""
    before: int = 1
    after: int = 1
    customs: bool = True


def countries() -> Mapping[str, tuple[str, ...]]:
    """Every country whose holidays are known, with its regions."""
    import holidays

    return {code: tuple(regions) for code, regions in holidays.list_supported_countries(include_aliases=False).items()}


def holiday_days(choice: Holidays, first: date, last: date) -> Mapping[str, tuple[date, ...]]:
    """The days of each holiday from `first` to `last`, by name; neighbours carry names like "day before Easter Monday".

    A neighbouring day that is a holiday itself counts as that holiday alone.

    Args:
        choice: the country, its region, and how many days around a holiday count, days.
        first: the first day.
        last: the last day, included.

    Raises:
        DataProblem: the country or the region is unknown.
    """
    margin = timedelta(days=max(choice.before, choice.after))
    proper = _named(choice, tuple(range((first - margin).year, (last + margin).year + 1)))
    proper_dates = {day for days in proper.values() for day in days}
    dates_by_name: dict[str, set[date]] = defaultdict(set)
    for name, days in proper.items():
        dates_by_name[name].update(days)
        for offset in (*range(-choice.before, 0), *range(1, choice.after + 1)):
            near = {day + timedelta(days=offset) for day in days} - proper_dates
            dates_by_name[_neighbour(name, offset)].update(near)
    within = {name: tuple(sorted(day for day in days if first <= day <= last)) for name, days in dates_by_name.items()}
    return {name: days for name, days in within.items() if days}


def _neighbour(name: str, offset: int) -> str:
    side = "before" if offset < 0 else "after"
    return f"day {side} {name}" if abs(offset) == 1 else f"{abs(offset)} days {side} {name}"


@lru_cache(maxsize=64)
def _named(choice: Holidays, years: tuple[int, ...]) -> Mapping[str, tuple[date, ...]]:
    import holidays

    country = choice.country.upper()
    countries = holidays.list_supported_countries(include_aliases=True)
    if country not in countries:
        raise DataProblem(f"No holidays are known for the country “{choice.country}”", remedy="Use a code such as DE.")
    if choice.region and choice.region not in countries[country]:
        regions = ", ".join(countries[country]) or "none"
        raise DataProblem(f"{country} has no region “{choice.region}”", remedy=f"Choose one of: {regions}.")
    empty = holidays.country_holidays(country)
    kinds = {"public", "unofficial"} if choice.customs else {"public"}
    categories = tuple(sorted(kinds & set(empty.supported_categories))) or empty.supported_categories
    calendar = holidays.country_holidays(country, subdiv=choice.region or None, years=years, categories=categories)
    days: dict[str, set[date]] = defaultdict(set)
    for day in calendar:
        for name in calendar.get_list(day):
            days[name].add(day)
    return {name: tuple(sorted(dates)) for name, dates in days.items()}
