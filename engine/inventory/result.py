"""What a plan says: order lines, limits, proof, the facts that may be quoted, and how the stock goes on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.errors import DataProblem
from engine.facts import Fact, Facts
from engine.inventory.check import OrderRehearsal
from engine.inventory.curve import CostCurve
from engine.inventory.item import OrderLimits, Shortage
from engine.inventory.planning_inputs import PlanningItem, days_in_period
from engine.inventory.scenarios import arrival_period, expiring
from engine.proof import Infeasibility, Proof, Status


@dataclass(frozen=True)
class ExpectedOrder:
    """An order that will probably follow.

    Attributes:
        day: when it is placed.
        quantity: expected units, before whole cases.
    """

    day: date
    quantity: float


@dataclass(frozen=True, eq=False)
class OrderLine:
    """What to order of one item now.

    Attributes:
        curve: the item, and what other quantities would cost.
        quantity: units, 0 for nothing.
        cost: expected cost of this quantity, currency.
        best_alone: the quantity that would be cheapest without shared limits, units.
        spend: currency to pay.
        arrives: the day on which it is expected.
        cover_days: days for which stock and orders last at the expected demand; infinite without demand.
        rehearsal: the order played through in every future.
        following: orders that will probably follow.
        why: the reason for this quantity, one sentence.
    """

    curve: CostCurve
    quantity: float
    cost: float
    best_alone: float
    spend: float
    arrives: date
    cover_days: float
    rehearsal: OrderRehearsal
    following: tuple[ExpectedOrder, ...]
    why: str

    @property
    def name(self) -> str:
        """The item's name."""
        return self.curve.ready.name

    @property
    def supplier(self) -> str:
        """Who delivers it."""
        return self.curve.ready.item.supplier

    @property
    def packs(self) -> float:
        """Whole cases."""
        return round(self.quantity / self.curve.ready.item.pack)

    @property
    def unit_price(self) -> float:
        """Currency per unit after discounts."""
        return self.spend / self.quantity if self.quantity else self.curve.ready.unit_cost

    @property
    def stockout_risk(self) -> float:
        """The chance of a stockout before the delivery after this one, whatever has spoiled by then, 0..1."""
        return 1 - self.rehearsal.always_stocked

    @property
    def money_at_risk(self) -> float:
        """Expected cost of demand that is not met until then, currency."""
        return self.rehearsal.stockout


