"""What drives the sales: what is planned ahead, what each driver did, and what another choice would do."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl

from engine import json_values
from engine.business.calendar import Period
from engine.business.history import Metric
from engine.business.model import Business
from engine.business.query import Filter, Query, run, unavailable
from engine.dataset import Frequency, in_words
from engine.forecast import Forecast
from engine.forecast.anomalies import level_shifts, outliers, shortfalls
from engine.forecast.changes import Change, ExtraEvent, PriceChange, PromotionPlan, WhatIf, change_drivers, what_if
from engine.forecast.drivers import DriverEffect, DriverKind, Drivers
from engine.forecast.drivers.choices import Holidays, SpecialEvent, Tracked
from engine.forecast.series import Series


class PlanKind(StrEnum):
    """What sort of thing the owner plans, or remembers."""

    EVENT = "event"
    PROMOTION = "promotion"
    PRICE = "price change"


@dataclass(frozen=True)
class Plan:
    """One line of the owner's own calendar.

    Attributes:
        name: in the owner's words; an event that happens again has the same name.
        kind: what it is.
        first, last: its days, both included.
        percent: of an event, what it does to sales (None: to be learnt from the past); of a price change, how much
            higher the price is. Percent, above -100.
    """

    name: str
    kind: PlanKind
    first: date
    last: date
    percent: float | None = None


@dataclass(frozen=True)
class OwnerCalendar:
    """What the owner says about the time ahead.

    Attributes:
        country: ISO 3166 code of the country whose public holidays count; "" for none.
        region: its part, as `holidays` names it; "" for the whole country.
        plans: the owner's calendar.
    """

    country: str = ""
    region: str = ""
    plans: tuple[Plan, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the store."""
        dumped: dict[str, Any] = json_values.dump(self, OwnerCalendar)
        return dumped

    @classmethod
    def from_json(cls, saved: object) -> "OwnerCalendar":
        """What the store gave back; nothing told when it gave nothing."""
        return json_values.load(saved or {}, OwnerCalendar)


EMPTY_CALENDAR = OwnerCalendar()


def drivers_for(business: Business, metric: Metric, item: str, calendar: OwnerCalendar) -> Drivers:
    """Everything known beforehand about one series: holidays, the owner's calendar, and the file's own columns."""
    tracked = [_followed(each, calendar.plans) for each in _tracked(business, metric, item)]
    return Drivers(
        holidays=Holidays(calendar.country, calendar.region) if calendar.country else None,
        events=_events(calendar.plans, {each.kind for each in tracked}),
        tracked=tuple(tracked),
    )


def _tracked(business: Business, metric: Metric, item: str) -> list[Tracked]:
    """The promotions and the price of the sales, day by day; a price only of one item, because a mean of many moves
    with what is sold."""
    if metric.key not in ("quantity", "revenue") or not business.takings.is_empty():
        return []
    one_thing = item or unavailable(business, "quantity", Query(("quantity",), by=("item",))) is not None
    where = (Filter("item", (item,)),) if item else ()
    tracked = []
    for key, kind in (("promoted", DriverKind.PROMOTION), ("unit_price", DriverKind.PRICE)):
        if unavailable(business, key) is not None or (kind is DriverKind.PRICE and not one_thing):
            continue
        days = run(business, Query((key,), by=("day",), where=where)).frame.drop_nulls(key)
        value = pl.col(key) / 100 if kind is DriverKind.PROMOTION else pl.col(key)
        header = business.header("promotion" if kind is DriverKind.PROMOTION else "price")
        tracked.append(Tracked(header, kind, dict(days.select("day", value).iter_rows())))
    return tracked


def _followed(tracked: Tracked, plans: Iterable[Plan]) -> Tracked:
    """A promotion or price with what the owner plans for it."""
    kind = PlanKind.PROMOTION if tracked.kind is DriverKind.PROMOTION else PlanKind.PRICE
    mine = [plan for plan in plans if plan.kind is kind and tracked.values]
    in_file = tracked  # every plan starts from the file, not from the plan before it
    if kind is PlanKind.PRICE and mine:
        tracked = _back_to_usual(tracked, max(plan.last for plan in mine))
    for plan in mine:
        tracked = tracked.within(Period(plan.first, plan.last), _planned(in_file, plan))
    return tracked


def _back_to_usual(price: Tracked, last: date) -> Tracked:
    """The latest price on all days up to a month after the last plan, because a price stays until another is known."""
    latest = max(price.values)
    if last <= latest:
        return price
    return price.within(Period(latest + timedelta(days=1), last + timedelta(days=31)), price.values[latest])


