"""An item too new to be forecast by itself: what similar items sell, corrected by what it has sold so far.

Source: the Gamma-Poisson model of empirical Bayes; Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from engine.arrays import Floats
from engine.business.history import SalesHistory, items, sales_history
from engine.business.model import Business
from engine.errors import TooLittleHistory
from engine.forecast.drivers import DriverTable, estimate
from engine.forecast.fan import SamplePaths
from engine.forecast.items import are_counts
from engine.forecast.level import forecast_levels
from engine.forecast.models import SeasonalNaive
from engine.forecast.regular import LOWEST_SEASON
from engine.forecast.result import JOINT, Forecast, ForecastProof, ModelScore
from engine.forecast.series import MINIMUM_PERIODS, Series

SIMILAR = "What similar items sell"
"""The name of this forecast in the accuracy table."""

DRAWS = 2000
SEED = 0
"""Sample paths, and where their chance starts."""

SEASONS_BACK = 8
FEWEST_BACK = 56
"""Similar items are looked at over so many of their latest seasons, and at least so many periods."""

FEWEST = 2
MOST = 30
"""So many similar items are needed to know how far items differ, and so many teach enough."""

LIKE_PERIODS = 2.0
"""That a steady item sells like similar ones counts as much as so many periods of its own."""

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


def with_similar(history: SalesHistory, business: Business) -> SalesHistory:
    """The same history, with those of similar items where it is too short to be forecast by itself.

    Similar are the items of the same category where the file has categories, else all other items.
    """
    if not history.item or int(np.isfinite(history.values).sum()) >= MINIMUM_PERIODS:
        return history
    others = [item for item in items(business, history.metric) if item != history.item]
    alike = _same_category(business, history.item)
    for names in ([item for item in others if item in alike], others):
        histories = [sales_history(business, history.metric, item=name) for name in _spread(names)]
        grown = tuple(each for each in histories if len(each) >= MINIMUM_PERIODS)
        if len(grown) >= FEWEST:
            return replace(history, similar=grown)
    return history


def _same_category(business: Business, item: str) -> frozenset[str]:
    """The items that share a category with this one."""
    pairs = business.sales.select("item", "category").drop_nulls().unique()
    own = pairs.filter(item=item)["category"].implode()
    return frozenset(pairs.filter(pl.col("category").is_in(own))["item"].to_list())


def _spread(names: list[str]) -> list[str]:
    places = np.unique(np.linspace(0, len(names) - 1, min(MOST, len(names))).astype(int))
    return [names[place] for place in places]


def forecast_cold_start(history: SalesHistory, future: Sequence[date], horizon: int, levels: Sequence[int]) -> Forecast:
    """Forecast an item with little or no history of its own from the items that it is like.

    Args:
        history: the item, with the histories of similar ones that end with it.
        future: the open periods to forecast.
        horizon: calendar periods asked for.
        levels: bands, percent.

    Raises:
        TooLittleHistory: no two similar items have sales to learn from.
    """
    own = np.where(np.isfinite(history.values), history.demand, np.nan)
    noun, own_periods = history.calendar.frequency.period, int(np.sum(~np.isnan(own)))
    try:
        like = _like(history)
    except ValueError as problem:
        raise TooLittleHistory(own_periods, MINIMUM_PERIODS, period=noun) from problem
    rng = np.random.default_rng(SEED)
    fan = SamplePaths(new_item_beside_own_level(like, np.maximum(own, 0.0), horizon=len(future), rng=rng))
    observed = Series(own, tuple(history.periods), history.calendar.frequency, 1)
    return Forecast(
        history=history,
        horizon=horizon,
        season_length=1,
        periods=tuple(future),
        fan=fan,
        levels=tuple(sorted(levels)),
        members={SIMILAR: fan.point},
        proof=_unproven(levels),
        effects=estimate(observed, future, DriverTable((*history.periods, *future), ())),
        plain=fan.point,
        cautions=(*history.cautions, _caution(own_periods, like.items, noun)),
        refinable=False,
    )


def _like(history: SalesHistory) -> Analogue:
    """What the latest seasons of similar items teach; all end with the item's own history, so places are counted back.

    Raises:
        ValueError: no two of them have sales.
    """
    season = history.season_length
    back = max(SEASONS_BACK * season, FEWEST_BACK)
    past = [np.maximum(each.values[-back:], 0.0) for each in history.similar]
    return analogue(past, [-len(values) % season for values in past], season)


def _caution(own_periods: int, items: int, noun: str) -> str:
    seen = f"{own_periods} {noun}{'s' if own_periods != 1 else ''} of its own"
    return (
        f"With only {seen}, this item is expected to sell like {items} similar items, corrected by what it has sold; "
        "so the range is wide, and not checked."
    )


def _unproven(levels: Sequence[int]) -> ForecastProof:
    unknown, untried = float("nan"), "it cannot be checked on so short a past"
    names = (
        (JOINT, True, ""),
        (SeasonalNaive.name, False, "the yardstick"),
        (SIMILAR, True, untried),
    )
    scores = tuple(
        ModelScore(name, unknown, unknown, unknown, 0.0, votes=votes, remark=remark) for name, votes, remark in names
    )
    return ForecastProof(0, 0, scores, dict.fromkeys(levels, unknown))


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
    like: Analogue, own: Floats, *, horizon: int, rng: np.random.Generator, draws: int = 1000, first_place: int = 0
) -> Floats:
    """Paths of a new item, shape (draws, horizon): what similar ones sell, corrected by what it has sold itself.

    The level is uncertain between items, and stays so along a path: that is what makes the bands wide at first. Each
    period of the item's own, by its length and its noise, moves the level towards what it sold.

    Args:
        like: what similar items teach.
        own: the item's sales up to the forecast, shape (n,), NaN where unknown; may be empty.
        horizon: periods ahead.
        rng: source of the paths.
        draws: how many paths.
        first_place: the place in the season of the first period ahead, 0..m-1.
    """
    m = len(like.profile)
    observed = ~np.isnan(own)
    back = like.profile[(first_place - len(own) + np.arange(len(own))) % m]
    usual = like.level * back
    # A period counts by its precision: a negative binomial's variance is mean + dispersion * mean^2.
    trust = 1 / (1 + like.dispersion * usual)
    shape = 1 / like.variation + float(np.sum((trust * np.nan_to_num(own))[observed]))
    rate = 1 / like.variation + float(np.sum((trust * usual)[observed]))
    relative = rng.gamma(shape, 1 / rate, size=(draws, 1))
    forward = like.profile[(first_place + np.arange(horizon)) % m]
    mean = relative * like.level * forward
    if like.dispersion > 0:
        mean = mean * rng.gamma(1 / like.dispersion, like.dispersion, size=mean.shape)
    return rng.poisson(mean).astype(np.float64)


def new_item_beside_own_level(like: Analogue, own: Floats, *, horizon: int, rng: np.random.Generator) -> Floats:
    """Paths of a new item, shape (DRAWS, horizon): those of `new_item`, and of its own level where it sells steadily.

    The more periods of its own it has, the more of the paths follow these alone. What sells in small numbers, or has
    not sold, is left to the similar items.

    Args:
        like: what similar items teach; the season starts one step ahead.
        own: the item's sales up to the forecast, shape (n,), >= 0, NaN where unknown; may be empty.
        horizon: periods ahead.
        rng: source of the paths.
    """
    periods = int(np.isfinite(own).sum())
    alone = 0 if not periods or are_counts(own[None])[0] else round(DRAWS * periods / (periods + LIKE_PERIODS))
    paths = new_item(like, own, horizon=horizon, rng=rng, draws=DRAWS - alone)
    if not alone:
        return paths
    level = forecast_levels(own[None], horizon=horizon, season=np.maximum(like.profile, LOWEST_SEASON))
    return np.concatenate([paths, level.paths(0, draws=alone, rng=rng)])


def _dispersion(pairs: Sequence[tuple[Floats, int]], profile: Floats) -> float:
    """By moments around each item's own level and the common profile."""
    excess = square = 0.0
    for values, place in pairs:
        observed = ~np.isnan(values)
        mean = np.nanmean(values) * profile[(place + np.arange(len(values))) % len(profile)]
        excess += float(np.sum(((values - mean) ** 2 - mean)[observed]))
        square += float(np.sum((mean**2)[observed]))
    return max(excess / square, 0.0) if square else 0.0
