"""Why a forecast says what it says, what does not fit in its past, and what would change it."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from engine.business.calendar import Period
from engine.forecast import Forecast
from engine.forecast.anomalies import level_shifts, outliers, shortfalls
from engine.forecast.changes import Change, ExtraEvent, PriceChange, PromotionPlan, WhatIf, change_drivers, what_if
from engine.forecast.drivers import DriverEffect, DriverKind, Drivers
from engine.forecast.series import Series

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
    known = drivers.table(history.calendar, series.periods, forecast.periods).at(series.periods)
    plain = Series(effects.past.remove(series.values), series.periods, series.frequency, series.season_length)
    unit = history.metric.unit
    steps = [shift.sentence(unit) for shift in level_shifts(plain)]
    return steps + [odd.sentence(unit) for odd in outliers(series, known, effects.past)][-MOST_ODD_DAYS:]


def too_short(forecast: Forecast, drivers: Drivers) -> list[str]:
    """What the history is too short for, and what is done instead; similar items make up for it where they are used."""
    history = forecast.history
    if history.similar:
        return []
    length, frequency = int(np.isfinite(history.values).sum()), history.calendar.frequency
    asked = bool(drivers.holidays or drivers.events or drivers.tracked)
    found = shortfalls(length, frequency, history.season_length, drivers=asked)
    return [each.sentence(length, frequency.period) for each in found]


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
