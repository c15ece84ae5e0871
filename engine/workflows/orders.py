"""What to order: from the sales and the list of items to an order plan."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from engine.business.calendar import Calendar, closed_every_year, freshness, last_complete_period
from engine.business.history import daily_rows, items, metric_named, until_now
from engine.business.model import Business
from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.errors import MissingColumn
from engine.forecast.bulk import ItemMatrix, item_matrix
from engine.forecast.hidden_demand import demand_rows
from engine.forecast.items import forecast_items
from engine.inventory import Arrival, Defaults, OrderLine, OrderPlan, Planner, Shortage, StockItem
from engine.inventory.days import by_day
from engine.inventory.planning_inputs import DAYS, PlanningInputs, planning_inputs
from engine.workflows.order_question import WEEKDAYS, OrderQuestion, SupplierTerms

HORIZONS = {Frequency.DAILY: 56, Frequency.WEEKLY: 13, Frequency.MONTHLY: 6}
"""Calendar periods that an order plan looks ahead."""

DRAWS = 1000
"""Futures of each item."""

DAYS_AHEAD = {Frequency.DAILY: 56, Frequency.WEEKLY: 91}
"""Days that are planned with, by the grain of the sales; as many of longer ones as of weeks."""

MOST_AGE = 120
"""Days since the last sales that are forecast too; sales that are older go on as in the weeks after them."""

A_YEAR = 371
"""Days for which the days of deliveries are known, whole weeks."""


@dataclass(frozen=True, eq=False)
class Stock:
    """Everything that an order plan starts from.

    Attributes:
        demands: what may be sold, one per item with a past.
        calendar: of the sales.
        items: what the business knows of each item, as in `engine.business.items.ITEMS`.
        last_day: the last day of the sales.
        today: the day on which is ordered; the plan begins on the day after.
        space_unit: in which the file gives volumes, as its header says; "" when it does not.
        cautions: what the owner should know about the sales behind it.
        arriving: per item what is under way beside what the file says.
        late_days: per item how much its deliveries vary as far as past orders tell, a standard deviation, days.
    """

    demands: tuple[DemandDistribution, ...]
    calendar: Calendar
    items: pl.DataFrame
    last_day: date
    today: date
    space_unit: str = ""
    cautions: tuple[str, ...] = ()
    arriving: Mapping[str, tuple[Arrival, ...]] = field(default_factory=dict)
    late_days: Mapping[str, float] = field(default_factory=dict)

    @property
    def has_volumes(self) -> bool:
        """Whether any item's volume is known."""
        return self.items["volume"].null_count() < self.items.height

    @property
    def without_cost(self) -> tuple[str, ...]:
        """The items of which nobody knows what a unit costs."""
        unknown = self.items.filter(~(pl.col("cost").fill_null(0.0) > 0))
        return tuple(unknown["name"])

    @cached_property
    def by_day(self) -> Mapping[str, DemandDistribution]:
        """The demand of each item by the day, from tomorrow on."""
        days = DAYS_AHEAD.get(self.calendar.frequency, DAYS_AHEAD[Frequency.WEEKLY])
        return {each.item: by_day(each, self.today, days) for each in self.demands}

    @cached_property
    def opens(self) -> tuple[bool, ...]:
        """Whether the business is open on each day from tomorrow on, for a year; goods come on no other day."""
        days = [self.today + timedelta(days=k) for k in range(1, A_YEAR + 1)]
        opens = [day.weekday() in self.calendar.open_weekdays for day in days]
        sold = np.any([each.paths.any(axis=0) for each in self.by_day.values()], axis=0)
        if self.calendar.frequency is Frequency.DAILY and not self.calendar.zeros and sold.any():
            opens[: len(sold)] = [is_open and bool(any_sold) for is_open, any_sold in zip(opens, sold, strict=False)]
        return tuple(opens)


def recent_sales(business: Business) -> pl.DataFrame:
    """`day`, `item` and `value` of each named item, up to the last period that the file covers to its end.

    Raises:
        MissingColumn: the sales have no item, or no quantity.
        DataProblem: there is nothing in the past.
    """
    metric = metric_named(business, "quantity")
    if not items(business, metric):
        raise MissingColumn("item", available=business.columns)
    rows = until_now(daily_rows(business, metric).drop_nulls("item"), "value", business.today)
    last = last_complete_period(rows["day"], business.calendar, business.today)
    return rows.filter(pl.col("day") <= business.calendar.end_of(last))


