"""How much to have when the season, the day or the delivery interval has one chance: the newsvendor."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from benchmarks.textbook.counts import CountDemand
from engine.arrays import Floats


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


@dataclass(frozen=True)
class ProfitLevel:
    """The most profitable level to start a period with.

    Attributes:
        level: units, before the period's demand.
        profit: expected, currency.
        critical_ratio: the chance of no stockout at this level, 0..1.
    """

    level: float
    profit: float
    critical_ratio: float


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


def newsvendor_lognormal(mu: float, sigma: float, *, holding_cost: float, stockout_cost: float) -> StockLevel:
    """The cheapest level for demand whose logarithm is normally distributed.

    Args:
        mu: mean of the logarithm of the demand.
        sigma: standard deviation of the logarithm, > 0.
        holding_cost: currency per unit left over, > 0.
        stockout_cost: currency per unit short, > 0.

    Raises:
        ValueError: a cost or the deviation is not positive.

    Source: Snyder & Shen, section 4.3.2; problem 4.8(b) is a test.
    """
    ratio = critical_ratio(holding_cost, stockout_cost)
    if not sigma > 0:
        raise ValueError("the standard deviation must be positive")
    z = NormalDist().inv_cdf(ratio)
    level, mean = math.exp(mu + sigma * z), math.exp(mu + sigma**2 / 2)
    short = mean * NormalDist().cdf(sigma - z) - level * (1 - ratio)
    cost = holding_cost * (level - mean + short) + stockout_cost * short
    return StockLevel(level, cost, ratio, ratio, 1 - short / mean)


def newsvendor_profit(
    demand_mean: float,
    demand_sd: float,
    *,
    price: float,
    unit_cost: float,
    salvage: float = 0.0,
    goodwill: float = 0.0,
) -> ProfitLevel:
    """The most profitable level for normally distributed demand, from what a unit costs and brings.

    Args:
        demand_mean: units.
        demand_sd: units, > 0.
        price: what a sold unit brings, currency.
        unit_cost: what a unit costs to buy, currency, below the price.
        salvage: what a unit left over still brings, less what keeping it costs, currency, below its cost.
        goodwill: what a unit short costs beyond the margin that is lost, currency.

    Raises:
        ValueError: the price is not above the cost, the cost not above the salvage, or the deviation not positive.

    Source: Snyder & Shen, section 4.3.2.4 (the explicit form); example 4.2 is a test.
    """
    if not salvage < unit_cost < price:
        raise ValueError("the price must be above the cost, and the cost above the salvage value")
    overage, underage = unit_cost - salvage, price - unit_cost + goodwill
    stock = newsvendor_normal(demand_mean, demand_sd, holding_cost=overage, stockout_cost=underage)
    return ProfitLevel(stock.level, (price - unit_cost) * demand_mean - stock.cost, stock.critical_ratio)


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
    cumulative = np.cumsum(demand.chances)
    level = int(np.searchsorted(cumulative, ratio - 1e-12))
    short = float(demand.short(np.array([float(level)]))[0])
    cost = float(demand.cost(np.array([float(level)]), holding_cost, stockout_cost)[0])
    return StockLevel(level, cost, ratio, float(cumulative[level]), 1 - short / demand.mean)


def newsvendor_samples(samples: Floats, *, holding_cost: float, stockout_cost: float) -> StockLevel:
    """The cheapest level for demand of which only equally likely samples are known.

    Args:
        samples: demand over the period that the level must cover, units, shape (draws,).
        holding_cost: currency per unit left over, > 0.
        stockout_cost: currency per unit short, > 0.

    Raises:
        ValueError: a cost is not positive.
    """
    ratio = critical_ratio(holding_cost, stockout_cost)
    ascending = np.sort(samples)
    level = float(ascending[max(0, math.ceil(ratio * len(ascending) - 1e-9) - 1)])
    short = float(np.maximum(samples - level, 0).mean())
    surplus = float(np.maximum(level - samples, 0).mean())
    mean = float(samples.mean())
    fill_rate = 1 - short / mean if mean > 0 else 1.0
    no_stockout = float(np.mean(samples <= level))
    return StockLevel(level, holding_cost * surplus + stockout_cost * short, ratio, no_stockout, fill_rate)


def critical_ratio(holding_cost: float, stockout_cost: float) -> float:
    """The chance of no stockout at which one more unit costs as much as it saves, 0..1.

    Raises:
        ValueError: a cost is not positive.
    """
    if not (holding_cost > 0 and stockout_cost > 0):
        raise ValueError("holding and stockout cost must be positive")
    return stockout_cost / (holding_cost + stockout_cost)
