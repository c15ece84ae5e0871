"""Many items, one chance each, one limit that they share: the newsvendor under a capacity, exact."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats

HALVINGS = 100


@dataclass(frozen=True, eq=False)
class NormalItems:
    """Items with normally distributed demand, one number per item.

    Attributes:
        demand_mean: units.
        demand_sd: units, > 0.
        underage: currency per unit short, > 0.
        overage: currency per unit left over, > 0.
        volume: how much of the capacity a unit takes, > 0.
    """

    demand_mean: Floats
    demand_sd: Floats
    underage: Floats
    overage: Floats
    volume: Floats


@dataclass(frozen=True, eq=False)
class SharedPlan:
    """What to have of each item.

    Attributes:
        quantities: units per item, >= 0.
        cost: expected cost, currency.
        bound: no quantities within the capacity can cost less.
        shadow_price: what one more unit of capacity saves, currency; 0 when it is not used up.
        usage: how much of the capacity the quantities take.
    """

    quantities: Floats
    cost: float
    bound: float
    shadow_price: float
    usage: float


def newsvendor_under_capacity(items: NormalItems, capacity: float) -> SharedPlan:
    """The cheapest quantities for normal demand: critical ratios, lowered by the price of the space that items take.

    The price is found by bisection; every price gives a lower bound on the cost of all plans (the Lagrangian), so the
    plan proves itself.

    Raises:
        ValueError: a deviation, cost or volume is not positive, or the capacity is negative.

    Source: Hadley & Whitin (1963), section 6-9; Zhang, Xu & Hua (2009).
    """
    if capacity < 0 or any(
        np.any(each <= 0) for each in (items.demand_sd, items.underage, items.overage, items.volume)
    ):
        raise ValueError("deviations, costs and volumes must be positive, and the capacity not negative")
    low, high = 0.0, float((items.underage / items.volume).max())
    if items.volume @ _quantities(items, low) <= capacity:
        return _plan(items, low, capacity)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if items.volume @ _quantities(items, middle) > capacity:
            low = middle
        else:
            high = middle
    return _plan(items, high, capacity)


def sampled_newsvendor_under_capacity(
    samples: Floats, underage: Floats, overage: Floats, volume: Floats, capacity: float
) -> SharedPlan:
    """The cheapest quantities for demand known by equally likely samples, exact for these samples.

    Between two samples of an item each further unit saves the same; all such stretches, the most saving per volume
    first, fill the capacity. A linear program over the scenarios has the same optimum and takes far longer.

    Args:
        samples: units, shape (items, draws).
        underage: currency per unit short, shape (items,).
        overage: currency per unit left over, shape (items,).
        volume: capacity that a unit takes, > 0, shape (items,).
        capacity: how much there is.
    """
    ascending = np.sort(samples, axis=1)
    draws = samples.shape[1]
    length = np.diff(ascending, axis=1, prepend=0.0)
    rank = np.arange(draws)
    saving = (underage[:, None] * (draws - rank) - overage[:, None] * rank) / draws
    density, space = (saving / volume[:, None]).ravel(), (length * volume[:, None]).ravel()
    worth = np.flatnonzero((density > 0) & (space > 0))
    worth = worth[np.argsort(-density[worth], kind="stable")]
    reach = np.cumsum(space[worth])
    shares = np.zeros(len(density))
    shares[worth] = np.clip(capacity - (reach - space[worth]), 0.0, space[worth])
    quantities = shares.reshape(samples.shape).sum(axis=1) / volume
    last = int(np.searchsorted(reach, capacity))
    price = float(density[worth[last]]) if last < len(worth) else 0.0
    cost = float((underage * samples.mean(axis=1)).sum() - density @ shares)
    return SharedPlan(quantities, cost, cost, price, float(shares.sum()))


def normal_cost(items: NormalItems, quantities: Floats) -> Floats:
    """The expected cost of each item at these quantities, currency."""
    from scipy.special import ndtr

    z = (quantities - items.demand_mean) / items.demand_sd
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    short = items.demand_sd * (density - z * ndtr(-z))
    return np.asarray(items.underage * short + items.overage * (quantities - items.demand_mean + short))


def _quantities(items: NormalItems, price: float) -> Floats:
    from scipy.special import ndtri

    ratio = (items.underage - price * items.volume) / (items.underage + items.overage)
    level = items.demand_mean + items.demand_sd * ndtri(np.clip(ratio, 1e-15, 1 - 1e-15))
    return np.where(ratio <= 0, 0.0, np.maximum(level, 0.0))


def _plan(items: NormalItems, price: float, capacity: float) -> SharedPlan:
    quantities = _quantities(items, price)
    cost = float(normal_cost(items, quantities).sum())
    usage = float(items.volume @ quantities)
    return SharedPlan(quantities, cost, cost + price * (usage - capacity), price, usage)
