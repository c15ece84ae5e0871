"""What there is to say about a made-up business: plain facts, from which everything else is computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

START = date(2024, 9, 1)
END = date(2026, 10, 31)
AHEAD = 28
"""Days after `END` for which the true mean is known too."""


@dataclass(frozen=True)
class Item:
    """One thing that is sold.

    Attributes:
        cost: currency per unit.
        price: currency per unit, on the first day.
        daily: mean units on an average open day when nothing else is going on and no advertising runs.
        lead_days: days from order to delivery.
        volume: in the business's volume unit, per unit.
        pack: units per case.
        minimum: smallest order, in units.
        shelf_life: days, or None when it keeps.
        dispersion: of its own, where it differs from the business's.
    """

    name: str
    category: str
    cost: float
    price: float
    daily: float
    supplier: str
    lead_days: int
    volume: float
    pack: int
    minimum: int
    shelf_life: int | None = None
    dispersion: float | None = None


@dataclass(frozen=True)
class Channel:
    """One way of advertising, and its true effect.

    With weekly spend x, the carried-over spend is a(t) = (1 - decay) x(t) + decay a(t-1), in currency per week; it
    brings `max_visits` * a**slope / (a**slope + half**slope) visits a week.

    Attributes:
        spend: usual currency per week.
        season_pull: power of the season index that the budget follows; 0 is a budget blind to the season.
        promotion_push: the budget is multiplied by this in a week full of promotion days.
        price_push: the budget is multiplied by this from the price change on.
        noise: log standard deviation of the weekly budget.
        pauses: first and last day of each planned pause; a week that starts in one has no spend.
    """

    name: str
    spend: float
    decay: float
    max_visits: float
    half: float
    slope: float
    season_pull: float = 0.6
    promotion_push: float = 1.25
    price_push: float = 1.0
    noise: float = 0.4
    pauses: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True)
class Promotion:
    """A promotion of the items whose name or category is `scope` (all when empty).

    Attributes:
        discount: share of the list price, 0..1.
        lift: units are multiplied by this, on top of what the lower price does by the elasticity.
        traffic_lift: visits of the whole business are multiplied by this on each day of the promotion.
    """

    name: str
    first: date
    last: date
    scope: str
    discount: float
    lift: float
    traffic_lift: float = 1.0


@dataclass(frozen=True)
class PriceChange:
    """From `day` on, the list price of `item` is `new`."""

    day: date
    item: str
    new: float


@dataclass(frozen=True)
class Anomaly:
    """Something that happened once.

    Attributes:
        scope: "traffic" (visits of the whole business), "sales" (all items, visits unchanged), or a category.
        factor: the mean is multiplied by this from `first` to `last`.
    """

    name: str
    first: date
    last: date
    scope: str
    factor: float


@dataclass(frozen=True)
class Peak:
    """A part of each year, from (month, day) to (month, day), in which trade is multiplied by `factor`."""

    name: str
    first: tuple[int, int]
    last: tuple[int, int]
    factor: float


@dataclass(frozen=True)
class Holidays:
    """How public holidays are kept.

    Attributes:
        country: ISO code; `subdivision` as the holidays library knows it.
        closed: names of the holidays on which the business closes; None for all of them.
        factor: trade on public holidays when open.
        eve: trade on the last open day before a closed holiday.
        closures: first and last day of each holiday closure.
    """

    country: str
    subdivision: str | None
    closed: tuple[str, ...] | None = None
    factor: float = 1.0
    eve: float = 1.0
    closures: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True)
class Noise:
    """How much chance there is.

    Attributes:
        traffic: log standard deviation of weekly visits, the same for the whole week.
        leads: log standard deviation of the weekly rate of leads per visit.
        day: log standard deviation of a shock that all items of one day share.
        dispersion: alpha of the negative binomial, variance = mean + alpha * mean**2.
    """

    traffic: float
    leads: float
    day: float
    dispersion: float


@dataclass(frozen=True)
class Demand:
    """The demand that the business meets.

    Attributes:
        weekday: factor per weekday from Monday; 0 is closed.
        months: factor in the middle of each month from January, straight lines between.
        growth: per year, 0.05 is 5 %.
        visits: mean visits on an average open day without advertising.
        lead_rate: leads per visit, or None where visits turn into sales directly.
        elasticity: of units with respect to the price paid.
        category_months: factors like `months` for the items of one category, on top of `months`.
    """

    weekday: tuple[float, ...]
    months: tuple[float, ...]
    growth: float
    visits: float
    lead_rate: float | None
    elasticity: float
    peaks: tuple[Peak, ...] = ()
    category_months: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Employee:
    """One person, by role and number.

    Attributes:
        rate: currency per hour.
        max_hours: most hours in a week; `min_hours` the least.
        available: per weekday from Monday, "07:00-15:00" or "" for not at all.
        also: a second role that this person can do.
        prefers: a wish, in words.
    """

    name: str
    role: str
    rate: float
    max_hours: float
    min_hours: float
    available: tuple[str, ...]
    also: str = ""
    prefers: str = ""


@dataclass(frozen=True)
class Need:
    """People needed in one role on some weekdays (0 = Monday) from `start` to `end` (whole hours)."""

    role: str
    weekdays: tuple[int, ...]
    start: int
    end: int
    people: int


@dataclass(frozen=True)
class RushHours:
    """People needed as they follow from the demand: so many units per hour and person, and never fewer than `least`.

    Attributes:
        hours: the share of a day's units that falls into each hour, from `opens` on.
        units_per_person: per role, units that one person serves in an hour.
        least: per role, people needed in any open slot.
    """

    opens: int
    hours: tuple[float, ...]
    units_per_person: Mapping[str, float]
    least: Mapping[str, int]


@dataclass(frozen=True)
class TimeOff:
    """Days on which somebody is away ("holiday") or would like to be ("request": high, medium or low)."""

    employee: str
    first: date
    last: date
    kind: str
    importance: str


@dataclass(frozen=True)
class Staffing:
    """Who works here and how many are needed.

    Attributes:
        slot_minutes: length of one slot of the coverage sheet.
        availability: "windows" (one column per weekday with times), "yes/no" (the same without times) or "text".
        overtime: factor on the rate beyond `max_hours`; 0 when the sheet does not say.
        shifts: name, start, end, unpaid break in minutes.
    """

    people: tuple[Employee, ...]
    slot_minutes: int
    needs: tuple[Need, ...] = ()
    rush: RushHours | None = None
    availability: str = "windows"
    overtime: float = 0.0
    shifts: tuple[tuple[str, str, str, int], ...] = ()
    time_off: tuple[TimeOff, ...] = ()


@dataclass(frozen=True)
class Headers:
    """The owner's own words, in the order of the sheets' columns.

    Attributes:
        sales: date, item, quantity, price, promotion.
        items: item, category, unit cost, price, supplier, lead time, volume, case pack, minimum order, on hand and,
            where goods perish, shelf life.
        staff: name, role, rate, max hours, min hours.
        coverage: weekday, from, to, role, people.
        marketing: week start, spend ("{}" is the channel), traffic, leads ("" for none), revenue.
    """

    sales: tuple[str, ...]
    items: tuple[str, ...]
    staff: tuple[str, ...]
    coverage: tuple[str, ...]
    marketing: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Business:
    """One business; equal to itself alone, so that it can key a cache.

    Attributes:
        key: name of its workbook.
        money: Excel number format of its currency.
        price_step: prices are multiples of this.
        week_start: first day of the week in the marketing sheet, 0 = Monday.
    """

    key: str
    name: str
    story: str
    seed: int
    currency: str
    money: str
    price_step: float
    week_start: int
    demand: Demand
    holidays: Holidays
    items: tuple[Item, ...]
    channels: tuple[Channel, ...]
    promotions: tuple[Promotion, ...]
    price_change: PriceChange
    anomaly: Anomaly
    noise: Noise
    staffing: Staffing
    headers: Headers


def week(hours: str, off: str = "", **other: str) -> tuple[str, ...]:
    """The same hours on each weekday, but for the days off ("Mon Tue") and those named (`Sat="08:00-12:00"`)."""
    away = off.split()
    return tuple("" if day in away else other.get(day, hours) for day in WEEKDAYS)
