"""How much to have when the season, the day or the delivery interval has one chance: the newsvendor."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from engine.inventory.arrays import Values
from engine.inventory.counts import CountDemand


@dataclass(frozen=True)
class StockLevel:
    """The cheapest level to start a period with.

    Attributes:
        level: units, before the period's demand.
        cost: expected holding and stockout cost of the period, currency.
        critical_ratio: the share of the stockout cost in both costs, 0..1.
        cycle_service_level: the chance of no stockout at this level, 0..1.
        fill_rate: the share of demand that this level is expected to meet, 0..1.
    """

    level: float
    cost: float
    critical_ratio: float
    cycle_service_level: float
    fill_rate: float


def newsvendor_normal(
    demand_mean: float, demand_sd: float, *, holding_cost: float, stockout_cost: float, lead_time: float = 0.0
) -> StockLevel:
    """The cheapest level for normally distributed demand.

    Args:
        demand_mean: units per period.
        demand_sd: units, > 0.
        holding_cost: currency per unit left over, > 0.
        stockout_cost: currency per unit short, > 0.
        lead_time: periods that the level must cover beyond the one under review.

    Raises:
        ValueError: a cost or the deviation is not positive.

    Source: Snyder & Shen, Fundamentals of Supply Chain Theory, section 4.3; example 4.3 is a test.
    """
    ratio = critical_ratio(holding_cost, stockout_cost)
    periods = 1 + lead_time
    mean, sd = demand_mean * periods, demand_sd * math.sqrt(periods)
    if not sd > 0:
        raise ValueError("the standard deviation must be positive")
    standard = NormalDist()
    z = standard.inv_cdf(ratio)
    short = sd * (standard.pdf(z) - z * (1 - ratio))
    cost = (holding_cost + stockout_cost) * sd * standard.pdf(z)
    return StockLevel(mean + z * sd, cost, ratio, ratio, 1 - short / mean)


def newsvendor_counts(demand: CountDemand, *, holding_cost: float, stockout_cost: float) -> StockLevel:
    """The cheapest whole level for demand in whole units.

    Args:
        demand: over the period that the level must cover.
        holding_cost: currency per unit left over, > 0.
        stockout_cost: currency per unit short, > 0.

    Raises:
        ValueError: a cost is not positive.

    Source: Snyder & Shen, section 4.3.2.7; example 4.7 and problem 4.8 are tests.
    """
    ratio = critical_ratio(holding_cost, stockout_cost)
    reached = np.cumsum(demand.chances)
    level = int(np.searchsorted(reached, ratio - 1e-12))
    short = float(demand.short(np.array([float(level)]))[0])
    cost = float(demand.cost(np.array([float(level)]), holding_cost, stockout_cost)[0])
    return StockLevel(level, cost, ratio, float(reached[level]), 1 - short / demand.mean)


def newsvendor_samples(samples: Values, *, holding_cost: float, stockout_cost: float) -> StockLevel:
    """The cheapest level for demand of which only equally likely samples are known.

    Args:
        samples: demand over the period that the level must cover, units, shape (draws,).
        holding_cost: currency per unit left over, > 0.
        stockout_cost: currency per unit short, > 0.

    Raises:
        ValueError: a cost is not positive.
    """
    ratio = critical_ratio(holding_cost, stockout_cost)
    ordered = np.sort(samples)
    level = float(ordered[max(0, math.ceil(ratio * len(ordered) - 1e-9) - 1)])
    short = float(np.maximum(samples - level, 0).mean())
    left = float(np.maximum(level - samples, 0).mean())
    mean = float(samples.mean())
    fill_rate = 1 - short / mean if mean > 0 else 1.0
    no_stockout = float(np.mean(samples <= level))
    return StockLevel(level, holding_cost * left + stockout_cost * short, ratio, no_stockout, fill_rate)


def critical_ratio(holding_cost: float, stockout_cost: float) -> float:
    """The chance of no stockout at which one more unit costs as much as it saves, 0..1.

    Raises:
        ValueError: a cost is not positive.
    """
    if not (holding_cost > 0 and stockout_cost > 0):
        raise ValueError("holding and stockout cost must be positive")
    return stockout_cost / (holding_cost + stockout_cost)
