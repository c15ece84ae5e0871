"""The calendar of a business: its days and weeks, when it opens, and how trade would move without any chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays
import numpy as np
from numpy.typing import NDArray

from sample_data.business import AHEAD, END, START, Business, Holidays, Promotion

Floats = NDArray[np.float64]
BURN_IN = 12
"""Weeks of advertising before the first day, so that what carried over into it is known."""

_MID_MONTH = np.array([15.5, 45, 74.5, 105, 135.5, 166, 196.5, 227.5, 258, 288.5, 319, 349.5])
_YEAR = 365.0


@dataclass(frozen=True)
class Grid:
    """Whole weeks from the one that holds `START` to the one that holds the last day ahead.

    Attributes:
        days: every day of these weeks.
        weeks: the first day of each week, with `BURN_IN` weeks before those of `days`.
        week_of: per day, its index in `weeks`.
    """

    days: tuple[date, ...]
    weeks: tuple[date, ...]
    week_of: NDArray[np.int64]

    def per_week(self, daily: Floats) -> Floats:
        """Sums of a daily value by week."""
        return np.bincount(self.week_of, weights=daily, minlength=len(self.weeks)).astype(np.float64)

    def between(self, first: date, last: date) -> NDArray[np.bool_]:
        """Per day, whether it lies from `first` to `last`."""
        return np.array([first <= day <= last for day in self.days])

    def whole_weeks(self) -> list[int]:
        """Indices of the weeks that lie wholly in the history."""
        return [k for k, first in enumerate(self.weeks) if first >= START and first + timedelta(days=6) <= END]


@dataclass(frozen=True)
class Trade:
    """Relative trade per day, 1 on an average open day of the first year.

    Attributes:
        season: yearly curve with its peaks.
        regular: what the weekday, the season and the growth make of it.
        actual: the same with closures, holidays, promotions and one-off events; 0 when closed.
    """

    season: Floats
    regular: Floats
    actual: Floats


def grid_of(business: Business) -> Grid:
    """The weeks of a business, which start on its own first day of the week."""
    first = _week_start(START, business.week_start)
    end = _week_start(END + timedelta(days=AHEAD), business.week_start) + timedelta(days=7)
    days = tuple(first + timedelta(days=k) for k in range((end - first).days))
    start = first - timedelta(weeks=BURN_IN)
    weeks = tuple(start + timedelta(weeks=k) for k in range((end - start).days // 7))
    return Grid(days, weeks, np.arange(len(days)) // 7 + BURN_IN)


@cache
def public_holidays(rule: Holidays) -> Mapping[date, str]:
    """The public holidays of the period and of the weeks around it, by day."""
    years = range(START.year, END.year + 2)
    return dict(holidays.country_holidays(rule.country, subdiv=rule.subdivision, years=years, language="en_US"))


def closed_days(business: Business, grid: Grid) -> dict[date, str]:
    """The days without trade that are no regular day off, with the reason."""
    rule, found = business.holidays, {}
    names = public_holidays(rule)
    for day in grid.days:
        if not business.demand.weekday[day.weekday()]:
            continue
        if any(first <= day <= last for first, last in rule.closures):
            found[day] = "holiday closure"
        elif day in names and (rule.closed is None or names[day] in rule.closed):
            found[day] = names[day]
    return found


def season_index(business: Business, days: Sequence[date]) -> Floats:
    """The yearly curve of the whole business, with its peaks."""
    curve = monthly_curve(business.demand.months, days)
    for peak in business.demand.peaks:
        inside = np.array([peak.first <= (day.month, day.day) <= peak.last for day in days])
        curve = np.where(inside, curve * peak.factor, curve)
    return curve


def monthly_curve(months: Sequence[float], days: Sequence[date]) -> Floats:
    """Straight lines between the middles of the months, around the year."""
    of_year = np.array([day.timetuple().tm_yday for day in days], dtype=np.float64)
    return np.interp(of_year, _MID_MONTH, np.asarray(months, dtype=np.float64), period=_YEAR)


def growth(business: Business, days: Sequence[date]) -> Floats:
    """The trend, 1 on the first day."""
    years = np.array([(day - START).days / 365.25 for day in days])
    return (1.0 + business.demand.growth) ** years


def trade_of(business: Business, grid: Grid) -> Trade:
    """How trade would move, day by day, if there were neither chance nor advertising."""
    weekday = np.array([business.demand.weekday[day.weekday()] for day in grid.days])
    season = season_index(business, grid.days)
    regular = weekday * season * growth(business, grid.days)
    actual = regular * _holiday_factor(business, grid)
    for promotion in business.promotions:
        actual = np.where(grid.between(promotion.first, promotion.last), actual * promotion.traffic_lift, actual)
    odd = business.anomaly
    if odd.scope == "traffic":
        actual = np.where(grid.between(odd.first, odd.last), actual * odd.factor, actual)
    return Trade(season, regular, actual)


def promotion_share(promotions: Sequence[Promotion], weeks: Sequence[date]) -> Floats:
    """Per week, the share of its days on which any promotion runs."""

    def runs(day: date) -> bool:
        return any(promotion.first <= day <= promotion.last for promotion in promotions)

    return np.array([sum(runs(first + timedelta(days=k)) for k in range(7)) / 7 for first in weeks])


def _holiday_factor(business: Business, grid: Grid) -> Floats:
    rule, names, closed = business.holidays, public_holidays(business.holidays), closed_days(business, grid)
    factor = np.ones(len(grid.days))
    for k, day in enumerate(grid.days):
        if day in closed:
            factor[k] = 0.0
        elif day in names:
            factor[k] = rule.factor
        elif closed.get(day + timedelta(days=1), "holiday closure") != "holiday closure":
            factor[k] = rule.eve
    return factor


def _week_start(day: date, first: int) -> date:
    return day - timedelta(days=(day.weekday() - first) % 7)