def stock_of(business: Business) -> Stock:
    """Forecast every item, and join what the business knows of it.

    Raises:
        MissingColumn: the sales have no item, or no quantity.
        DataProblem: there is too little to forecast.
    """
    rows = demand_rows(business, recent_sales(business), business.calendar)
    matrix = item_matrix(rows, _horizon(rows, business), business.calendar)
    last: date = rows["day"].max()  # type: ignore[assignment]
    daily = business.calendar.frequency is Frequency.DAILY and not business.calendar.zeros
    closed = closed_every_year(set(rows["day"].to_list()), matrix.ahead) if daily else frozenset[date]()
    covered = business.calendar.end_of(last_complete_period(rows["day"], business.calendar, business.today))
    cautions = (*filter(None, [freshness(covered, business.today)]), *business.cautions)
    return Stock(
        _demands(matrix, closed), matrix.calendar, business.items, last, business.today, business.volume_unit, cautions
    )


def _horizon(rows: pl.DataFrame, business: Business) -> int:
    """Periods to forecast: the usual ones, and those that have gone by since the last sales."""
    frequency, last = business.calendar.frequency, rows["day"].max()
    assert isinstance(last, date)
    age = min(MOST_AGE, (business.today - last).days)
    return HORIZONS.get(frequency, 4) + round(age / DAYS[frequency])


def planner(stock: Stock, question: OrderQuestion, *, like: Planner | None = None) -> Planner:
    """Items made ready for one set of costs, so that limits can be tried in a moment; `like` one at other costs."""
    limits, rng = question.limits(stock.space_unit), np.random.default_rng(0)
    return Planner(_items(stock, question), limits, _defaults(question), rng, like=like)


def ready_items(stock: Stock, question: OrderQuestion) -> PlanningInputs:
    """The items with everything known, and those that cannot be planned."""
    return planning_inputs(_items(stock, question), question.limits(stock.space_unit), _defaults(question))


def plan(planner: Planner, stock: Stock, question: OrderQuestion, currency: str) -> OrderPlan:
    """The cheapest order list within the owner's limits, from today on."""
    order_plan = planner.plan(question.limits(stock.space_unit), today=stock.today, currency=currency)
    lines = tuple(replace(line, arrives=_expected(line, stock.today)) for line in order_plan.lines)
    order_plan = replace(order_plan, lines=lines)
    if question.margin is None or not stock.without_cost:
        return order_plan
    taken = f"Where no cost is known, it is taken from the price, less a margin of {question.margin:,.10g}%."
    return replace(order_plan, assumptions=(*order_plan.assumptions, taken))


def _expected(line: OrderLine, today: date) -> date:
    """The day on which goods come: they are on the shelf the morning after, and what keeps for a day at once."""
    shelved = line.arrives if line.curve.ready.item.shelf_life == 1 else line.arrives - timedelta(days=1)
    return max(shelved, today + timedelta(days=1))


def comparison(plans: Mapping[str, OrderPlan], currency: str) -> pl.DataFrame:
    """Several order plans side by side, one row each; a plan that is impossible has no figures."""
    unit = f", {currency}" if currency else ""
    columns = {"spend": f"To spend now{unit}", "cost": f"Expected cost{unit}", "money_at_risk": f"Empty shelves{unit}"}
    rows = []
    for name, order_plan in plans.items():
        facts = order_plan.facts()
        figures = {label: facts[key].value if key in facts else None for key, label in columns.items()}
        met = facts["fill_rate"].value if "fill_rate" in facts else None
        rows.append({"Plan": name, **figures, "Demand met, %": met})
    return pl.DataFrame(rows, infer_schema_length=None)


