"""Odd small businesses drawn at random: what their rows say, and what each row really is."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from benchmarks.agreement_oddities import ALTERATIONS, choose_oddities
from benchmarks.agreement_rows import DAY, Grain, Item, Row, Shape, Spend, step_on

MOST_ROWS = 1500
"""About so many rows at most, so that a case stays quick."""

BAKERY: tuple[str, ...] = (
    "Pretzel",
    "Croissant",
    "Muffin",
    "Baguette",
    "Bagel",
    "Brownie",
    "Scone",
    "Focaccia",
    "Ciabatta",
)
BAKERY += ("Strudel", "Doughnut", "Cheesecake")
GARDEN: tuple[str, ...] = (
    "Hammer",
    "Rake",
    "Shovel",
    "Wheelbarrow",
    "Lantern",
    "Parasol",
    "Hammock",
    "Trellis",
    "Birdhouse",
)
GARDEN += ("Watering can", "Deck chair", "Flower pot")
CATEGORIES = {BAKERY: ("Bread", "Cakes", "Savoury"), GARDEN: ("Tools", "Furniture", "Decoration")}
SHOPS = ("Harbour", "Market", "Station")
SUPPLIERS = ("Miller & Sons", "Northfield", "Green Valley")
CHANNELS = ("Google Ads", "Facebook Ads")


class Suffix(StrEnum):
    """The kind of the file."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class World:
    """One business with its rows as the owner wrote them.

    Attributes:
        shape: what it is like.
        rows: of its sales, in the file's order.
        spend: on marketing, one entry a week; none where it has no such sheet.
        suffix: of its files.
        point_dates: True for dates such as 31.12.2026 in a csv file, False for 2026-12-31.
    """

    shape: Shape
    rows: tuple[Row, ...]
    spend: tuple[Spend, ...]
    suffix: Suffix
    point_dates: bool


def draw_world(seed: int) -> World:
    """The business of this seed, always the same."""
    rng = random.Random(seed)
    shape = _shape(rng, seed)
    rows = tuple(_ordinary_rows(shape, rng))
    for name, alter in ALTERATIONS.items():
        if name in shape.oddities:
            rows = tuple(alter(rows, shape, rng))
    sheets = {"month sheets", "shop sheets"} & shape.oddities
    suffix = Suffix.XLSX if sheets else rng.choice(list(Suffix))
    spend = tuple(_spend(shape, rng)) if "marketing" in shape.oddities else ()
    return World(shape, rows, spend, suffix, rng.random() < 0.4)


def _shape(rng: random.Random, seed: int) -> Shape:
    oddities = choose_oddities(rng)
    today = date(2025, 1, 15) + rng.randrange(700) * DAY
    grain = Grain.WEEKLY if "weekly" in oddities else Grain.MONTHLY if "monthly" in oddities else Grain.DAILY
    first, last = _days(rng, grain, today, oddities)
    several = {"shop column", "shop sheets"} & oddities or ("two files" in oddities and rng.random() < 0.5)
    shops = tuple(rng.sample(SHOPS, rng.randint(2, 3) if "shop column" in oddities else 2)) if several else ()
    most = MOST_ROWS // (max(1, len(shops)) * len(list(_open_days(Shape(seed, today, grain, first, last)))))
    return Shape(
        seed=seed,
        today=today,
        grain=grain,
        first=first,
        last=last,
        closed_weekdays=frozenset(rng.sample(range(7), rng.randint(1, 2))) if "closed weekdays" in oddities else NEVER,
        closed_weeks=_closed_weeks(rng, first, last) if "closed weeks" in oddities else (),
        items=tuple(_items(rng, max(3, min(most, rng.randint(3, 12))))),
        shops=shops,
        oddities=oddities,
    )


NEVER: frozenset[int] = frozenset()


def _days(rng: random.Random, grain: Grain, today: date, oddities: frozenset[str]) -> tuple[date, date]:
    """The first and the last day of the sales; the last period is over before today."""
    ends = today - rng.randint(0, 40) * DAY
    if grain is Grain.MONTHLY:
        last = step_on(today.replace(day=1), grain, -1 - (rng.random() < 0.3))
        return step_on(last, grain, -rng.randint(8, 23)), last
    if grain is Grain.WEEKLY:
        monday = ends - (ends.weekday() + 7) * DAY
        return monday - timedelta(weeks=rng.randint(25, 103)), monday
    if "month sheets" in oddities:
        return ends - rng.randint(60, 150) * DAY, ends
    shortest = 150 if "marketing" in oddities else 60
    return ends - rng.choice([rng.randint(shortest, 200), rng.randint(200, 400), rng.randint(400, 730)]) * DAY, ends


def _closed_weeks(rng: random.Random, first: date, last: date) -> tuple[date, ...]:
    """The Mondays of one or two weeks in which nothing is open, neither of them at an end."""
    weeks = ((last - first).days - 28) // 7
    monday = first + (14 - first.weekday()) * DAY
    return tuple(monday + timedelta(weeks=k) for k in rng.sample(range(weeks), rng.randint(1, 2)))


def _items(rng: random.Random, count: int) -> Iterator[Item]:
    pool = rng.choice([BAKERY, GARDEN])
    for name in rng.sample(pool, count):
        price = round(rng.uniform(1.5, 60.0), 2)
        listing = rng.choice([name, name.upper(), name.lower(), f" {name}", f"{name} ", f" {name.lower()} "])
        yield Item(
            name=name,
            category=rng.choice(CATEGORIES[pool]),
            price=price,
            cost=round(price * rng.uniform(0.3, 0.6), 2),
            stock=rng.randint(5, 400),
            supplier=rng.choice(SUPPLIERS),
            listing=listing,
        )


def _open_days(shape: Shape) -> Iterator[date]:
    day = shape.first
    while day <= shape.last:
        if shape.is_open(day):
            yield day
        day = step_on(day, shape.grain, 1)


def _ordinary_rows(shape: Shape, rng: random.Random) -> Iterator[Row]:
    """A row for four of five items on each open day, in each shop."""
    usual = {item.name: rng.randint(4, 30) for item in shape.items}
    scale = {Grain.DAILY: 1, Grain.WEEKLY: 6, Grain.MONTHLY: 26}[shape.grain]
    for day in _open_days(shape):
        for shop in shape.shops or ("",):
            for item in shape.items:
                if shape.grain is not Grain.DAILY or rng.random() < 0.8:
                    quantity = float(max(1, round(scale * usual[item.name] * rng.uniform(0.5, 1.6))))
                    money = round(quantity * item.price, 2)
                    yield Row(day, day, item.name, item.category, shop, quantity, item.price, money)


def _spend(shape: Shape, rng: random.Random) -> Iterator[Spend]:
    """One amount a channel and week, from the first whole week until the last one that has begun."""
    week = shape.first + (-shape.first.weekday() % 7) * DAY
    while week <= shape.last:
        yield Spend(week, tuple((channel, float(rng.randint(20, 400))) for channel in CHANNELS))
        week += timedelta(weeks=1)
