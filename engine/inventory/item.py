"""What an owner knows about an item, and the limits that all items share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.demand import DemandDistribution


class Shortage(StrEnum):
    """What a customer does who finds the shelf empty."""

    LOST = "lost"
    BACKORDERED = "backordered"


@dataclass(frozen=True)
class Arrival:
    """Units that are already on their way.

    Attributes:
        period: the period at whose start they arrive, 0 = the first of the forecast.
        quantity: units.
    """

    period: int
    quantity: float


@dataclass(frozen=True)
class PriceBreak:
    """A price that applies from a quantity on.

    Attributes:
        quantity: units from which it applies, >= 0.
        unit_cost: currency per unit, > 0.
    """

    quantity: float
    unit_cost: float


@dataclass(frozen=True, eq=False)
class StockItem:
    """One item; what is None is unknown, and gets a stated default or a plain message.

    Periods are those of the demand's forecast (days, weeks, ...). An order placed now, before the first of them,
    arrives at the start of period `lead_time`; the next chance to order comes `review_period` periods from now.

    Attributes:
        name: unique among the items of a plan.
        demand: what may be sold; None borrows from items of the same category.
        unit_cost: currency per unit before discounts.
        price: what a customer pays, currency per unit.
        category: items of a category sell alike.
        supplier: who delivers it.
        on_hand: units in stock now, None counts as none; below zero only for items that customers wait for.
        on_order: units on their way.
        lead_time: periods from order to delivery.
        lead_time_sd: how much that varies, periods.
        review_period: periods between two chances to order, >= 1.
        deliveries: whether goods can arrive at the start of each period, the first of the forecast first; those that
            cannot come at the next one that can. Where it ends, and where it is empty, they always can.
        shortage: what happens to demand that is not met.
        holding_cost: currency per unit and period.
        stockout_cost: currency per unit short.
        order_cost: currency per order line, whatever its size.
        volume: space per unit.
        volume_unit: of `volume`; must be the limits' unit where both are given.
        pack: units per case; orders are whole cases.
        minimum_order: smallest order, units.
        prices: discounts from a quantity on.
        incremental: a discount holds only for the units beyond its quantity.
        shelf_life: periods for which a delivery can be sold, its first one included; None when it keeps. What is in
            stock now is taken to have come in the period before the first one.
        salvage: what a spoiled unit still brings, currency.
    """

    name: str
    demand: DemandDistribution | None
    unit_cost: float | None = None
    price: float | None = None
    category: str = ""
    supplier: str = ""
    on_hand: float | None = 0.0
    on_order: tuple[Arrival, ...] = ()
    lead_time: float | None = None
    lead_time_sd: float = 0.0
    review_period: int = 1
    deliveries: tuple[bool, ...] = ()
    shortage: Shortage = Shortage.LOST
    holding_cost: float | None = None
    stockout_cost: float | None = None
    order_cost: float = 0.0
    volume: float | None = None
    volume_unit: str = ""
    pack: float = 1.0
    minimum_order: float = 0.0
    prices: tuple[PriceBreak, ...] = ()
    incremental: bool = False
    shelf_life: int | None = None
    salvage: float = 0.0


@dataclass(frozen=True)
class OrderLimits:
    """What all items share; None means without limit.

    Attributes:
        capacity: space for the stock at the time when the order arrives.
        capacity_unit: of the capacity and of the items' volumes.
        budget: currency to spend on this order.
        supplier_minimums: smallest order value per supplier, currency; an order below it is not placed.
        delivery_costs: currency per order to a supplier, shared by all of its items.
        cycle_service_level: least chance (0..1) of no stockout of each item until the next delivery.
        fill_rate: least share (0..1) of each item's demand that is met until the next delivery.
    """

    capacity: float | None = None
    capacity_unit: str = "m³"
    budget: float | None = None
    supplier_minimums: Mapping[str, float] = field(default_factory=dict)
    delivery_costs: Mapping[str, float] = field(default_factory=dict)
    cycle_service_level: float | None = None
    fill_rate: float | None = None

    def __post_init__(self) -> None:
        for level in (self.cycle_service_level, self.fill_rate):
            if level is not None and not 0 <= level < 1:
                raise ValueError("a service level is at least 0 and below 1")
        amounts = [self.capacity, self.budget, *self.supplier_minimums.values(), *self.delivery_costs.values()]
        if any(amount is not None and amount < 0 for amount in amounts):
            raise ValueError("a limit must not be negative")


@dataclass(frozen=True)
class Defaults:
    """What is taken for what is not known, and said with every plan.

    Attributes:
        holding_rate: cost of capital, space and loss as a share of an item's cost per year.
        margin: profit per unit as a share of its cost, where no price is known.
        stockout_factor: what a missing unit costs where it is not known, as a multiple of the margin.
        lead_time: periods; None leaves items without a lead time out.
    """

    holding_rate: float = 0.25
    margin: float = 0.5
    stockout_factor: float = 1.0
    lead_time: float | None = None
