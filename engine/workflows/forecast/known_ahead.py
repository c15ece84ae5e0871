"""What the owner tells us about the time ahead, and what the file itself says about promotions and prices."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import polars as pl

from engine import json_values
from engine.business.calendar import Period
from engine.business.history import Metric
from engine.business.model import Business
from engine.business.query import Filter, Query, run, unavailable
from engine.dataset import in_words
from engine.forecast.drivers.choices import Drivers, Holidays, SpecialEvent, Tracked
from engine.forecast.drivers.effects import DriverKind


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
class Told:
    """What the owner has told us.

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
        dumped: dict[str, Any] = json_values.dump(self, Told)
        return dumped

    @classmethod
    def from_json(cls, kept: object) -> "Told":
        """What the store gave back; nothing told when it gave nothing."""
        return json_values.load(kept or {}, Told)


NOTHING_TOLD = Told()


def drivers_for(business: Business, metric: Metric, item: str, told: Told) -> Drivers:
    """Everything known beforehand about one series: holidays, the owner's calendar, and the file's own columns."""
    tracked = [_followed(each, told.plans) for each in _tracked(business, metric, item)]
    return Drivers(
        holidays=Holidays(told.country, told.region) if told.country else None,
        events=_events(told.plans, {each.kind for each in tracked}),
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
    wanted = PlanKind.PROMOTION if tracked.kind is DriverKind.PROMOTION else PlanKind.PRICE
    mine = [plan for plan in plans if plan.kind is wanted and tracked.values]
    known = tracked  # every plan starts from the file, not from the plan before it
    if wanted is PlanKind.PRICE and mine:
        tracked = _back_to_usual(tracked, max(plan.last for plan in mine))
    for plan in mine:
        tracked = tracked.within(Period(plan.first, plan.last), _planned(known, plan))
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
