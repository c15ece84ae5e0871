"""What the app says of one world: its files opened, every forecast, the order list, and what only its kind is asked."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
import polars as pl

from benchmarks.escapes import escapes
from benchmarks.series import Array
from benchmarks.world_scores import NAN, ItemScore, OrderScore, Said, WorldScore, average, order_score, score
from benchmarks.world_truth import Truth, World
from engine.business.history import Metric, SalesHistory, metrics
from engine.business.model import Business
from engine.dataset import Dataset, step
from engine.errors import DataProblem, DyocenseError
from engine.forecast import Forecast, Panel
from engine.inventory import OrderPlan
from engine.settings import Settings
from engine.workflows import orders
from engine.workflows.files import as_one, open_business
from engine.workflows.forecast.forecasts import history_for, run_forecast
from engine.workflows.forecast.sales_drivers import EMPTY_CALENDAR, OwnerCalendar, drivers_for
from engine.workflows.order_question import OrderQuestion

T = TypeVar("T")

DRAWS = 4000
FAILED = "failed"


def look(world: World, panel: Panel) -> WorldScore:
    """Open the files of one world as the app does, forecast, order, and hold all of it against the truth."""
    start = time.perf_counter()
    blank = WorldScore(world.folder.parent.name, world.name, world.code)
    score = blank
    try:
        with escapes() as escape:
            content, label = as_one(world.contents())
            business = open_business(content, label, Settings(), today=world.today)
            score = Visit(world, business, metrics(business)[0], panel).score(blank)
        if escape.trace:
            score = replace(blank, problems=(f"{FAILED}: {escape.trace[-1000:]}",))
    except DyocenseError as problem:
        score = replace(blank, problems=(f"{FAILED}: {problem}",))
    return replace(score, seconds=time.perf_counter() - start)


@dataclass(frozen=True)
class Visit:
    """One world with its business open.

    Attributes:
        world: with its truth.
        business: as its files were read.
        metric: the first that the forecast page offers.
        panel: the models of the forecasts.
    """

    world: World
    business: Business
    metric: Metric
    panel: Panel

    def score(self, blank: WorldScore) -> WorldScore:
        """Everything that is asked of this world; a part that fails is named and leaves the others."""
        problems: list[str] = []
        truths = (self.world.total, *self.world.items)
        total, *items = (_tried(each.item or "all items", problems, partial(self._forecast, each)) for each in truths)
        listed = _tried("orders", problems, self._orders) or ()
        if listed:
            left_out = (str(problem) for plan in self.plans.values() for problem in plan.problems)
            problems += [f"orders: {problem}" for problem in dict.fromkeys(left_out)]
        own: dict[str, float] = {}
        for name, asked in self._own().items():
            own |= _tried(name, problems, asked) or {}
        return replace(
            blank,
            total=total,
            items=tuple(each for each in items if each),
            orders=listed,
            own=own,
            problems=tuple(problems),
        )

    @cached_property
    def plans(self) -> Mapping[int, OrderPlan]:
        """The order list by the days between two chances to order, for all that the items need.

        Raises:
            DyocenseError: there is none.
        """
        reviews = {each.order.review for each in self.world.items if each.order is not None}
        return {review: _planned(self.stock, review, self.business.currency) for review in sorted(reviews)}

    @cached_property
    def stock(self) -> orders.Stock:
        """What the order list starts from.

        Raises:
            DyocenseError: there is too little to forecast.
        """
        return orders.stock_of(self.business)

    @cached_property
    def _plain(self) -> dict[str, Said]:
        return {}

    def said(self, item: str) -> Said:
        """What the forecast page says of an item, or of all together, on the periods of the truth.

        Raises:
            DyocenseError: there is no forecast.
            DataProblem: its periods are not those of the truth.
        """
        if item not in self._plain:
            self._plain[item] = self.said_of(self.business, item)
        return self._plain[item]

    def said_of(self, business: Business, item: str, calendar: OwnerCalendar = EMPTY_CALENDAR) -> Said:
        """The same of another business, or where the owner told something."""
        history = history_for(business, self.metric.key, item)
        drivers = drivers_for(business, self.metric, item, calendar)
        return on_periods(run_forecast(history, _horizon(history, self.world), self.panel, drivers), self.world.periods)

    def _forecast(self, truth: Truth) -> ItemScore:
        return score(self.said(truth.item), truth)

    def _orders(self) -> tuple[OrderScore, ...]:
        """The lines of the order list, each read off the list at the item's own review time."""
        lines = {(review, line.name): line for review, plan in self.plans.items() for line in plan.lines}
        sums = self._first_totals(self.stock) if lines else {}
        return tuple(
            order_score(truth, line.quantity, line.stockout_risk, sums[truth.item])
            for truth in self.world.items
            if truth.order is not None and (line := lines.get((truth.order.review, truth.item))) is not None
        )

    def _first_totals(self, stock: orders.Stock) -> dict[str, Array]:
        """Demand over the shortest total of the truth as an order list sees it, one number per future, by item."""
        end = self.world.periods[min(self.world.total.totals)]
        return {each.item: each.total(0, sum(day < end for day in each.periods)) for each in stock.demands}

    def _own(self) -> Mapping[str, Callable[[], dict[str, float]]]:
        """What only worlds of some kinds are asked."""
        told = {key for each in self.world.items for key in each.told}
        checks: dict[str, tuple[bool, Callable[[], dict[str, float]]]] = {
            "closed days": (bool(self.world.closed), self._closed),
            "the dead item": ("last_sale_before" in told, self._dead),
            "hidden demand": ("true_demand_a_day" in told, self._hidden),
            "promotion": ("without_promotion" in told, self._promoted),
            "planned rows": ("last_real_day" in self.world.told, self._planned),
            "the partial period": ("partial" in self.world.told, self._partial),
        }
        return {name: check for name, (is_asked, check) in checks.items() if is_asked}

    def _closed(self) -> dict[str, float]:
        """Percent of the total that is forecast for closed days: as it stands, and told whose holidays are kept."""
        found: dict[str, float] = {}
        for name, calendar in (("", EMPTY_CALENDAR), ("_told", OwnerCalendar(self.world.country))):
            point = self.said_of(self.business, "", calendar).point
            on_closed = np.isin(np.array(self.world.periods), np.array(self.world.closed))
            found |= {
                f"closed_share{name}": 100 * float(point[on_closed].sum() / point.sum()),
                f"closed_days_not_0{name}": float(np.sum(point[on_closed] > 0)),
                f"closed_bias{name}": 100 * (float(point.sum() / self.world.total.future.sum()) - 1),
            }
        return found

    def _dead(self) -> dict[str, float]:
        """Units said and ordered of the dead item; percent by which forecasts of the steady ones, and the standard
        deviations behind their orders, differ from those of a file without it."""
        dead = [each.item for each in self.world.items if "last_sale_before" in each.told]
        steady = [each.item for each in self.world.items if each.item not in dead]
        without = Business(without_items(self.business.dataset, dead), self.business.today)
        both = [(self.said(item).point.sum(), self.said_of(without, item).point.sum()) for item in steady]
        whole, less = self.said("").point.sum(), self.said_of(without, "").point.sum()
        spread, alone = (self._first_totals(each) for each in (self.stock, orders.stock_of(without)))
        return {
            "dead_said": float(sum(self.said(item).point.sum() for item in dead)),
            "dead_ordered": sum(each.quantity for each in self._orders() if each.item in dead),
            "steady_change": 100 * max(abs(float(with_it / less) - 1) for with_it, less in both),
            "steady_sd_change": 100 * max(float(spread[item].std() / alone[item].std()) - 1 for item in steady),
            "total_change": 100 * (float(whole / less) - 1),
        }

    def _hidden(self) -> dict[str, float]:
        """Percent of the true demand that is said of the items whose shelf was empty, and that their sales had."""
        hidden = [each for each in self.world.items if "true_demand_a_day" in each.told]
        said = average([float(self.said(each.item).point.sum() / each.future.sum()) for each in hidden])
        sold = average([each.told["mean_of_the_sales"] / each.told["true_demand_a_day"] for each in hidden])
        return {"demand_found": 100 * said, "demand_in_sales": 100 * sold}

    def _promoted(self) -> dict[str, float]:
        """Percent of the true additional sales of the promotions ahead that is in the forecasts."""
        extra = added = 0.0
        for each in self.world.items:
            if "without_promotion" in each.told:
                plain = float(each.told["without_promotion"][str(each.last)]["mean"])
                added += float(self.said(each.item).point.sum()) - plain
                extra += each.totals[each.last].mean - plain
        return {"promotion_found": 100 * added / extra if extra else NAN}

    def _planned(self) -> dict[str, float]:
        last = history_for(self.business, self.metric.key).periods[-1]
        return {"planned_left_out": float(last == date.fromisoformat(self.world.told["last_real_day"]))}

    def _partial(self) -> dict[str, float]:
        last = history_for(self.business, self.metric.key).periods[-1]
        return {"partial_left_out": float(last < date.fromisoformat(self.world.told["partial"]["period"]))}