@dataclass(frozen=True, eq=False)
class OrderPlan:
    """What to order now, and how good that is.

    Attributes:
        lines: one per planned item, in the order given; empty when the limits clash.
        limits: as given.
        currency: ISO code of all money, or "".
        today: the day of the order.
        proof: status, cost, bound, binding limits, second look.
        problems: items that are left out, and why.
        assumptions: the defaults in use.
        cautions: what the owner should know.
        infeasibility: why there is no plan, when there is none.
    """

    lines: tuple[OrderLine, ...]
    limits: OrderLimits
    currency: str
    today: date
    proof: Proof
    problems: tuple[DataProblem, ...] = ()
    assumptions: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    infeasibility: Infeasibility[str] | None = None

    @property
    def orders(self) -> tuple[OrderLine, ...]:
        """The lines in which something is ordered."""
        return tuple(line for line in self.lines if line.quantity > 0)

    @property
    def spend(self) -> float:
        """Currency to pay for all orders."""
        return sum(line.spend for line in self.lines)

    @property
    def volume(self) -> float:
        """Expected space taken when the orders arrive, with what is there already."""
        return sum(line.curve.ready.volume * (line.curve.before + line.quantity) for line in self.lines)

    @property
    def suppliers(self) -> tuple[str, ...]:
        """Whom to order from, in order of first appearance."""
        return tuple(dict.fromkeys(line.supplier for line in self.orders))

    @property
    def fill_rate(self) -> float:
        """Expected share of all units demanded that is met until the deliveries after these, 0..1.

        What is wanted after an order has spoiled counts as well.
        """
        demand = sum(line.rehearsal.demand for line in self.lines)
        missed = sum(line.rehearsal.missed for line in self.lines)
        return min(1.0, max(0.0, 1 - missed / demand)) if demand > 0 else 1.0

    def line(self, name: str) -> OrderLine:
        """The line of this item.

        Raises:
            KeyError: there is none.
        """
        for line in self.lines:
            if line.name == name:
                return line
        raise KeyError(name)

    def cost_of(self, name: str, quantities: Floats) -> Floats:
        """What these quantities of an item would be expected to cost, currency: an edit beside the plan's choice."""
        return self.line(name).curve.parts(quantities).total

    def facts(self) -> Facts:
        """The figures that may be quoted."""
        if self.infeasibility is not None or (self.problems and not self.lines):
            return Facts((), (*self.cautions, *(problem.what for problem in self.problems)))
        return Facts((*self._totals(), *self._certificate(), *self._limits()), self._cautions())

    def _totals(self) -> list[Fact]:
        money, orders = self.currency, self.orders
        risky = max(self.lines, key=lambda line: line.money_at_risk, default=None)
        facts = [
            Fact("items_to_order", "Items to order now", len(orders), "items", "Items with a quantity above zero."),
            Fact("suppliers", "Suppliers to order from", len(self.suppliers), "suppliers", "Suppliers of these items."),
            Fact("spend", "To spend now", self.spend, money, "Quantities times prices, discounts included."),
            Fact(
                "fill_rate",
                "Demand met",
                100 * self.fill_rate,
                "%",
                "Demand from each delivery to the next that finds stock, over all items and futures.",
            ),
            Fact(
                "money_at_risk",
                "Empty shelves cost",
                sum(line.money_at_risk for line in self.lines),
                money,
                "Until the next delivery: units short in each future, times what one costs, averaged.",
            ),
        ]
        if risky is not None and risky.money_at_risk > 0:
            facts.append(
                Fact("riskiest_item", "Item with most money at risk", risky.name, "", "Largest expected loss.")
            )
        return facts

    def _certificate(self) -> list[Fact]:
        proof, money = self.proof, self.currency
        return [
            Fact("status", "How sure we are that no order list is cheaper", proof.status.value, "", proof.solver),
            Fact(
                "cost",
                "Expected cost",
                proof.objective,
                money,
                "Holding, stockouts, fees and waste, less fees spared later.",
            ),
            Fact("bound", "No order list can cost less than", proof.bound, money, "Lower bound proved by the solver."),
            Fact("gap", "Most that a better list could save", 100 * proof.gap, "%", "Cost less bound, over cost."),
        ]

    def _limits(self) -> list[Fact]:
        facts = []
        for place, limit in enumerate(self.proof.binding, 1):
            basis = "Price of the limit at which every item's choice fits (Lagrange multiplier)."
            label = f"What one more {limit.unit or 'unit'} of {limit.name} saves"
            facts.append(Fact(f"limit_{place}", label, limit.shadow_price, self.currency, basis))
        return facts

    def _cautions(self) -> tuple[str, ...]:
        left_out = [problem.what.rstrip(".") + "." for problem in self.problems]
        violations = list(self.proof.recheck.violations) if self.proof.recheck else []
        open_gap = []
        if self.proof.status is Status.FEASIBLE:
            open_gap = [f"A better list may exist: at most {self.proof.gap:.2%} cheaper."]
        return (*self.cautions, *self.assumptions, *left_out, *open_gap, *violations)


@dataclass(frozen=True, eq=False)
class Projection:
    """Stock at the end of each period with this order and none after it.

    Attributes:
        periods: the start of each period.
        mean: units.
        lower: per level (percent), the lower edge of the band.
        upper: per level, its upper edge.
        arrives: the day on which the order is expected.
    """

    periods: tuple[date, ...]
    mean: Floats
    lower: dict[int, Floats]
    upper: dict[int, Floats]
    arrives: date


LEAST_PERIODS, AFTER = 7, 2
"""Periods that are projected: twice the time until the next delivery, and at least a week."""