def _demands(matrix: ItemMatrix, closed: frozenset[date]) -> tuple[DemandDistribution, ...]:
    """One distribution per item, zero on closed days; those that never sold get none."""
    has_past = np.isfinite(matrix.values).any(axis=1)
    names = [matrix.items[row] for row in np.flatnonzero(has_past)]
    season = matrix.calendar.season_length
    forecasts = forecast_items(
        matrix.values[has_past], horizon=len(matrix.ahead), season_length=season, covariates=matrix.covariates
    )
    rng, opens = np.random.default_rng(0), np.array([day not in closed for day in matrix.ahead])
    return tuple(
        DemandDistribution(
            name, "units", matrix.calendar.frequency, matrix.ahead, forecasts.paths(row, draws=DRAWS, rng=rng) * opens
        )
        for row, name in enumerate(names)
    )


def _defaults(question: OrderQuestion) -> Defaults:
    return Defaults(
        holding_rate=question.holding_rate / 100,
        stockout_factor=question.stockout_factor,
        lead_time=float(question.lead_days),
    )


def _items(stock: Stock, question: OrderQuestion) -> tuple[StockItem, ...]:
    terms = {each.supplier: each for each in question.terms}
    days = {name: _delivery_days(stock, terms.get(name)) for name in (*suppliers_of(stock), "")}
    items = (
        _item(row, stock, question, terms.get(str(row["supplier"] or ""), SupplierTerms("")), days)
        for row in stock.items.iter_rows(named=True)
    )
    return tuple(replace(each, on_order=each.on_order + stock.arriving.get(each.name, ())) for each in items)


def _delivery_days(stock: Stock, terms: SupplierTerms | None) -> tuple[bool, ...]:
    """Whether a supplier's goods can come on each day from today on; () for any day."""
    delivers = terms.delivers if terms and terms.delivers else tuple(range(len(WEEKDAYS)))
    first, opens = stock.today.weekday(), (True, *stock.opens)
    days = tuple(is_open and (first + k) % len(WEEKDAYS) in delivers for k, is_open in enumerate(opens))
    return () if all(days) else days


def _item(
    row: Mapping[str, object],
    stock: Stock,
    question: OrderQuestion,
    terms: SupplierTerms,
    delivery_days: Mapping[str, tuple[bool, ...]],
) -> StockItem:
    """An item by the day: what comes today is on the shelf tomorrow, in the first period.

    What keeps for a day is made or bought every day, and sold on the day on which it comes; where nobody delivers it
    and no time is known, it is made for tomorrow.
    """

    def number(column: str) -> float | None:
        value = row[column]
        return float(value) if isinstance(value, int | float) else None

    supplier, ordered = str(row["supplier"] or ""), number("on_order")
    lead, life = number("lead_time"), number("shelf_life")
    daily = life is not None and life <= 1
    if daily:
        lead = max(0.0, (lead if lead is not None else question.lead_days if supplier else 0.0) - 1)
    possible = delivery_days[supplier][1:] if daily else delivery_days[supplier]
    under_way = math.ceil(question.lead_days if lead is None else lead)
    return StockItem(
        name=str(row["name"]),
        demand=stock.by_day.get(str(row["name"])),
        unit_cost=_cost(row, question),
        price=number("price"),
        category=str(row["category"] or ""),
        supplier=supplier,
        on_hand=number("on_hand"),
        on_order=(Arrival(under_way, ordered),) if ordered else (),
        lead_time=lead,
        lead_time_sd=question.late_days or stock.late_days.get(str(row["name"]), 0.0),
        review_period=1 if daily else terms.review_days or question.review_days,
        deliveries=possible,
        shortage=Shortage.BACKORDERED if question.waits else Shortage.LOST,
        volume=number("volume"),
        pack=number("case_pack") or 1.0,
        minimum_order=number("minimum_order") or 0.0,
        shelf_life=None if life is None else max(1, round(life)),
    )


def _cost(row: Mapping[str, object], question: OrderQuestion) -> float | None:
    """What a unit costs: as the file says, as the owner has typed, or the price less the owner's margin."""
    cost, price = row["cost"], row["price"]
    if isinstance(cost, int | float) and cost > 0:
        return float(cost)
    typed = dict(question.own_costs).get(str(row["name"]), 0.0)
    if typed > 0:
        return typed
    if question.margin is None or not isinstance(price, int | float):
        return None
    return float(price) * (1 - question.margin / 100)


def suppliers_of(stock: Stock) -> tuple[str, ...]:
    """The suppliers that the file names."""
    named = stock.items["supplier"].drop_nulls().unique().sort()
    return tuple(name for name in named if name)
