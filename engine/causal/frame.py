"""What is asked: two stretches of time side by side, do they differ more than usual, and what only the owner knows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from engine.arrays import Floats
from engine.business.calendar import Period
from engine.business.history import SalesHistory
from engine.causal.panel import calendar_terms
from engine.causal.regression import fit_prais_winsten, t_quantile
from engine.dataset import Frequency, step
from engine.errors import DataProblem

FEWEST_ROWS = 26
CONFIDENCE = 0.95
COUNTRIES = {"USD": "US", "GBP": "GB", "CHF": "CH", "CAD": "CA", "AUD": "AU", "NZD": "NZ", "SEK": "SE", "PLN": "PL"}
"""Country whose public holidays count where the owner names none; the euro has no single one."""


class BudgetRule(StrEnum):
    """How the spend of a channel is set."""

    UNKNOWN = "I do not know"
    PLANNED = "fixed in advance, whatever sales do"
    SHARE_OF_SALES = "as a share of sales"
    LAST_SALES = "after last period's sales"
    EXPECTED_DEMAND = "more when we expect more demand"


@dataclass(frozen=True)
class Event:
    """Something that happened once.

    Attributes:
        name: as the owner calls it.
        first: its first day.
        last: its last day.
    """

    name: str
    first: date
    last: date

    def share_of(self, start: date, frequency: Frequency) -> float:
        """The share, 0..1, of the days of the period from `start` that it covers."""
        end = step(start, frequency, 1)
        days = (min(self.last + timedelta(days=1), end) - max(self.first, start)).days
        return max(0, days) / (end - start).days


@dataclass(frozen=True)
class Answers:
    """What the owner said; each may be left open.

    Attributes:
        budget: per spend column, how it is set.
        order: columns in groups, the earliest first; a column can only move columns of later groups.
        never: pairs (from, to) that cannot be.
        surely: pairs (from, to) that the owner draws in.
        events: what happened once.
        tested: spend columns that were switched on and off as a test, by a plan made before.
        unaffected: columns that advertising cannot move, such as another branch's sales.
        country: ISO code for public holidays, or "" to go by the currency.
    """

    budget: Mapping[str, BudgetRule] = field(default_factory=dict)
    order: tuple[tuple[str, ...], ...] = ()
    never: frozenset[tuple[str, str]] = frozenset()
    surely: frozenset[tuple[str, str]] = frozenset()
    events: tuple[Event, ...] = ()
    tested: frozenset[str] = frozenset()
    unaffected: tuple[str, ...] = ()
    country: str = ""

    def rule(self, name: str) -> BudgetRule:
        """How this column is set."""
        return self.budget.get(name, BudgetRule.UNKNOWN)


@dataclass(frozen=True)
class Stretch:
    """One of the two stretches.

    Attributes:
        span: its days.
        total: the figure summed over it.
        periods: open periods that the file holds for it.
        weekend_days: Saturdays and Sundays in it.
        holidays: public holidays in it, by name; empty where none are known.
    """

    span: Period
    total: float
    periods: int
    weekend_days: int
    holidays: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Two stretches of one figure.

    Attributes:
        metric: what is counted.
        unit: of all amounts.
        period: noun for one period.
        before: the first stretch.
        after: the second.
        by_calendar: change that trend, season, weekdays and the number of open periods alone would bring.
        usual: 95 % of changes lie between these, the calendar's part included; None when the history is too short.
        cautions: what must be said with it.
    """

    metric: str
    unit: str
    period: str
    before: Stretch
    after: Stretch
    by_calendar: float
    usual: tuple[float, float] | None
    cautions: tuple[str, ...] = ()

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after.total - self.before.total

    @property
    def unusual(self) -> bool | None:
        """Whether the change lies outside of what usually happens; None when that cannot be told."""
        return None if self.usual is None else not self.usual[0] <= self.change <= self.usual[1]


def usual_spans(last: date) -> tuple[tuple[Period, Period], ...]:
    """The last full month against the month before, and against the same month a year earlier, as (before, after)."""
    opens = last.replace(day=1) if (last + timedelta(days=1)).day == 1 else step(last, Frequency.MONTHLY, -1)
    after = _month(opens)
    return (_month(step(opens, Frequency.MONTHLY, -1)), after), (_month(step(opens, Frequency.MONTHLY, -12)), after)


