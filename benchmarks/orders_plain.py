"""What order lists cost, played through unit by unit and day by day: the reference of `orders_truth`, made of plain
loops; it knows nothing of the engine."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MOST_LOOKS, MOST_PERIODS = 52, 730

Grid = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlainItem:
    """An item: figures as in `engine.inventory.StockItem`, all of them given."""

    name: str
    paths: list[list[float]]
    supplier: str
    cost: float
    holding: float
    stockout: float
    salvage: float
    fee: float
    volume: float
    pack: int
    minimum: int
    breaks: tuple[tuple[float, float], ...]
    incremental: bool
    on_hand: float
    coming: tuple[tuple[int, float], ...]
    lead: int
    review: int
    deliveries: tuple[bool, ...]
    life: int | None
    waits: bool

    def demand(self, draw: int, period: int) -> float:
        """A path goes on after its end as the one before it does, from its start."""
        lap, place = divmod(period, len(self.paths[0]))
        return self.paths[(draw - lap) % len(self.paths)][place]

    def delivered(self, period: int) -> int:
        """The next period in which goods can come."""
        while period < len(self.deliveries) and not self.deliveries[period]:
            period += 1
        return period

    @property
    def mean(self) -> float:
        """Units a period on average."""
        return float(np.mean(self.paths))

    @property
    def next_review(self) -> float:
        """Units until the next chance to order, on average."""
        return float(np.mean([sum(self.demand(k, t) for t in range(self.review)) for k in range(len(self.paths))]))

    def spend(self, quantity: float) -> float:
        """What so many units cost to buy."""
        steps = sorted([(0.0, self.cost), *((start, price) for start, price in self.breaks if start > 0)])
        if not self.incremental:
            return quantity * [price for start, price in steps if start <= quantity][-1]
        paid = 0.0
        for place, (start, price) in enumerate(steps):
            end = steps[place + 1][0] if place + 1 < len(steps) else math.inf
            paid += price * max(0.0, min(quantity, end) - start)
        return paid


@dataclass(frozen=True)
class Outcome:
    """What one quantity of an item leads to on average."""

    cost: float
    no_stockout: float
    fill_rate: float


@dataclass
class _Run:
    """One quantity in one future."""

    held: float = 0.0
    short: float = 0.0
    spoiled: float = 0.0
    before: float = 0.0


def simulate(item: PlainItem, draw: int, quantity: float) -> _Run:
    """One future with one order: batches with dates, the order sold last of all that is there."""
    arrival = item.delivered(item.lead)
    following = max(arrival + 1, item.delivered(item.review + item.lead))
    life = item.life if item.life is not None else 10**6
    ends = min(following, arrival + life)
    batches, mine, owed, run = [[life - 1, max(0.0, item.on_hand)]], 0.0, max(0.0, -item.on_hand), _Run()
    for period in range(max(following, arrival + life if item.life else 0)):
        if period == arrival:
            run.before = max(0.0, sum(units for _, units in batches) - owed)
        batches += [[max(0, day) + life, units] for day, units in item.coming if max(0, day) == period]
        if period <= arrival or not item.waits:  # those who wait take the rest before it spoils
            batches = [batch for batch in batches if batch[0] > period]
        batches.sort()
        if period == arrival:
            mine = quantity
        if period == arrival + life:
            run.spoiled, mine = mine, 0.0
        wanted = owed + item.demand(draw, period)
        for batch in batches:
            sold = min(batch[1], wanted)
            batch[1], wanted = batch[1] - sold, wanted - sold
        sold = min(mine, wanted)
        mine, wanted = mine - sold, wanted - sold
        owed = wanted if item.waits else 0.0
        if arrival <= period < ends:
            run.held += mine + sum(units for _, units in batches)
        if (period == following - 1) if item.waits else (arrival <= period < following):
            run.short += wanted
    if item.life:
        run.spoiled = run.spoiled or mine
    return run


class PlainCosts:
    """The cost of every quantity of one item.

    Args:
        item: the item.
        shared: its share of its supplier's fee, currency.
        reach: the quantity up to which its supplier asks for costs, units.
    """

    def __init__(self, item: PlainItem, shared: float, reach: float) -> None:
        self.item, self._fee = item, item.fee + shared
        self._draws = range(len(item.paths))
        self._reach = max(reach, self._cover * item.next_review if shared > 0 else 0.0)

    @cached_property
    def _cover(self) -> int:
        rate = self.item.holding * self.item.review * self.item.next_review
        if self._fee <= 0 or self.item.next_review <= 0:
            return 1
        return min(range(1, 1002), key=lambda m: self._fee / m + rate * (m - 1) / 2)

    @cached_property
    def _waiting(self) -> float:
        """What a review without an order spares."""
        item = self.item
        if self._fee <= 0 or item.next_review <= 0:
            return 0.0
        rate = self._fee / self._cover + item.holding * item.review * item.next_review * (self._cover - 1) / 2
        return rate if item.waits else min(rate, item.stockout * item.next_review)

    @cached_property
    def _later(self) -> tuple[int, int, bool]:
        """Looks, reviews for which each stands, and whether the rest counts as lost."""
        item = self.item
        per_review = item.mean * item.review
        if per_review <= 0:
            return 1, 1, True
        rate = item.holding * item.review * per_review
        cover = min(range(1, 1002), key=lambda m: item.fee / m + rate * (m - 1) / 2) if item.fee > 0 else 1
        most = max([item.minimum, item.pack, cover * per_review, *(start for start, _ in item.breaks)])
        wanted = math.ceil(most / per_review - 1e-9) + 3
        if self._reach > 0:
            power = 1
            while power < math.ceil(self._reach / per_review - 1e-9) + 3:
                power *= 2
            wanted = max(wanted, power)
        reviews = min(wanted, max(1, MOST_PERIODS // item.review))
        stride = math.ceil(reviews / MOST_LOOKS)
        return math.ceil(reviews / stride), stride, wanted > max(1, MOST_PERIODS // item.review)

    @cached_property
    def usual(self) -> float:
        """The first quantity from which on one more unit costs more than it saves, when orders have no fee.

        Below zero: so much could be taken away at the delivery.
        """
        item, needs = self.item, [self._needs(draw) for draw in self._draws]
        steps = sorted({need for row in needs for need in row})
        for level in steps:
            left = sum(need <= level + 1e-9 for row in needs for need in row) / len(needs)
            short = sum(row[-1] > level + 1e-9 for row in needs) / len(needs)
            if item.holding * left - item.stockout * short >= -1e-12:
                return level
        return steps[-1]

    def _needs(self, draw: int) -> list[float]:
        """Per day between this delivery and the next: the order with which the shelf is just empty that evening."""
        item = self.item
        arrival = item.delivered(item.lead)
        following = max(arrival + 1, item.delivered(item.review + item.lead))
        stock, unmet, least, needs = item.on_hand, 0.0, math.inf, list[float]()
        for period in range(following):
            stock += sum(units for day, units in item.coming if max(0, day) == period)
            stock -= item.demand(draw, period)
            if item.waits:
                needs += [-stock] if period >= arrival else []
                continue
            if period >= arrival:
                unmet, least = unmet + max(0.0, -stock), min(least, max(0.0, stock))
                needs.append(unmet if unmet > 0 else -least)
            stock = max(0.0, stock)
        return needs

    def outcome(self, quantity: float) -> Outcome:
        """One quantity, averaged over the futures."""
        item, runs = self.item, [simulate(self.item, draw, quantity) for draw in self._draws]
        plenty = [simulate(item, draw, 1e7).short for draw in self._draws] if item.life else [0.0] * len(runs)
        short = [max(0.0, run.short - rest) for run, rest in zip(runs, plenty, strict=True)]
        wanted = self._fresh_demand()
        cost = item.holding * sum(run.held for run in runs) + item.stockout * sum(run.short for run in runs)
        cost += (item.cost - item.salvage) * sum(run.spoiled for run in runs) if item.life else 0.0
        cost = cost / len(runs) + (item.fee if quantity > 0 else 0.0)
        cost += item.spend(quantity) - self._worth(quantity) + (0.0 if item.life else self._carried(quantity))
        served = sum(units <= 1e-7 for units in short) / len(runs)
        fill = min(1.0, max(0.0, 1 - sum(short) / wanted)) if wanted > 0 else 1.0
        return Outcome(cost, served, fill)

    @cached_property
    def _needed(self) -> float:
        """Units that may be wanted until the next delivery, or until the last review that the fees make one cover."""
        item = self.item
        if item.life:
            most = max((k for k in range(200) if self._lack(k) - self._lack(k + 1) > 1e-9), default=-1) + 1.0
        else:
            most = max(0.0, *(self._needs(draw)[-1] for draw in self._draws))
        return most + (0.0 if item.life else (self._cover - 1) * item.next_review)

    def _lack(self, quantity: float) -> float:
        return sum(simulate(self.item, draw, quantity).short for draw in self._draws)

    def _worth(self, quantity: float) -> float:
        """What the order would cost without discounts: what nobody needs yet counts as what it costs."""
        item = self.item
        start, price = max([(0.0, item.cost), *(each for each in item.breaks if each[0] <= quantity)])
        counted = min(quantity, max(self._needed, start))
        return item.cost * counted + price * (quantity - counted)

    def _fresh_demand(self) -> float:
        item = self.item
        arrival = item.delivered(item.lead)
        following = max(arrival + 1, item.delivered(item.review + item.lead))
        ends = min(following, arrival + item.life) if item.life else following
        return sum(item.demand(draw, period) for draw in self._draws for period in range(arrival, ends))

    def _carried(self, quantity: float) -> float:
        item, (looks, stride, counts), total = self.item, self._later, 0.0
        for draw in self._draws:
            sold = 0.0
            for review in range(1, looks * stride + 1):
                sold += sum(item.demand(draw, t) for t in range((review - 1) * item.review, review * item.review))
                above = quantity - self.usual - sold
                if review % stride == 0:
                    total += stride * item.holding * item.review * max(0.0, above)
                    total -= stride * self._waiting * (above >= -1e-9)
            if counts:
                total += item.cost * (max(0.0, quantity - self.usual - sold) - max(0.0, -self.usual - sold))
        return total / len(self._draws)

    @property
    def before(self) -> float:
        """Units there just before the delivery, on average."""
        return sum(simulate(self.item, draw, 0.0).before for draw in self._draws) / len(self._draws)

    @property
    def furthest(self) -> float:
        """No larger quantity is looked at: it lasts longer than anything looked ahead, and more than all terms ask."""
        looks, stride, _ = self._later
        most = [
            sum(self.item.demand(draw, t) for t in range(looks * stride * self.item.review)) for draw in self._draws
        ]
        return max(0.0, self.usual) + max(most) + max([0.0, *(start for start, _ in self.item.breaks)]) + 12


class PlainShop:
    """Items that share limits: every combination of their quantities.

    Args:
        items: the items.
        fees: currency per delivery of a supplier.
        minimums: smallest order value per supplier.
    """

    def __init__(self, items: Sequence[PlainItem], fees: Mapping[str, float], minimums: Mapping[str, float]) -> None:
        self.items, self._fees, self._minimums = list(items), fees, minimums
        self._costs = [PlainCosts(item, self._share(item), self._reach(item)) for item in items]

    def _share(self, item: PlainItem) -> float:
        fee = self._fees.get(item.supplier, 0.0)
        members = [each for each in self.items if each.supplier == item.supplier]
        weights = [each.holding * each.review * each.next_review for each in members]
        if fee <= 0 or any(each.life for each in members) or sum(weights) <= 0:
            return 0.0
        return fee * item.holding * item.review * item.next_review / sum(weights)

    def _reach(self, item: PlainItem) -> float:
        return self._minimums.get(item.supplier, 0.0) / min([item.cost, *(price for _, price in item.breaks)])

    def without_overfull(self, capacity: float | None) -> "PlainShop":
        """The items that stay when those with the most stock are set aside until the rest fits."""
        if capacity is None:
            return self
        stays = sorted(range(len(self.items)), key=lambda k: -self.items[k].volume * self._costs[k].before)
        while stays and sum(self.items[k].volume * self._costs[k].before for k in stays) > capacity:
            stays = stays[1:]
        shop = PlainShop([], self._fees, self._minimums)
        shop.items = [self.items[k] for k in sorted(stays)]
        shop._costs = [self._costs[k] for k in sorted(stays)]
        return shop

    @cached_property
    def quantities(self) -> list[list[float]]:
        """What can be ordered of each item: nothing, or whole cases from its minimum on."""
        every = []
        for item, costs in zip(self.items, self._costs, strict=True):
            most = max(costs.furthest, self._reach(item) + 2 * item.pack, item.minimum + item.pack)
            cases = range(item.pack, int(most) + item.pack + 1, item.pack)
            every.append([0.0, *(float(units) for units in cases if units >= item.minimum)])
        return every

    @cached_property
    def outcomes(self) -> list[list[Outcome]]:
        """Of each item and quantity."""
        return [
            [costs.outcome(units) for units in row] for costs, row in zip(self._costs, self.quantities, strict=True)
        ]

    def _grid(self, values: Sequence[Sequence[float]]) -> Grid:
        """The sum over the items of one number per quantity, for every combination."""
        total = np.zeros([len(row) for row in self.quantities])
        for place, row in enumerate(values):
            total = total + np.reshape(row, [-1 if axis == place else 1 for axis in range(len(self.items))])
        return total

    def table(self) -> Grid:
        """The cost of every combination."""
        total = self._grid([[outcome.cost for outcome in row] for row in self.outcomes])
        for supplier, fee in self._fees.items():
            total = total + fee * (self.spend(supplier) > 0)
        return total

    def spend(self, supplier: str | None = None) -> Grid:
        """What every combination costs to buy, from one supplier or from all."""
        return self._grid(
            [
                [item.spend(units) * (supplier is None or item.supplier == supplier) for units in row]
                for item, row in zip(self.items, self.quantities, strict=True)
            ]
        )

    def volume(self) -> Grid:
        """The space that every combination takes, with what is there before."""
        return self._grid(
            [
                [item.volume * (costs.before + units) for units in row]
                for item, costs, row in zip(self.items, self._costs, self.quantities, strict=True)
            ]
        )

    def every(self, keeps: Callable[[Outcome], bool]) -> NDArray[np.bool_]:
        """Where every item keeps something."""
        broken = self._grid([[0.0 if keeps(outcome) else 1.0 for outcome in row] for row in self.outcomes])
        return np.asarray(broken == 0)

    def place_of(self, chosen: Mapping[str, float]) -> tuple[int, ...] | None:
        """Where a combination stands in the grids; None where it is no combination at all."""
        pairs = list(zip(self.items, self.quantities, strict=True))
        if any(chosen[item.name] not in row for item, row in pairs):
            return None
        return tuple(row.index(chosen[item.name]) for item, row in pairs)

    def cost_of(self, chosen: Mapping[str, float]) -> float | None:
        """What a combination costs."""
        place = self.place_of(chosen)
        return None if place is None else float(self.table()[place])
