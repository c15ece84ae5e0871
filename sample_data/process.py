"""From a business to its numbers: the true mean of everything, and one draw from it.

A week's visits are the regular visits plus those that advertising brings, times `reach`, the share of regular trade
that the week's closures, holidays, promotions and one-off events leave. A day's mean units of an item are its usual
units, times the day's trade, times visits over the visits without advertising, times what its category's season, its
price, its promotion and a one-off event do to it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sample_data.business import END, START, Business, Channel, Item, Promotion
from sample_data.season import (
    Floats,
    Grid,
    grid_of,
    monthly_curve,
    promotion_share,
    season_index,
    trade_of,
)

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Expected:
    """The true means, given the advertising plan.

    Attributes:
        spend: (weeks, channels), currency; `carried` the same after carry-over.
        reach: per week, the share of regular trade that is left.
        organic: visits per day without advertising.
        visits: per week; `leads` too, or None where there are none.
        units: (days, items); `price` paid, and `promoted` where a promotion runs.
    """

    grid: Grid
    spend: Floats
    carried: Floats
    reach: Floats
    organic: Floats
    visits: Floats
    leads: Floats | None
    units: Floats
    price: Floats
    promoted: NDArray[np.bool_]

    @property
    def revenue(self) -> Floats:
        """Mean revenue per day, currency."""
        return (self.units * self.price).sum(axis=1)


@dataclass(frozen=True)
class Drawn:
    """One draw: visits and leads per week (whole numbers), units per day and item."""

    visits: Ints
    leads: Ints | None
    units: Ints


@dataclass(frozen=True)
class Simulation:
    """A business with its true means and the draw that its workbook shows."""

    business: Business
    expected: Expected
    drawn: Drawn


def simulate(business: Business) -> Simulation:
    """Everything about a business, from its seed alone."""
    plan, chance = (np.random.default_rng([business.seed, k]) for k in (0, 1))
    expected = expect(business, plan_spend(business, plan))
    return Simulation(business, expected, draw(business, expected, chance))


def adstock(spend: Floats, decay: float) -> Floats:
    """Carried-over spend, a(t) = (1 - decay) x(t) + decay a(t-1), which equals the spend when that never changes."""
    carried = np.empty_like(spend)
    level = spend[0]
    for t, amount in enumerate(spend):
        level = (1.0 - decay) * amount + decay * level
        carried[t] = level
    return carried


def hill(carried: Floats, channel: Channel) -> Floats:
    """Visits per week that this much carried-over spend brings."""
    powered = carried**channel.slope
    return channel.max_visits * powered / (powered + channel.half**channel.slope)


def hill_slope(carried: Floats, channel: Channel) -> Floats:
    """Derivative of `hill`: visits per unit of currency."""
    s, half = channel.slope, channel.half
    level = np.maximum(carried, 1e-9)
    return channel.max_visits * s * half**s * level ** (s - 1) / (level**s + half**s) ** 2


def plan_spend(business: Business, rng: np.random.Generator) -> Floats:
    """The owner's budget per week and channel, whole currency; without chance in the weeks after the history."""
    grid = grid_of(business)
    season = _weekly_season(business, grid)
    share = promotion_share(business.promotions, grid.weeks)
    known = np.array([week <= END for week in grid.weeks])
    columns = []
    for channel in business.channels:
        shock = rng.normal(size=len(grid.weeks))
        chance = np.where(known, np.exp(channel.noise * shock - channel.noise**2 / 2), 1.0)
        push = channel.promotion_push**share * _price_push(business, channel, grid)
        usual = channel.spend * season**channel.season_pull * push * chance
        columns.append(np.where(_paused(business, channel, grid), 0.0, np.round(usual)))
    return np.column_stack(columns)


def expect(business: Business, spend: Floats) -> Expected:
    """The true means under an advertising plan of shape (weeks, channels)."""
    grid, trade = grid_of(business), trade_of(business, grid_of(business))
    carried = np.column_stack([adstock(spend[:, k], c.decay) for k, c in enumerate(business.channels)])
    paid = sum(hill(carried[:, k], channel) for k, channel in enumerate(business.channels))
    regular = business.demand.visits * grid.per_week(trade.regular)
    reach = _ratio(business.demand.visits * grid.per_week(trade.actual), regular)
    organic = business.demand.visits * trade.actual
    visits = reach * (regular + paid) * (regular > 0)
    swell = _ratio(visits, grid.per_week(organic))[grid.week_of]
    rate = business.demand.lead_rate
    price, promoted = _prices(business, grid)
    return Expected(
        grid=grid,
        spend=spend,
        carried=carried,
        reach=reach,
        organic=organic,
        visits=visits,
        leads=None if rate is None else visits * rate,
        units=(trade.actual * swell)[:, None] * _item_factors(business, grid, price),
        price=price,
        promoted=promoted,
    )