def project(line: OrderLine, *, levels: tuple[int, ...] = (50, 80, 95)) -> Projection:
    """How the stock goes on from today with what is on its way and with this order.

    Args:
        line: the item and its order.
        levels: widths of the bands, percent.
    """
    ready = line.curve.ready
    length = max(LEAST_PERIODS, AFTER * math.ceil(ready.lead_time + ready.item.review_period))
    demand = ready.demand.paths[:, :length].T[:, None, :]
    coming = np.zeros((len(demand), 1, 1))
    for each in ready.item.on_order:
        if each.period < len(demand):
            coming[max(0, each.period)] += each.quantity
    arrival = arrival_period(ready)
    coming[arrival : arrival + 1] += line.quantity
    lost, life = ready.item.shortage is Shortage.LOST, ready.item.shelf_life
    if life is not None:
        coming = coming - expiring(np.array([[ready.on_hand]]), coming, demand, np.array([[life]]), lost=lost)
    stock, rows = np.full((1, demand.shape[2]), ready.on_hand), []
    for period in range(len(demand)):
        stock = stock + coming[period] - demand[period]
        stock = np.maximum(stock, 0.0) if lost else stock
        rows.append(stock[0])
    paths = np.array(rows)
    lower = {level: np.quantile(paths, 0.5 - level / 200, axis=1) for level in levels}
    upper = {level: np.quantile(paths, 0.5 + level / 200, axis=1) for level in levels}
    return Projection(ready.demand.periods[:length], paths.mean(axis=1), lower, upper, line.arrives)


A_SHARE, B_SHARE = 0.80, 0.95
"""Items that together make up these shares of the yearly value are A, then B; the rest is C."""

X_SPREAD, Y_SPREAD = 0.5, 1.0
"""Demand whose deviation is below these shares of its mean is X, then Y; the rest is Z."""

SURE = 0.95
"""Stock beyond what may be needed, with this probability, counts as excess."""

DEAD_DAYS = 365.0
"""Stock that lasts longer than this at the expected demand is dead."""


@dataclass(frozen=True)
class StockClass:
    """Where an item stands.

    Attributes:
        name: the item's name.
        value_class: "A", "B" or "C" by expected yearly demand times cost.
        demand_class: "X", "Y" or "Z" by how much demand per review period varies.
        yearly_value: currency.
        excess: units beyond what the forecast's whole horizon will probably need.
        excess_value: what these cost, currency.
        dead: the stock will not be sold within a year at the expected demand.
    """

    name: str
    value_class: str
    demand_class: str
    yearly_value: float
    excess: float
    excess_value: float
    dead: bool


def classify(items: Sequence[PlanningItem]) -> tuple[StockClass, ...]:
    """Classes of all items, in the order given."""
    values = np.array([_per_day(each) * 365.25 * each.unit_cost for each in items])
    order = np.argsort(-values, kind="stable")
    before = np.cumsum(values[order]) - values[order]
    share = np.empty(len(items))
    share[order] = before / max(float(values.sum()), 1e-12)
    return tuple(_classified(each, float(v), float(s)) for each, v, s in zip(items, values, share, strict=True))


def _classified(ready: PlanningItem, value: float, share_before: float) -> StockClass:
    abc = "A" if share_before < A_SHARE else "B" if share_before < B_SHARE else "C"
    review = ready.item.review_period
    per_review = ready.demand.total(0, review)
    mean = float(per_review.mean())
    spread = float(per_review.std()) / mean if mean > 0 else np.inf
    xyz = "X" if spread < X_SPREAD else "Y" if spread < Y_SPREAD else "Z"
    needed = float(np.quantile(ready.demand.total(), SURE))
    excess = max(0.0, ready.on_hand - needed)
    dead = ready.on_hand > 0 and ready.on_hand > _per_day(ready) * DEAD_DAYS
    return StockClass(ready.name, abc, xyz, value, excess, excess * ready.unit_cost, dead)


def _per_day(ready: PlanningItem) -> float:
    return float(ready.demand.mean.mean()) / days_in_period(ready.demand)
