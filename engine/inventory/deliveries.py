"""The deliveries that are planned ahead, and what each of them costs."""

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta

from engine.dataset import in_words
from engine.facts import Fact, Facts
from engine.inventory.check_ahead import PlayedItem
from engine.inventory.item import OrderLimits
from engine.proof import Infeasibility, Proof

CENT = 0.005
"""Money below it is none."""


@dataclass(frozen=True)
class DeliveredItem:
    """One item of a delivery.

    Attributes:
        name: the item.
        quantity: units; expected for later deliveries.
        packs: whole packs.
        spend: currency.
        arrives: the day on which it is expected.
    """

    name: str
    quantity: float
    packs: int
    spend: float
    arrives: date


@dataclass(frozen=True)
class MergedCost:
    """What it costs when a delivery and the next one of the same supplier become one.

    Attributes:
        following: the day on which the next one is ordered.
        extra: currency more than the plan, with the other deliveries on their days at most; infinite where limits
            forbid it, not a number where time ran out.
        is_early: one delivery at the earlier day is the cheaper way, otherwise at the later one.
    """

    following: date
    extra: float
    is_early: bool


@dataclass(frozen=True)
class Delivery:
    """What one supplier brings for one order.

    Attributes:
        supplier: who delivers.
        chance: 0 for the order of today, 1 for that of the next review, ...
        ordered: the day on which it is ordered.
        items: what it brings.
        fee: currency for the delivery.
        keeping: currency for stock, stockouts, waste and order lines of these items until they are ordered again.
        merged: what merging it with the next one would cost; None for the last.
    """

    supplier: str
    chance: int
    ordered: date
    items: tuple[DeliveredItem, ...]
    fee: float
    keeping: float
    merged: MergedCost | None = None

    @property
    def spend(self) -> float:
        """Currency to pay for the goods."""
        return sum(each.spend for each in self.items)

    def in_short(self) -> str:
        """What one delivery with the next would cost, currency, or why there is none."""
        if self.merged is None:
            return "the last one"
        if math.isnan(self.merged.extra):
            return "not priced in time"
        return "not possible" if math.isinf(self.merged.extra) else f"{self.merged.extra:,.2f} more"

    def why(self, currency: str) -> str:
        """Why it is not one delivery with the next of its supplier, in a sentence."""
        if self.merged is None:
            return "The last one of this supplier here."
        day, extra = in_words(self.merged.following), self.merged.extra
        if math.isnan(extra):
            return f"There was no time to price one delivery together with that of {day}."
        if math.isinf(extra):
            return f"Limits or shelf lives leave no room for one delivery together with that of {day}."
        if extra < CENT:
            return f"One delivery together with that of {day} would cost the same."
        when = "now" if self.merged.is_early and not self.chance else "earlier" if self.merged.is_early else "later"
        return (
            f"One delivery together with that of {day}, {when}, would cost {extra:,.2f} {currency}".rstrip() + " more."
        )

    @property
    def arrives(self) -> tuple[date, date]:
        """The first and the last day on which its items are expected."""
        days = [each.arrives for each in self.items]
        return min(days), max(days)


@dataclass(frozen=True, eq=False)
class AheadPlan:
    """The deliveries ahead.

    Attributes:
        deliveries: by day of order, then by supplier; empty when the limits clash.
        played: every item, as the second look saw it.
        limits: as given.
        currency: ISO code of all money, or "".
        chances: the days on which something can be ordered.
        proof: status, cost, bound, second look.
        infeasibility: why there is no plan, when there is none.
        assumptions: what is taken for what, one sentence each.
    """

    deliveries: tuple[Delivery, ...]
    played: tuple[PlayedItem, ...]
    limits: OrderLimits
    currency: str
    chances: tuple[date, ...]
    proof: Proof
    infeasibility: Infeasibility[str] | None = None
    assumptions: tuple[str, ...] = ()

    @property
    def suppliers(self) -> tuple[str, ...]:
        """Who delivers, by name."""
        return tuple(sorted({each.supplier for each in self.deliveries}))

    def moved(self, by: timedelta) -> "AheadPlan":
        """The same with every day so much later."""
        deliveries = tuple(_moved(each, by) for each in self.deliveries)
        return replace(self, deliveries=deliveries, chances=tuple(day + by for day in self.chances))

    def deliveries_of(self, supplier: str) -> tuple[Delivery, ...]:
        """What one supplier brings, by day of order."""
        return tuple(each for each in self.deliveries if each.supplier == supplier)

    def cheapest_merger(self, supplier: str) -> Delivery | None:
        """The delivery of a supplier whose merger with the next one would cost least; None without one that can be."""
        able = [each for each in self.deliveries_of(supplier) if each.merged and math.isfinite(each.merged.extra)]
        return min(able, key=lambda each: each.merged.extra if each.merged else math.inf, default=None)

    def facts(self) -> Facts:
        """The figures that may be quoted."""
        if self.infeasibility is not None:
            return self.infeasibility.facts()
        money, fees = self.currency, sum(each.fee for each in self.deliveries)
        chances = len(self.chances)
        return Facts(
            (
                Fact("deliveries", "Deliveries", len(self.deliveries), "", f"In the next {chances} chances to order."),
                Fact("goods", "Goods", sum(each.spend for each in self.deliveries), money, "Quantities times prices."),
                Fact("fees", "Delivery fees", fees, money, "Deliveries times what each supplier charges."),
                Fact("ahead_cost", "Expected cost", self.proof.objective, money, "Fees, stock, empty shelves, waste."),
                Fact("ahead_gap", "Most that another plan could save", 100 * self.proof.gap, "%", "Cost less bound."),
            )
        )


def _moved(delivery: Delivery, by: timedelta) -> Delivery:
    items = tuple(replace(each, arrives=each.arrives + by) for each in delivery.items)
    merged = delivery.merged and replace(delivery.merged, following=delivery.merged.following + by)
    return replace(delivery, ordered=delivery.ordered + by, items=items, merged=merged)