def draw(business: Business, expected: Expected, rng: np.random.Generator) -> Drawn:
    """One draw: visits, then leads, then the units of each item and day."""
    noise, grid = business.noise, expected.grid
    weeks = len(grid.weeks)
    visits = np.round(expected.visits * _mean_one(noise.traffic, weeks, rng)).astype(np.int64)
    leads, arrived = None, _ratio(visits.astype(np.float64), expected.visits)
    if expected.leads is not None and business.demand.lead_rate is not None:
        rate = business.demand.lead_rate * _mean_one(noise.leads, weeks, rng)
        leads = rng.binomial(visits, np.minimum(rate, 1.0))
        arrived = _ratio(leads.astype(np.float64), expected.leads)
    shock = arrived[grid.week_of] * _mean_one(noise.day, len(grid.days), rng)
    mean = expected.units * shock[:, None]
    alpha = dispersions(business)
    return Drawn(visits, leads, rng.poisson(rng.gamma(1.0 / alpha, alpha * mean)))


def dispersions(business: Business) -> Floats:
    """Alpha of the negative binomial per item, variance = mean + alpha * mean**2."""
    usual = business.noise.dispersion
    return np.array([item.dispersion if item.dispersion is not None else usual for item in business.items])


def without_promotions(business: Business) -> Business:
    """The same business, had it never run a promotion."""
    return replace(business, promotions=())


def in_history(grid: Grid) -> NDArray[np.bool_]:
    """Per day, whether the workbook covers it."""
    return grid.between(START, END)


def in_scope(item: Item, scope: str) -> bool:
    """Whether a promotion or event with this scope touches the item."""
    return scope in ("", item.name, item.category)


def list_prices(business: Business, grid: Grid) -> Floats:
    """Price per day and item before any discount."""
    price = np.tile([item.price for item in business.items], (len(grid.days), 1))
    change = business.price_change
    column = [item.name for item in business.items].index(change.item)
    price[np.array([day >= change.day for day in grid.days]), column] = change.new
    return price


def _prices(business: Business, grid: Grid) -> tuple[Floats, NDArray[np.bool_]]:
    price = list_prices(business, grid)
    promoted = np.zeros(price.shape, dtype=bool)
    for promotion in business.promotions:
        cells = _cells(business, grid, promotion)
        promoted |= cells
        price = np.where(cells, price * (1.0 - promotion.discount), price)
    step = business.price_step
    return np.round(np.round(price / step) * step, 2), promoted


def _item_factors(business: Business, grid: Grid, price: Floats) -> Floats:
    """Units per day and item at the business's usual visits."""
    usual = np.array([item.daily for item in business.items])
    factors = usual * (price / np.array([item.price for item in business.items])) ** business.demand.elasticity
    for promotion in business.promotions:
        factors = np.where(_cells(business, grid, promotion), factors * promotion.lift, factors)
    for category, months in business.demand.category_months.items():
        columns = [item.category == category for item in business.items]
        factors[:, columns] *= monthly_curve(months, grid.days)[:, None]
    odd = business.anomaly
    if odd.scope != "traffic":
        touched = np.array([odd.scope == "sales" or in_scope(item, odd.scope) for item in business.items])
        factors[np.ix_(grid.between(odd.first, odd.last), touched)] *= odd.factor
    return factors


def _cells(business: Business, grid: Grid, promotion: Promotion) -> NDArray[np.bool_]:
    touched = np.array([in_scope(item, promotion.scope) for item in business.items])
    return np.outer(grid.between(promotion.first, promotion.last), touched)


def _weekly_season(business: Business, grid: Grid) -> Floats:
    middle = [first + (grid.days[3] - grid.days[0]) for first in grid.weeks]
    return season_index(business, middle)


def _price_push(business: Business, channel: Channel, grid: Grid) -> Floats:
    later = np.array([week >= business.price_change.day for week in grid.weeks])
    return np.where(later, channel.price_push, 1.0)


def _paused(business: Business, channel: Channel, grid: Grid) -> NDArray[np.bool_]:
    spans = (*channel.pauses, *business.holidays.closures)
    return np.array([any(first <= week <= last for first, last in spans) for week in grid.weeks])


def _mean_one(sigma: float, size: int, rng: np.random.Generator) -> Floats:
    return np.exp(sigma * rng.normal(size=size) - sigma**2 / 2)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
