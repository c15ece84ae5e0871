"""From the forecast to the people needed: how busy each day will be, and how many people that takes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from engine.business.history import metric_named, sales_history
from engine.business.model import Business
from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.errors import DataProblem
from engine.forecast.bulk import item_matrix
from engine.forecast.items import forecast_items
from engine.scheduling.entities import DemandDriver, needs
from engine.workflows.roster.inputs import Demand, Draft

DRAWS = 500
"""Futures of each day."""
HOUR = 60
LOOK_AHEAD = 120
"""A plan may end at most so many days after the last day of sales."""
USUAL_PER_HOUR = 25.0


@dataclass(frozen=True)
class Pace:
    """How much one person of a role does.

    Attributes:
        role: the role.
        per_hour: units sold that one person serves in an hour.
        least: people who are there whenever the business is open.
    """

    role: str
    per_hour: float = USUAL_PER_HOUR
    least: int = 1


@dataclass(frozen=True)
class Slot:
    """One hour of an open day (minutes after midnight) and its share of the day's units, percent."""

    start: int
    end: int
    share: float


def demand_ahead(business: Business, last: date) -> DemandDistribution:
    """All units of each day from the end of the sales to a day, as joint paths.

    Raises:
        MissingColumn: the sales have no quantity.
        DataProblem: they are not daily, too short, or end too long before that day.
    """
    history = sales_history(business, metric_named(business, "quantity"))
    if history.calendar.frequency is not Frequency.DAILY:
        raise DataProblem("Your sales are not by day", remedy="Type in how many people are needed instead.")
    rows = history.frame.select("item", "value", day="period").drop_nulls("value")
    latest = history.periods[-1]
    if not 0 < (last - latest).days <= LOOK_AHEAD:
        text = f"The plan ends on {last:%d.%m.%Y}, and your sales end on {latest:%d.%m.%Y}"
        raise DataProblem(text, remedy=f"Plan at most {LOOK_AHEAD} days after your last day of sales.")
    matrix = item_matrix(rows, (last - latest).days)
    season = matrix.calendar.season_length
    forecasts = forecast_items(
        matrix.values, horizon=len(matrix.ahead), season_length=season, covariates=matrix.covariates
    )
    paths = forecasts.paths(0, draws=DRAWS, rng=np.random.default_rng(0))
    return DemandDistribution("", "units", Frequency.DAILY, matrix.ahead, paths)


def from_forecast(
    draft: Draft, demand: DemandDistribution, paces: Iterable[Pace], slots: Sequence[Slot], *, enough_on: float
) -> Draft:
    """The draft with the people that the forecast asks for on each of its days; a closed day needs nobody.

    Args:
        draft: whose days are planned; what it says about roles without a pace stays.
        demand: units of each day ahead.
        paces: how much one person does.
        slots: how a day's units spread over its hours; the shares are made to add up to 100.
        enough_on: share (0..1) of all days that could come on which the people are enough.

    Raises:
        DataProblem: a pace is not above zero, or there is no share.
    """
    total = sum(slot.share for slot in slots)
    if total <= 0 or any(slot.share < 0 for slot in slots):
        text = "The shares of the day say nothing"
        raise DataProblem(text, remedy="Give each hour its share of the day, in percent.")
    shares = tuple(slot.share / total for slot in slots)
    planned = {*draft.days}
    dated: list[Demand] = []
    for pace in paces:
        if not pace.per_hour > 0:
            text = f"How much one person serves in an hour is missing for {pace.role or 'the team'}"
            raise DataProblem(text, remedy="Give a number above zero.")
        driver = DemandDriver(pace.role, pace.per_hour, slots[0].start, HOUR, shares, pace.least)
        dated += [
            Demand(need.day.weekday(), need.start, need.end, need.role, need.least, need.day)
            for need in needs(demand, driver, enough_on=enough_on)
            if need.day in planned
        ]
    rated = {need.role for need in dated}
    kept = (need for need in draft.needs if need.day is None or need.role not in rated)
    return replace(draft, needs=(*kept, *dated, *_closed(draft, demand, rated)))


def _closed(draft: Draft, demand: DemandDistribution, roles: Iterable[str]) -> Iterator[Demand]:
    """A need of nobody on days that are not open, which overrules the usual weekday."""
    open_days = {*demand.periods}
    for day in draft.days:
        if day not in open_days:
            yield from (Demand(day.weekday(), 0, 24 * 60, role, 0, day) for role in roles)


def usual_week(draft: Draft) -> Draft:
    """The draft with the typed-in week again, instead of the forecast's days."""
    return replace(draft, needs=tuple(need for need in draft.needs if need.day is None))


def paces_from(draft: Draft, demand: DemandDistribution, *, enough_on: float) -> tuple[Pace, ...]:
    """The pace at which the forecast asks for as many hours in the first week as are typed in for a usual week."""
    slots = slots_from(draft)
    shares = np.array([slot.share for slot in slots]) / 100
    week = {*draft.days[:7]}
    days = [each for day, each in zip(demand.periods, demand.quantile(enough_on), strict=True) if day in week]
    busy = np.outer(days, shares)
    found = []
    for role in dict.fromkeys(need.role for need in draft.needs if need.day is None):
        hours = sum(n.people * (n.end - n.start) / HOUR for n in draft.needs if n.role == role and n.day is None)
        found.append(Pace(role, _pace(busy, hours) if busy.sum() > 0 and hours > 0 else USUAL_PER_HOUR))
    return tuple(found)


def _pace(busy: NDArray[np.float64], hours: float) -> float:
    """Units per person and hour at which these hours of work are asked for, to one decimal."""
    slow, fast = 0.1, float(busy.max()) + 1.0
    for _ in range(40):
        middle = (slow + fast) / 2
        asked = np.maximum(1, np.ceil(busy / middle)).sum()
        slow, fast = (middle, fast) if asked > hours else (slow, middle)
    return max(0.1, round(fast, 1))


def slots_from(draft: Draft) -> tuple[Slot, ...]:
    """How a day spreads over its hours, by the people that are typed in for a usual week."""
    usual = [need for need in draft.needs if need.day is None and need.people > 0]
    opens, closes = min((n.start for n in usual), default=9 * HOUR), max((n.end for n in usual), default=18 * HOUR)
    starts = range(opens // HOUR * HOUR, closes, HOUR)
    there = [sum(n.people * max(0, min(n.end, s + HOUR) - max(n.start, s)) for n in usual) for s in starts]
    total = sum(there) or 1
    return tuple(Slot(s, s + HOUR, round(100 * each / total, 1)) for s, each in zip(starts, there, strict=True))
