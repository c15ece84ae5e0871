"""Demand that sales do not show: a day that ran out says "at least so many", not "so many".

Sources:
    Nahmias (1994), Demand estimation in lost sales inventory systems, Naval Research Logistics 41: censored demand.
    Dempster, Laird & Rubin (1977), JRSS B 39: EM; for one Poisson rate it gives the maximum likelihood.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from engine.arrays import Bools, Floats
from engine.business.calendar import period_of
from engine.business.history import SalesHistory
from engine.business.model import Business
from engine.forecast.series import Series

ROUNDS = 200
SETTLED = 1e-7
WINDOW = 8
"""The level of a day is read from so many seasons around it."""

MOST_CENSORED = 0.7
"""When more than this share of days ran out, the demand behind them is little more than a guess."""


def with_hidden_demand(history: SalesHistory, business: Business) -> SalesHistory:
    """The same history, with what would have been sold on the days on which the shelf ran empty.

    Only where the file says with each sale how many there were; else an empty shelf and a quiet day look the same.
    """
    if history.metric.key != "quantity" or business.sales["on_hand"].null_count() == business.sales.height:
        return history
    sold, on_hand = _beside(history, business)
    if np.all(np.isnan(on_hand)) or np.any(sold < 0):
        return history
    noun = history.calendar.frequency.period
    out = _empty(sold, on_hand)
    series = Series(sold, tuple(history.periods), history.calendar.frequency, history.season_length)
    behind = uncensored(series, out)
    if behind.lost <= 0:
        return replace(history, cautions=(*history.cautions, *behind.cautions))
    whole = np.all(np.isnan(sold) | (sold == np.round(sold)))
    demand = np.round(behind.demand) if whole else behind.demand
    counted = int(behind.censored.sum())
    days = f"{counted} {noun}{'s' if counted != 1 else ''}"
    more = f"about {behind.lost:,.0f} more would have sold then"
    caution = f"The shelf was empty on {days}: {more}, and they count as demand here."
    frame = history.frame.with_columns(value=pl.Series(demand).fill_nan(None))
    return replace(history, frame=frame, cautions=(*history.cautions, caution, *behind.cautions))


def _beside(history: SalesHistory, business: Business) -> tuple[Floats, Floats]:
    """What was sold in each period and how many there were; NaN where the file says nothing, or says it twice."""
    rows = business.sales.select("day", "item", stock="on_hand").filter(pl.col("item") == history.item).drop_nulls()
    by_period = rows.group_by(period_of(history.calendar).alias("period")).agg(
        stock=pl.when(pl.len() == 1).then(pl.col("stock").first())
    )
    joined = history.frame.join(by_period, on="period", how="left", maintain_order="left")
    return history.values, joined["stock"].to_numpy().astype(np.float64)


def _empty(sold: Floats, on_hand: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """The periods that ended with an empty shelf.

    Who sells more than the column says has written down what is left at the end; else it is what was there before.
    """
    left_at_the_end = bool(np.any(sold > on_hand))
    return ran_out(sold, sold + on_hand if left_at_the_end else on_hand)


@dataclass(frozen=True, eq=False)
class Uncensored:
    """Sales with the demand that empty shelves hid.

    Attributes:
        demand: expected demand of each period, shape (n,): what was sold where the shelf held out, else at least that.
        censored: the periods that ran out, shape (n,).
        lost: demand that was not served, over all periods, units.
        cautions: what the owner should know.
    """

    demand: Floats
    censored: Bools
    lost: float
    cautions: tuple[str, ...]


def ran_out(sold: Floats, on_hand: Floats) -> Bools:
    """The periods whose sales may have been cut off: everything that was there at the start is gone.

    Args:
        sold: units, shape (n,).
        on_hand: units at the start of each period plus what arrived in it, shape (n,); NaN where unknown.
    """
    return np.asarray(~np.isnan(on_hand) & ~np.isnan(sold) & (sold >= on_hand))


def uncensored(series: Series, censored: Bools) -> Uncensored:
    """Estimate the demand of the periods that ran out.

    Each period's mean is a slowly moving level times the share of its place in the season; counts around it are Poisson
    or, where the full days vary more than that, negative binomial. Periods that ran out count with the mean of what
    demand can have been, given that it was at least what was sold.

    Args:
        series: units sold, >= 0, NaN where closed.
        censored: which periods ran out, shape (n,).

    Raises:
        ValueError: sales are negative, or the shapes differ.
    """
    sold, observed = series.values, ~np.isnan(series.values)
    if censored.shape != sold.shape or np.any(sold[observed] < 0):
        raise ValueError("sales must not be negative, and each period needs a mark")
    cut = censored & observed
    if not cut.any() or not (observed & ~cut).any():
        return _as_sold(sold, cut)
    demand, dispersion = sold.copy(), 0.0
    mean = _means(np.where(cut, np.nan, sold), series.season_length)
    for _ in range(ROUNDS):
        before = mean
        demand[cut] = _at_least(sold[cut], mean[cut], dispersion)
        mean = _means(demand, series.season_length)
        dispersion = _dispersion(sold[observed & ~cut], mean[observed & ~cut])
        if np.nanmax(np.abs(mean - before)) < SETTLED * max(np.nanmax(mean), 1.0):
            break
    lost = float(np.sum(demand[cut] - sold[cut]))
    share = float(cut.sum() / observed.sum())
    cautions = (f"The shelf ran empty on {100 * share:.0f}% of days; what would have sold then is a guess.",)
    return Uncensored(demand, cut, lost, cautions if share > MOST_CENSORED else ())


def _as_sold(sold: Floats, cut: Bools) -> Uncensored:
    cautions = ("The shelf ran empty on every day, so demand cannot be told from sales.",) if cut.any() else ()
    return Uncensored(sold.copy(), cut, 0.0, cautions)


def _means(demand: Floats, season_length: int) -> Floats:
    """Level times season, both from means: these keep totals, as maximum likelihood does for counts."""
    m = max(season_length, 1)
    place = np.arange(len(demand)) % m
    observed = ~np.isnan(demand)
    overall = float(np.nanmean(demand)) or 1e-9
    share = np.ones(m)
    for k in range(m):
        here = observed & (place == k)
        if here.sum() >= 2:
            share[k] = float(demand[here].mean()) / overall
    share = np.maximum(share / max(share.mean(), 1e-9), 1e-3)
    expected = np.where(observed, share[place], 0.0)
    kernel = np.ones(min(WINDOW * m | 1, 2 * len(demand) - 1))
    sums = np.convolve(np.where(observed, demand, 0.0), kernel, "same")
    exposure = np.convolve(expected, kernel, "same")
    level = np.where(exposure > 0, sums / np.maximum(exposure, 1e-9), overall)
    return np.asarray(np.maximum(level * share[place], 1e-6))


def _dispersion(sold: Floats, mean: Floats) -> float:
    """By moments, from the days that did not run out."""
    excess = (sold - mean) ** 2 - mean
    return max(0.0, float(excess.sum() / np.sum(mean**2)))


def _at_least(sold: Floats, mean: Floats, dispersion: float) -> Floats:
    """Expected demand, given that it was at least what was sold, by the size-biased law of the counts."""
    from scipy import stats

    law: Any
    biased: Any
    if dispersion < 1e-6:
        law, biased = stats.poisson(mean), stats.poisson(mean)
    else:
        size = 1 / dispersion
        chance = size / (size + mean)
        law, biased = stats.nbinom(size, chance), stats.nbinom(size + 1, chance)
    reached = law.sf(np.ceil(sold) - 1)
    beyond = biased.sf(np.ceil(sold) - 2)
    conditional_mean = mean * beyond / np.where(reached > 1e-12, reached, 1.0)
    return np.maximum(np.where(reached > 1e-12, conditional_mean, sold), sold)
