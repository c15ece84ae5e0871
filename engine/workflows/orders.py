"""What to order: from the sales and the list of items to an order plan."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date

import numpy as np
import polars as pl

from engine.business.calendar import Calendar, closed_every_year, last_complete_period
from engine.business.history import daily_rows, items, metric_named, until_now
from engine.business.model import Business
from engine.dataset import Frequency
from engine.demand import DemandDistribution
from engine.errors import MissingColumn
from engine.forecast.bulk import ItemMatrix, item_matrix
from engine.forecast.hidden_demand import demand_rows
from engine.forecast.items import forecast_items
from engine.inventory import Arrival, Defaults, OrderLimits, OrderPlan, Planner, Shortage, StockItem
from engine.inventory.planning_inputs import DAYS

HORIZONS = {Frequency.DAILY: 56, Frequency.WEEKLY: 13, Frequency.MONTHLY: 6}
"""Calendar periods that an order plan looks ahead."""

DRAWS = 1000
"""Futures of each item."""

_INPUTS = {"holding": "holding_rate", "factor": "stockout_factor"}
"""Where an input of the page is called otherwise than what it asks for."""

TERMS, MINIMUM, FEE = "with_terms", "minimum of ", "fee of "
"""Inputs of the page: suppliers that ask for something, and per supplier what."""


@dataclass(frozen=True)
class SupplierTerms:
    """What a supplier asks for.

    Attributes:
        supplier: the name.
        minimum: smallest order value, currency; 0 for none.
        fee: currency per delivery, whatever is in it; 0 for none.
    """

    supplier: str
    minimum: float = 0.0
    fee: float = 0.0


@dataclass(frozen=True)
class OrderQuestion:
    """What the owner decides about orders.

    Attributes:
        review_days: days between two chances to order.
        capacity: space, in the unit of the items' volumes; None for enough.
        budget: currency to spend now; None for enough.
        service: least chance of no stockout of each item, percent; None to let costs decide.
        holding_rate: yearly cost of keeping stock, percent of its cost.
        lead_days: delivery time of items without one, days.
        stockout_factor: what a missing unit costs, as a multiple of its margin.
        fill_rate: least share of the demand of each item that is met, percent; None to let costs decide.
        late_days: how much deliveries vary, as a standard deviation, days.
        waits: customers wait for what is missing; otherwise they buy elsewhere.
        terms: of the suppliers that ask for a minimum or a fee.
    """

    review_days: int = 7
    capacity: float | None = None
    budget: float | None = None
    service: int | None = None
    holding_rate: float = 25.0
    lead_days: int = 3
    stockout_factor: float = 1.0
    fill_rate: int | None = None
    late_days: float = 0.0
    waits: bool = False
    terms: tuple[SupplierTerms, ...] = ()

    def limits(self, unit: str) -> OrderLimits:
        """What all items share."""
        return OrderLimits(
            capacity=self.capacity,
            capacity_unit=unit,
            budget=self.budget,
            supplier_minimums={each.supplier: each.minimum for each in self.terms if each.minimum > 0},
            delivery_costs={each.supplier: each.fee for each in self.terms if each.fee > 0},
            cycle_service_level=self.service / 100 if self.service else None,
            fill_rate=self.fill_rate / 100 if self.fill_rate else None,
        )

    @property
    def costs(self) -> "OrderQuestion":
        """The same without limits: what a planner is made for."""
        free = replace(self, budget=None, service=None, fill_rate=None, terms=())
        return replace(free, capacity=None if self.capacity is None else 0.0)

    @property
    def usual_costs(self) -> "OrderQuestion":
        """The same at the costs that are assumed at first."""
        return replace(self.costs, holding_rate=25.0, stockout_factor=1.0)


@dataclass(frozen=True, eq=False)
class Stock:
    """Everything that an order plan starts from.

    Attributes:
        demands: what may be sold, one per item with a past.
        calendar: of the sales.
        items: what the business knows of each item, as in `engine.business.items.ITEMS`.
        last_day: the last day of the sales.
        space_unit: in which the file gives volumes, as its header says; "" when it does not.
        cautions: what the owner should know about the sales behind it.
        arriving: per item what is under way beside what the file says.
        late_days: per item how much its deliveries vary as far as past orders tell, a standard deviation, days.
    """

    demands: tuple[DemandDistribution, ...]
    calendar: Calendar
    items: pl.DataFrame
    last_day: date
    space_unit: str = ""
    cautions: tuple[str, ...] = ()
    arriving: Mapping[str, tuple[Arrival, ...]] = field(default_factory=dict)
    late_days: Mapping[str, float] = field(default_factory=dict)

    @property
    def has_volumes(self) -> bool:
        """Whether any item's volume is known."""
        return self.items["volume"].null_count() < self.items.height


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
    matrix = item_matrix(rows, HORIZONS.get(business.calendar.frequency, 4), business.calendar)
    last: date = rows["day"].max()  # type: ignore[assignment]
    daily = business.calendar.frequency is Frequency.DAILY and not business.calendar.zeros
    closed = closed_every_year(set(rows["day"].to_list()), matrix.ahead) if daily else frozenset[date]()
    return Stock(
        _demands(matrix, closed), matrix.calendar, business.items, last, business.volume_unit, business.cautions
    )