def _planned(stock: orders.Stock, review: int, currency: str) -> OrderPlan:
    question = OrderQuestion(review_days=review)
    return orders.plan(orders.planner(stock, question.costs), stock, question, currency)


def _tried(what: str, problems: list[str], make: Callable[[], T]) -> T | None:
    """What is made, or None and one more problem."""
    try:
        with escapes() as escape:
            return make()
        problems.append(f"{what}: {escape.last_line}")
    except DyocenseError as problem:
        problems.append(f"{what}: {problem}")
    return None


def on_periods(forecast: Forecast, periods: Sequence[date]) -> Said:
    """A forecast on the periods of the truth: 0 where the shop never opens, and what is taken for a fact where the past
    is said to reach that far.

    Raises:
        DataProblem: it ends before the last of them, or has other periods.
    """
    calendar, past = forecast.history.calendar, forecast.history
    known = dict(zip(past.periods, np.nan_to_num(past.values).tolist(), strict=True))
    places = {period: place for place, period in enumerate(forecast.periods)}
    missing = [each for each in periods if calendar.opens_in(each) and each not in places and each not in known]
    if missing:
        raise DataProblem(f"{len(missing)} of {len(periods)} periods are not forecast, first {missing[0]}")

    def placed(values: Array) -> Array:
        columns = [values[..., places[each]] if each in places else known.get(each, 0.0) for each in periods]
        return np.stack([np.broadcast_to(column, values.shape[:-1]) for column in columns], axis=-1)

    inner, outer = forecast.band(80), forecast.band(95)
    bands = (inner.lower, inner.upper, outer.lower, outer.upper)
    return Said(*map(placed, (forecast.point, *bands, forecast.demand(DRAWS).paths)))


def without_items(dataset: Dataset, names: Sequence[str]) -> Dataset:
    """The same file without the rows that name one of some items."""
    tables = []
    for table in dataset.tables:
        texts = [name for name, kind in table.frame.schema.items() if kind == pl.String]
        named = pl.any_horizontal([pl.col(name).is_in(names) for name in texts]) if texts else pl.lit(value=False)
        tables.append(replace(table, frame=table.frame.filter(~named.fill_null(value=False))))
    return replace(dataset, sha256=f"{dataset.sha256}-without", tables=tuple(tables))


def _horizon(history: SalesHistory, world: World) -> int:
    """Calendar periods from the last of the history to the last of the truth."""
    last, periods = history.periods[-1], 1
    while step(last, history.calendar.frequency, periods) < world.periods[-1]:
        periods += 1
    return periods
