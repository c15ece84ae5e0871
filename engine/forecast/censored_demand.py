"""Demand that sales do not show: a day that ran out says "at least so many", not "so many".

Sources:
    Nahmias (1994), Demand estimation in lost sales inventory systems, Naval Research Logistics 41: censored demand.
    Dempster, Laird & Rubin (1977), JRSS B 39: EM; for one Poisson rate it gives the maximum likelihood.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrays import Bools, Floats
from engine.forecast.series import Series

ROUNDS = 200
SETTLED = 1e-5
WINDOW = 8
"""The level of a day is read from so many seasons around it."""

DISPERSIONS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
USUAL_DISPERSION = 0.04
"""How much more than by chance demand varies: what is tried, and what is usual (mean of an exponential prior)."""

MOST_CENSORED = 0.7
"""When more than this share of days ran out, the demand behind them is little more than a guess."""


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
    or, where the days say so, negative binomial: the dispersion of the largest likelihood, drawn towards little.
    Periods that ran out count with the mean of what demand can have been, given that it was at least what was sold.

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
    demand = estimate_demand(sold[None], cut[None], series.season_length).demand[0]
    lost = float(np.sum(demand[cut] - sold[cut]))
    share = float(cut.sum() / observed.sum())
    cautions = (f"The shelf ran empty on {100 * share:.0f}% of days; what would have sold then is a guess.",)
    return Uncensored(demand, cut, lost, cautions if share > MOST_CENSORED else ())


def _as_sold(sold: Floats, cut: Bools) -> Uncensored:
    cautions = ("The shelf ran empty on every day, so demand cannot be told from sales.",) if cut.any() else ()
    return Uncensored(sold.copy(), cut, 0.0, cautions)


@dataclass(frozen=True, eq=False)
class CensoredEstimate:
    """What items would have sold.

    Attributes:
        demand: units, shape (items, n): what was sold, more where it was cut off; NaN where unknown.
        error: standard error of all that was not served, units, shape (items,).
    """

    demand: Floats
    error: Floats


def estimate_demand(sold: Floats, cut: Bools, season_length: int) -> CensoredEstimate:
    """The demand behind the sales of many items, each by itself: by EM at each dispersion, and of these the likeliest.

    Args:
        sold: units, >= 0, shape (items, n); NaN where unknown.
        cut: where demand was at least what was sold, same shape.
        season_length: periods in one season; 1 for none.
    """
    best = np.full(len(sold), -np.inf)
    demand, means, spread = sold.copy(), np.ones(sold.shape), np.zeros(len(sold))
    for dispersion in DISPERSIONS:
        expected, mean = _settled(sold, cut, dispersion, season_length)
        likelihood = _log_likelihood(sold, cut, mean, dispersion) - dispersion / USUAL_DISPERSION
        better = likelihood > best
        best = np.where(better, likelihood, best)
        demand, means = np.where(better[:, None], expected, demand), np.where(better[:, None], mean, means)
        spread = np.where(better, dispersion, spread)
    seen = np.isfinite(sold) & ~cut
    information = np.sum(np.where(seen, means / (1 + spread[:, None] * means), 0.0), axis=1)
    error = np.sum(np.where(cut, means, 0.0), axis=1) / np.sqrt(np.maximum(information, 1e-9))
    return CensoredEstimate(demand, np.asarray(error))


def _settled(sold: Floats, cut: Bools, dispersion: float, season_length: int) -> tuple[Floats, Floats]:
    """Expected demand and its mean where neither changes the other any more, shape (items, n)."""
    demand, mean = sold.copy(), seasonal_means(np.where(cut, np.nan, sold), season_length)
    for _ in range(ROUNDS):
        before = mean
        demand[cut] = _at_least(sold[cut], mean[cut], dispersion)
        mean = seasonal_means(demand, season_length)
        if np.max(np.abs(mean - before)) < SETTLED * max(float(np.max(mean)), 1.0):
            break
    return demand, mean


def seasonal_means(demand: Floats, season_length: int) -> Floats:
    """Level times season, both from means: these keep totals, as maximum likelihood does for counts.

    Args:
        demand: shape (items, n); NaN where unknown.
        season_length: periods in one season; 1 for none.
    """
    from scipy.ndimage import uniform_filter1d

    m, n = max(season_length, 1), demand.shape[1]
    place, observed = np.arange(n) % m, ~np.isnan(demand)
    filled = np.where(observed, demand, 0.0)
    overall = np.maximum(filled.sum(axis=1) / np.maximum(observed.sum(axis=1), 1), 1e-9)
    share = np.ones((len(demand), m))
    for k in range(m):
        here, count = filled[:, place == k].sum(axis=1), observed[:, place == k].sum(axis=1)
        share[:, k] = np.where(count >= 2, here / np.maximum(count, 1) / overall, 1.0)
    share = np.maximum(share / np.maximum(share.mean(axis=1, keepdims=True), 1e-9), 1e-3)
    width = min(WINDOW * m | 1, 2 * n - 1)
    sums = uniform_filter1d(filled, width, axis=1, mode="constant")
    exposure = uniform_filter1d(np.where(observed, share[:, place], 0.0), width, axis=1, mode="constant")
    level = np.where(exposure > 1e-9, sums / np.maximum(exposure, 1e-9), overall[:, None])
    return np.asarray(np.maximum(level * share[:, place], 1e-6))


def dispersion_of(sold: Floats, mean: Floats) -> float:
    """How much more than by chance sales vary, by moments: 0 for Poisson.

    Args:
        sold: units, shape (n,).
        mean: what was expected, shape (n,).
    """
    excess = (sold - mean) ** 2 - mean
    return max(0.0, float(excess.sum() / np.sum(mean**2)))


def _law(mean: Floats, dispersion: float) -> Any:
    from scipy import stats

    if dispersion < 1e-6:
        return stats.poisson(mean)
    return stats.nbinom(1 / dispersion, 1 / (1 + dispersion * mean))


def _log_likelihood(sold: Floats, cut: Bools, mean: Floats, dispersion: float) -> Floats:
    """Of each item, shape (items,); what is no whole number is rounded."""
    seen, terms = np.isfinite(sold) & ~cut, np.zeros(sold.shape)
    terms[seen] = _law(mean[seen], dispersion).logpmf(np.round(sold[seen]))
    terms[cut] = _law(mean[cut], dispersion).logsf(np.ceil(sold[cut]) - 1)
    return np.asarray(np.maximum(terms, -50.0).sum(axis=1))


def _at_least(sold: Floats, mean: Floats, dispersion: float) -> Floats:
    """Expected demand, given that it was at least what was sold, by the size-biased law of the counts."""
    from scipy import stats

    law: Any = _law(mean, dispersion)
    size = 1 / dispersion if dispersion >= 1e-6 else 1.0
    biased: Any = law if dispersion < 1e-6 else stats.nbinom(size + 1, size / (size + mean))
    reached = law.sf(np.ceil(sold) - 1)
    beyond = biased.sf(np.ceil(sold) - 2)
    conditional_mean = mean * beyond / np.where(reached > 1e-12, reached, 1.0)
    return np.maximum(np.where(reached > 1e-12, conditional_mean, sold), sold)
