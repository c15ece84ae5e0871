"""A new item, forecast from similar ones until it has a history of its own.

Source: the Gamma-Poisson model of empirical Bayes; Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.dataset import Frequency
from engine.demand import DemandDistribution

FEWEST = 2
"""Similar items that are needed to know how far items differ."""

LEAST_VARIATION = 0.05
"""Squared coefficient of variation between similar items, at least: two that are alike by chance prove nothing."""


@dataclass(frozen=True, eq=False)
class Analogue:
    """What similar items teach about a new one.

    Attributes:
        profile: share of each place in the season, mean 1, shape (m,).
        level: mean sales per period of a similar item.
        variation: squared coefficient of variation of the items' levels.
        dispersion: variance of a period's sales above Poisson's, as a share of the squared mean.
        items: how many similar items were used.
    """

    profile: Floats
    level: float
    variation: float
    dispersion: float
    items: int


@dataclass(frozen=True)
class Ahead:
    """The periods to forecast for the new item, and whose they are.

    Attributes:
        item, unit, frequency, periods: as in `DemandDistribution`.
        first_place: the place in the season of the first of them, 0..m-1.
    """

    item: str
    unit: str
    frequency: Frequency
    periods: tuple[date, ...]
    first_place: int = 0


def analogue(similar: Sequence[Floats], places: Sequence[int], season_length: int) -> Analogue:
    """Learn from similar items.

    Args:
        similar: sales of each item, >= 0, NaN where unknown; from their launch on when launches differ from later.
        places: the place in the season of each item's first value, 0..season_length-1.
        season_length: periods in a season; 1 for none.

    Raises:
        ValueError: fewer than two similar items have sales.
    """
    m = max(season_length, 1)
    pairs = [(np.asarray(s, dtype=np.float64), p) for s, p in zip(similar, places, strict=True) if np.nansum(s) > 0]
    if len(pairs) < FEWEST:
        raise ValueError(f"{len(pairs)} similar items with sales; at least {FEWEST} are needed")
    levels = np.array([np.nanmean(values) for values, _ in pairs])
    profile = np.ones(m)
    for k in range(m):
        shares = [
            np.nanmean(values[(k - place) % m :: m]) / np.nanmean(values)
            for values, place in pairs
            if np.any(~np.isnan(values[(k - place) % m :: m]))
        ]
        profile[k] = float(np.mean(shares)) if shares else 1.0
    profile /= max(float(profile.mean()), 1e-9)
    variation = max(float(levels.var(ddof=1) / levels.mean() ** 2), LEAST_VARIATION)
    dispersion = _dispersion(pairs, profile)
    return Analogue(profile, float(levels.mean()), variation, dispersion, len(pairs))


def new_item(
    like: Analogue, own: Floats, ahead: Ahead, *, rng: np.random.Generator, draws: int = 1000
) -> DemandDistribution:
    """Forecast a new item: what similar ones sell, corrected by what it has sold itself.

    The level is uncertain between items, and stays so along a path: that is what makes the bands wide at first. Each
    period of the item's own, by its length and its noise, moves the level towards what it sold.

    Args:
        like: what similar items teach.
        own: the item's sales up to the forecast, shape (n,), NaN where unknown; may be empty.
        ahead: the periods to forecast.
        rng: source of the paths.
        draws: how many paths.
    """
    m = len(like.profile)
    known = ~np.isnan(own)
    back = like.profile[(ahead.first_place - len(own) + np.arange(len(own))) % m]
    usual = like.level * back
    # A period counts by its precision: a negative binomial's variance is mean + dispersion * mean^2.
    trust = 1 / (1 + like.dispersion * usual)
    shape = 1 / like.variation + float(np.sum((trust * np.nan_to_num(own))[known]))
    rate = 1 / like.variation + float(np.sum((trust * usual)[known]))
    relative = rng.gamma(shape, 1 / rate, size=(draws, 1))
    forward = like.profile[(ahead.first_place + np.arange(len(ahead.periods))) % m]
    mean = relative * like.level * forward
    if like.dispersion > 0:
        mean = mean * rng.gamma(1 / like.dispersion, like.dispersion, size=mean.shape)
    paths = rng.poisson(mean).astype(np.float64)
    return DemandDistribution(ahead.item, ahead.unit, ahead.frequency, ahead.periods, paths)


def _dispersion(pairs: Sequence[tuple[Floats, int]], profile: Floats) -> float:
    """By moments around each item's own level and the common profile."""
    excess = square = 0.0
    for values, place in pairs:
        known = ~np.isnan(values)
        mean = np.nanmean(values) * profile[(place + np.arange(len(values))) % len(profile)]
        excess += float(np.sum(((values - mean) ** 2 - mean)[known]))
        square += float(np.sum((mean**2)[known]))
    return max(excess / square, 0.0) if square else 0.0