def _planned(tracked: Tracked, plan: Plan) -> float:
    """A promotion as large as those of the past usually were; a price above the latest one."""
    if plan.kind is PlanKind.PRICE:
        return tracked.values[max(tracked.values)] * (1 + (plan.percent or 0) / 100)
    ran = sorted(share for share in tracked.values.values() if share > 0)
    return ran[len(ran) // 2] if ran else 1.0


def _events(plans: Iterable[Plan], in_file: set[DriverKind]) -> tuple[SpecialEvent, ...]:
    """The owner's events; promotions too where the file has no column for them.

    What has one name is one event that happens again, unless different effects were typed for it.
    """
    events: dict[str, SpecialEvent] = {}
    for plan in plans:
        if plan.kind is PlanKind.PRICE or (plan.kind is PlanKind.PROMOTION and DriverKind.PROMOTION in in_file):
            continue
        span, before = Period(plan.first, plan.last), events.get(plan.name)
        if before is None:
            events[plan.name] = SpecialEvent(plan.name, (span,), plan.percent)
        elif None not in (before.percent, plan.percent) and before.percent != plan.percent:
            name = f"{plan.name}, {in_words(plan.first)} ({plan.percent:+g}%)"
            events[name] = SpecialEvent(name, (span,), plan.percent)
        else:
            percent = before.percent if plan.percent is None else plan.percent
            events[plan.name] = replace(before, spans=(*before.spans, span), percent=percent)
    return tuple(events.values())


MOST_ODD_DAYS = 12
"""So many odd periods are told, the latest ones."""


@dataclass(frozen=True)
class Lever:
    """Something that the owner can change ahead.

    Attributes:
        label: in the owner's words.
        name: of the price or promotion in the file; "" for an event of the owner's own.
        kind: what it is.
    """

    label: str
    name: str
    kind: DriverKind


def effects_table(forecast: Forecast) -> pl.DataFrame:
    """What each driver does, the best known first; empty when none plays a part."""
    noun = forecast.history.calendar.frequency.period.capitalize()
    rows = [
        {
            "What": _named(effect),
            "Effect": f"{effect.size:+,.0f}{_unit(effect)}",
            "Likely between": f"{effect.lower:+,.0f} and {effect.upper:+,.0f}{_unit(effect)}",
            f"{noun}s seen": effect.seen,
            "How we know": effect.basis,
        }
        for effect in sorted(forecast.effects.active, key=lambda effect: -effect.seen)
    ]
    return pl.DataFrame(rows)


def parts_table(forecast: Forecast) -> pl.DataFrame:
    """What the forecast's total is made of; the rows add up."""
    parts = forecast.explanation.contributions
    names = [part.name[:1].upper() + part.name[1:] for part in parts]
    unit = forecast.history.metric.unit
    totals = [round(part.total, 6) + 0.0 for part in parts]  # no -0
    label = f"In total, {unit}".rstrip(", ")
    return pl.DataFrame({"Part": [*names, "Forecast"], label: [*totals, float(forecast.point.sum())]})


def left_out(forecast: Forecast) -> list[str]:
    """What plays no part in the forecast, and why."""
    return [f"{each.name}: {each.reason}." for each in forecast.effects.left_out]


def oddities(forecast: Forecast, drivers: Drivers) -> list[str]:
    """Odd periods and lasting shifts of the past, one sentence each; none of them is taken out of the past."""
    history, effects = forecast.history, forecast.effects
    series = Series(history.values, tuple(history.periods), history.calendar.frequency, forecast.season_length)
    driver_table = drivers.table(history.calendar, series.periods, forecast.periods).at(series.periods)
    plain = Series(effects.past.remove(series.values), series.periods, series.frequency, series.season_length)
    unit = history.metric.unit
    steps = [shift.sentence(unit) for shift in level_shifts(plain)]
    return steps + [odd.sentence(unit) for odd in outliers(series, driver_table, effects.past)][-MOST_ODD_DAYS:]


def too_short(forecast: Forecast, drivers: Drivers) -> list[str]:
    """What the history is too short for, and what is done instead; similar items make up for it where they are used."""
    history = forecast.history
    if history.similar:
        return []
    length, frequency = int(np.isfinite(history.values).sum()), history.calendar.frequency
    if frequency is Frequency.DAILY:  # a year has 365 days, on however many of them the business is open
        length = 1 + (history.periods[-1] - history.periods[0]).days
    uses_drivers = bool(drivers.holidays or drivers.events or drivers.tracked)
    lacks = shortfalls(length, frequency, history.season_length, drivers=uses_drivers)
    return [each.sentence(length, frequency.period) for each in lacks]


def levers(drivers: Drivers) -> tuple[Lever, ...]:
    """What the owner can try out: the file's prices and promotions, and any event."""
    words = {DriverKind.PRICE: "Another price", DriverKind.PROMOTION: "A promotion"}
    tracked = [Lever(words[each.kind], each.name, each.kind) for each in drivers.tracked if each.kind in words]
    return (*tracked, Lever("Something else", "", DriverKind.EVENT))


def change_of(lever: Lever, span: tuple[date, date], percent: float) -> Change:
    """The change that pulling a lever means.

    Args:
        lever: what is changed.
        span: the first and the last day.
        percent: of a price, how much dearer; of an event, what it does to sales; of a promotion, no matter.
    """
    days = Period(*span)
    if lever.kind is DriverKind.PRICE:
        return PriceChange(lever.name, percent, days)
    if lever.kind is DriverKind.PROMOTION:
        return PromotionPlan(lever.name, days)
    return ExtraEvent("Your event", days, percent)


def try_out(forecast: Forecast, drivers: Drivers, change: Change) -> WhatIf:
    """The forecast as planned beside the forecast after one change.

    Raises:
        DataProblem: there is no such price or promotion.
    """
    calendar, past = forecast.history.calendar, forecast.history.periods
    change = _told_apart(change, drivers)
    changed = change_drivers(drivers, change, calendar, forecast.periods)
    table = changed.table(calendar, past, forecast.periods)
    other = forecast.effects.under(table, forecast.periods)
    unit = forecast.history.metric.unit
    return what_if(forecast.plain, forecast.effects, other, unit=unit, change=change)


def _told_apart(change: Change, drivers: Drivers) -> Change:
    """An event that is tried out must not be mistaken for something that has the same name."""
    while isinstance(change, ExtraEvent) and change.name in {event.name for event in drivers.events}:
        change = replace(change, name=f"{change.name}, tried out")
    return change


def _named(effect: DriverEffect) -> str:
    return f"{effect.name}, 10% dearer" if effect.kind is DriverKind.PRICE else effect.name


def _unit(effect: DriverEffect) -> str:
    return "%" if effect.unit == "%" else f" {effect.unit}"
