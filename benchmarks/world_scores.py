"""What the app says of a world, held against what is true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.series import Array
from benchmarks.world_truth import Truth

NAN = float("nan")


@dataclass(frozen=True)
class Said:
    """A forecast on the periods of the truth; a day on which nothing is forecast because the shop never opens is 0.

    Attributes:
        point: the middle of each period, shape (n,).
        lo80, hi80, lo95, hi95: the bands, shape (n,).
        paths: futures, shape (draws, n).
    """

    point: Array
    lo80: Array
    hi80: Array
    lo95: Array
    hi95: Array
    paths: Array


@dataclass(frozen=True)
class ItemScore:
    """One forecast held against the truth; NaN where a measure is not defined.

    Attributes:
        item: its name; "" for all together.
        bias: percent by which the sum of the first periods is said too high, by their number; NaN where nothing comes.
        said: units in the longest total.
        true: its true mean, units.
        sd_ratio: the standard deviation of the shortest total over the true one.
        total80, total95: the true chance that the longest total lies within its band, 0..1; 0.80 and 0.95 are right.
        period80, period95: share of the periods whose band held what came in one draw, 0..1.
        width80: the mean width of the periods' 80 % bands over that of the true quantiles.
    """

    item: str
    bias: Mapping[int, float]
    said: float
    true: float
    sd_ratio: float
    total80: float
    total95: float
    period80: float
    period95: float
    width80: float


@dataclass(frozen=True)
class OrderScore:
    """One line of the order list held against the truth.

    Attributes:
        item: its name.
        quantity, optimum: units.
        cost, optimum_cost: true expected cost of both, currency.
        stated_risk, true_risk: the chance of a stockout before the next delivery as we state it, and as it is, 0..1.
        demand_bias: percent by which the demand behind the list is too high over the shortest total.
        demand_sd_ratio: its standard deviation there over the true one.
    """

    item: str
    quantity: float
    optimum: float
    cost: float
    optimum_cost: float
    stated_risk: float
    true_risk: float
    demand_bias: float
    demand_sd_ratio: float


@dataclass(frozen=True)
class WorldScore:
    """One world.

    Attributes:
        folder: which set of worlds it is from, "seed11".
        world, code: "a1_orders_0.5", "a1".
        total: all items together; None where there is no forecast.
        items: each item that could be forecast.
        orders: each line of the order list for which the truth is known.
        own: what only worlds of this kind are asked, by name.
        problems: what could not be done, and why.
        seconds: by the clock.
    """

    folder: str
    world: str
    code: str
    total: ItemScore | None = None
    items: tuple[ItemScore, ...] = ()
    orders: tuple[OrderScore, ...] = ()
    own: Mapping[str, float] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    seconds: float = 0.0

    def figures(self) -> dict[str, float]:
        """Every figure by name; NaN where it could not be had."""
        return {
            **_of_total(self.total),
            **_of_items(self.items),
            **_of_orders(self.orders),
            **self.own,
            "problems": float(len(self.problems)),
            "seconds": self.seconds,
        }


def score(said: Said, truth: Truth) -> ItemScore:
    """Hold one forecast against the truth."""
    first, last = min(truth.totals), truth.last
    sums, true = said.paths[:, :last].sum(axis=1), truth.totals[last]
    lo95, lo80, hi80, hi95 = np.quantile(sums, (0.025, 0.1, 0.9, 0.975))
    true_sd, true_width = truth.totals[first].sd, float(truth.width80.sum())
    return ItemScore(
        item=truth.item,
        bias={
            periods: 100 * (float(said.point[:periods].sum()) / total.mean - 1) if total.mean > 0 else NAN
            for periods, total in truth.totals.items()
        },
        said=float(said.point[:last].sum()),
        true=true.mean,
        sd_ratio=float(said.paths[:, :first].sum(axis=1).std()) / true_sd if true_sd > 0 else NAN,
        total80=true.within(float(lo80), float(hi80)),
        total95=true.within(float(lo95), float(hi95)),
        period80=_held(truth.realised, said.lo80, said.hi80),
        period95=_held(truth.realised, said.lo95, said.hi95),
        width80=float((said.hi80 - said.lo80).sum()) / true_width if true_width > 0 else NAN,
    )


def order_score(truth: Truth, quantity: float, stated_risk: float, demand: Array) -> OrderScore:
    """Hold one line of an order list against the truth.

    Args:
        truth: of the item.
        quantity: that is listed, units.
        stated_risk: the chance of a stockout before the next delivery as it is stated, 0..1.
        demand: over the shortest total as the list sees it, units, one number per future.

    Raises:
        ValueError: no order of this item is known.
    """
    if truth.order is None:
        raise ValueError(f"no order of {truth.item} is known")
    true = truth.totals[min(truth.totals)]
    return OrderScore(
        item=truth.item,
        quantity=quantity,
        optimum=truth.order.optimum,
        cost=truth.order.cost_of(quantity),
        optimum_cost=truth.order.optimum_cost,
        stated_risk=stated_risk,
        true_risk=truth.stockout_risk(quantity),
        demand_bias=100 * (float(demand.mean()) / true.mean - 1) if true.mean > 0 else NAN,
        demand_sd_ratio=float(demand.std()) / true.sd if true.sd > 0 else NAN,
    )


def average(values: Sequence[float]) -> float:
    """The mean of those that are numbers; NaN when none is."""
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else NAN


def _held(came: Array, lower: Array, upper: Array) -> float:
    return float(np.mean((lower - 1e-9 <= came) & (came <= upper + 1e-9)))


def _of_total(total: ItemScore | None) -> dict[str, float]:
    if total is None:
        return {}
    bias = {f"bias_{periods}": value for periods, value in total.bias.items()}
    names = ("sd_ratio", "total80", "total95", "period80", "period95")
    return {**bias, "bias": total.bias[max(total.bias)], **{name: getattr(total, name) for name in names}}


def _of_items(items: Sequence[ItemScore]) -> dict[str, float]:
    names = ("sd_ratio", "total80", "total95", "period80", "period95", "width80")
    worst = max((abs(each.bias[max(each.bias)]) for each in items if each.true > 0), default=NAN)
    sizes = [abs(each.bias[max(each.bias)]) for each in items if each.true > 0]
    return {
        "items_abs_bias": average(sizes),
        "items_worst_bias": worst,
        **{f"items_{name}": average([getattr(each, name) for each in items if each.true > 0]) for name in names},
    }


def _of_orders(orders: Sequence[OrderScore]) -> dict[str, float]:
    least = sum(each.optimum_cost for each in orders)
    return {
        "cost_ratio": sum(each.cost for each in orders) / least if least > 0 else NAN,
        "extra_cost": sum(each.cost - each.optimum_cost for each in orders) if orders else NAN,
        "stated_risk": average([each.stated_risk for each in orders]),
        "true_risk": average([each.true_risk for each in orders]),
        "risk_gap": average([abs(each.stated_risk - each.true_risk) for each in orders]),
        "demand_bias": average([each.demand_bias for each in orders]),
        "demand_sd_ratio": average([each.demand_sd_ratio for each in orders]),
    }