def compare(
    history: SalesHistory, before: Period, after: Period, *, totals: tuple[float, float], country: str = ""
) -> Comparison:
    """Put two stretches side by side and say whether they differ more than they usually would.

    The history without the second stretch is fitted by trend, year and weekdays with errors that remember; the change
    is unusual when it leaves the 95 % band around what that expects.

    Args:
        history: the figure per period.
        before: the first stretch.
        after: the second; the two must not overlap.
        totals: the figure summed over each, over the whole periods inside.
        country: ISO code for public holidays, or "" for none.

    Raises:
        DataProblem: the stretches overlap, or the file holds no period of one of them.
    """
    if before.first <= after.last and after.first <= before.last:
        raise DataProblem("The two stretches overlap", remedy="Choose two that share no day.")
    rows = {span: _rows(history, span) for span in (before, after)}
    for span, places in rows.items():
        if not len(places):
            raise DataProblem(f"The file has no {history.calendar.frequency.period} in {span}", remedy="Choose others.")
    expected, usual = _usual_change(history, rows[before], rows[after])
    cautions = _cautions(history, before, after, rows[before], rows[after])
    if country and not has_holidays(country):
        cautions += (f"No public holidays are known for the country “{country}”, so none are named here.",)
    return Comparison(
        metric=history.metric.label,
        unit=history.metric.unit,
        period=history.calendar.frequency.period,
        before=_stretch(before, totals[0], len(rows[before]), country),
        after=_stretch(after, totals[1], len(rows[after]), country),
        by_calendar=expected,
        usual=usual,
        cautions=cautions,
    )


def holidays_in(span: Period, country: str) -> tuple[str, ...]:
    """Public holidays of a country, by name, in the order of their days; none where `has_holidays` says no."""
    if not has_holidays(country):
        return ()
    from holidays import country_holidays

    by_day = country_holidays(country, years=range(span.first.year, span.last.year + 1))
    return tuple(name for day, name in sorted(by_day.items()) if day in span)


def has_holidays(country: str) -> bool:
    """True for the code of a country whose public holidays are known."""
    from holidays import list_supported_countries

    return country in list_supported_countries(include_aliases=True)


@dataclass(frozen=True)
class ChangeQuestion:
    """What the owner wants to know.

    Attributes:
        metric: key of a `Metric`.
        before: the stretch to compare with.
        after: the stretch in question.
    """

    metric: str
    before: Period
    after: Period


def _month(first: date) -> Period:
    return Period(first, step(first, Frequency.MONTHLY, 1) - timedelta(days=1))


def _rows(history: SalesHistory, span: Period) -> list[int]:
    """Positions of the periods that lie wholly in a stretch and have a value."""
    frequency, observed = history.calendar.frequency, ~np.isnan(history.values)
    return [
        place
        for place, start in enumerate(history.periods)
        if observed[place] and span.first <= start and step(start, frequency, 1) - timedelta(days=1) <= span.last
    ]


def _stretch(span: Period, total: float, periods: int, country: str) -> Stretch:
    weekend = sum(day.weekday() >= 5 for day in span.dates)
    return Stretch(span, total, periods, weekend, holidays_in(span, country))


def _usual_change(
    history: SalesHistory, before: list[int], after: list[int]
) -> tuple[float, tuple[float, float] | None]:
    """Change that the calendar expects, and where 95 % of changes would lie."""
    values = history.values
    observed = np.flatnonzero(~np.isnan(values))
    fitted = np.array([row for row in observed if row not in set(after)], dtype=int)
    terms = calendar_terms(tuple(history.periods), history.calendar.frequency)
    if len(fitted) < max(FEWEST_ROWS, terms.shape[1] + 10):
        level = float(values[before].mean())
        return level * (len(after) - len(before)), None
    line = fit_prais_winsten(terms[fitted], values[fitted])
    moved = terms[after].sum(axis=0) - terms[before].sum(axis=0)
    expected = float(moved @ line.coefficients)
    noise = line.misfit / line.degrees * _luck(before, after, line.rho)
    error = float(np.sqrt(noise + moved @ line.covariance @ moved))
    half = t_quantile(0.5 + CONFIDENCE / 2, line.degrees) * error
    return expected, (expected - half, expected + half)


def _luck(before: list[int], after: list[int], rho: float) -> float:
    """Variance of the difference of two sums of errors that remember, in units of the shocks' variance."""
    rows = np.array([*before, *after])
    signs = np.concatenate([-np.ones(len(before)), np.ones(len(after))])
    together: Floats = rho ** np.abs(np.subtract.outer(rows, rows)) / (1 - rho**2)
    return float(signs @ together @ signs)


def _cautions(
    history: SalesHistory, before: Period, after: Period, rows_before: Iterable[int], rows_after: Iterable[int]
) -> tuple[str, ...]:
    cautions = []
    counts = len(list(rows_before)), len(list(rows_after))
    noun = history.calendar.frequency.period
    if counts[0] != counts[1]:
        cautions.append(f"The first stretch has {counts[0]} open {noun}s and the second {counts[1]}.")
    if history.calendar.frequency is not Frequency.DAILY and min(before.days, after.days) < 28:
        cautions.append(f"Only whole {noun}s inside a stretch are counted.")
    return tuple(cautions)