def planner(stock: Stock, question: OrderQuestion, *, like: Planner | None = None) -> Planner:
    """Items made ready for one set of costs, so that limits can be tried in a moment; `like` one at other costs."""
    defaults = Defaults(
        holding_rate=question.holding_rate / 100,
        stockout_factor=question.stockout_factor,
        lead_time=_periods(question.lead_days, stock.calendar),
    )
    limits, rng = question.limits(stock.space_unit), np.random.default_rng(0)
    return Planner(_items(stock, question), limits, defaults, rng, like=like)


def plan(planner: Planner, stock: Stock, question: OrderQuestion, currency: str) -> OrderPlan:
    """The cheapest order list within the owner's limits."""
    return planner.plan(question.limits(stock.space_unit), today=stock.last_day, currency=currency)


def from_settings(settings: Mapping[str, object]) -> OrderQuestion:
    """The question that was saved as the values of the page's inputs."""
    names = {field.name for field in fields(OrderQuestion)} - {"terms"}
    inputs = {_INPUTS.get(name, name): value for name, value in settings.items()}
    question = OrderQuestion(**{name: value for name, value in inputs.items() if name in names})  # type: ignore[arg-type]
    terms = tuple(
        SupplierTerms(name, _number(settings.get(MINIMUM + name)), _number(settings.get(FEE + name)))
        for name in _names(settings.get(TERMS))
    )
    return replace(question, service=question.service or None, fill_rate=question.fill_rate or None, terms=terms)


def as_settings(question: OrderQuestion) -> dict[str, int | float | list[str] | None]:
    """The values of the page's inputs."""
    renamed = {name: key for key, name in _INPUTS.items()}
    values = {renamed.get(name, name): value for name, value in asdict(question).items() if name != "terms"}
    values |= {"service": question.service or 0, "fill_rate": question.fill_rate or 0}
    values[TERMS] = [each.supplier for each in question.terms]
    for each in question.terms:
        values |= {MINIMUM + each.supplier: each.minimum, FEE + each.supplier: each.fee}
    return values


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list | tuple) else ()


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


def _items(stock: Stock, question: OrderQuestion) -> tuple[StockItem, ...]:
    demands = {demand.item: demand for demand in stock.demands}
    items = (_item(row, demands, stock.calendar, question) for row in stock.items.iter_rows(named=True))
    return tuple(
        replace(
            each,
            on_order=each.on_order + stock.arriving.get(each.name, ()),
            lead_time_sd=each.lead_time_sd or _periods(stock.late_days.get(each.name, 0.0), stock.calendar),
        )
        for each in items
    )


def _item(
    row: Mapping[str, object],
    demands: Mapping[str, DemandDistribution],
    calendar: Calendar,
    question: OrderQuestion,
) -> StockItem:
    def number(column: str) -> float | None:
        value = row[column]
        return float(value) if isinstance(value, int | float) else None

    lead, life, ordered = number("lead_time"), number("shelf_life"), number("on_order")
    lead_time = None if lead is None else _periods(lead, calendar)
    under_way = round(_periods(question.lead_days if lead is None else lead, calendar))
    return StockItem(
        name=str(row["name"]),
        demand=demands.get(str(row["name"])),
        unit_cost=number("cost"),
        price=number("price"),
        category=str(row["category"] or ""),
        supplier=str(row["supplier"] or ""),
        on_hand=number("on_hand"),
        on_order=(Arrival(under_way, ordered),) if ordered else (),
        lead_time=lead_time,
        lead_time_sd=_periods(question.late_days, calendar),
        review_period=max(1, round(_periods(question.review_days, calendar))),
        shortage=Shortage.BACKORDERED if question.waits else Shortage.LOST,
        volume=number("volume"),
        pack=number("case_pack") or 1.0,
        minimum_order=number("minimum_order") or 0.0,
        shelf_life=None if life is None else max(1, round(_periods(life, calendar))),
    )


def suppliers_of(stock: Stock) -> tuple[str, ...]:
    """The suppliers that the file names."""
    named = stock.items["supplier"].drop_nulls().unique().sort()
    return tuple(name for name in named if name)


def _periods(days: float, calendar: Calendar) -> float:
    """Calendar days as open periods."""
    if calendar.frequency is Frequency.DAILY:
        return days * len(calendar.open_weekdays) / 7
    return days / DAYS[calendar.frequency]
