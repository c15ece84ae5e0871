"""Forecasts that agree: items with categories and the total, days with weeks and months.

The one home of the library `hierarchicalforecast`.

Source: Wickramasuriya, Athanasopoulos & Hyndman (2019), Optimal forecast reconciliation for hierarchical and grouped
time series through trace minimization, JASA 114 (MinT); the shrunken covariance is Schäfer & Strimmer's (2005).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from engine.arrays import Bools, Floats
from engine.dataset import Frequency, step
from engine.demand import DemandDistribution

TOTAL = ""
"""The name of the total, as `SalesHistory.item` has it."""

ENOUGH_ERRORS = 24
"""With fewer past errors their covariance says nothing, and the items alone decide (bottom-up)."""

CATEGORY_MARK = "category: "
"""Put before a category's name, so that an item may be called the same."""

ORDER = tuple(Frequency)
"""From the shortest period to the longest."""


@dataclass(frozen=True)
class Hierarchy:
    """Which items make up which category.

    Attributes:
        items: the items' names, in the order of all arrays.
        category_of: the category of each item; items without one belong to the total alone.

    Raises:
        ValueError: there is no item, or two share a name.
    """

    items: tuple[str, ...]
    category_of: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.items or len(set(self.items)) != len(self.items):
            raise ValueError("a hierarchy needs items, each once")

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """The categories, in the order of their first item."""
        return tuple(dict.fromkeys(self.category_of[item] for item in self.items if item in self.category_of))

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """All series, in the order of all arrays: the total, the categories (marked), the items."""
        return (TOTAL, *(CATEGORY_MARK + name for name in self.categories), *self.items)

    @cached_property
    def summing(self) -> Floats:
        """What each node is the sum of, shape (nodes, items)."""
        of_category = [[float(self.category_of.get(item) == name) for item in self.items] for name in self.categories]
        return np.vstack(
            [np.ones((1, len(self.items))), *(np.array([row]) for row in of_category), np.eye(len(self.items))]
        )


@dataclass(frozen=True, eq=False)
class Reconciliation:
    """How the forecasts of all nodes become one set of item forecasts.

    Attributes:
        hierarchy: what adds up to what.
        weights: an item's forecast as a weighted sum of all nodes' forecasts, shape (items, nodes).
        method: "MinT" or "bottom-up".
        why: the reason for the method, one clause.
    """

    hierarchy: Hierarchy
    weights: Floats
    method: str
    why: str

    def apply(self, forecasts: Floats) -> Floats:
        """Forecasts that add up, never below zero, shape as given: (nodes, periods) or (nodes, draws, periods)."""
        items = np.maximum(np.tensordot(self.weights, forecasts, axes=1), 0.0)
        return np.asarray(np.tensordot(self.hierarchy.summing, items, axes=1))

    def reconcile(
        self, demands: Mapping[str, DemandDistribution], errors: Floats | None = None
    ) -> Mapping[str, DemandDistribution]:
        """Paths that add up path by path, for every node.

        Before they are joined, the nodes' paths are put into an order in which they rise and fall together as past
        errors did; otherwise the errors of many items would seem to cancel out in the total.

        Args:
            demands: one per node, same periods and number of paths.
            errors: past errors of the nodes, shape (nodes, times); without them the order of the paths is kept.

        Raises:
            KeyError: a node is missing.
        """
        paths = np.stack([demands[node].paths for node in self.hierarchy.nodes])
        joint = self.apply(paths if errors is None else _in_step(paths, errors))
        first = demands[TOTAL]
        return {
            node: DemandDistribution(demands[node].item, first.unit, first.frequency, first.periods, joint[k])
            for k, node in enumerate(self.hierarchy.nodes)
        }


def reconciliation(hierarchy: Hierarchy, errors: Floats | None = None) -> Reconciliation:
    """Choose how forecasts are made to agree: by all nodes, each as far as its past errors deserve, or by items alone.

    Args:
        hierarchy: what adds up to what.
        errors: past errors of each node (actual minus forecast), shape (nodes, times); NaN where unknown.

    Raises:
        ValueError: the errors are not those of the hierarchy's nodes.
    """
    nodes, items = hierarchy.summing.shape
    bottom_up = np.hstack([np.zeros((items, nodes - items)), np.eye(items)])
    if errors is None:
        return Reconciliation(hierarchy, bottom_up, "bottom-up", "no past errors are known")
    if errors.shape[0] != nodes:
        raise ValueError(f"errors of {errors.shape[0]} nodes for a hierarchy of {nodes}")
    complete = errors[:, ~np.isnan(errors).any(axis=0)]
    if complete.shape[1] < ENOUGH_ERRORS:
        why = f"only {complete.shape[1]} past errors are known, {ENOUGH_ERRORS} are needed"
        return Reconciliation(hierarchy, bottom_up, "bottom-up", why)
    if np.any(complete.std(axis=1) < 1e-9):
        return Reconciliation(hierarchy, bottom_up, "bottom-up", "some series was forecast without any error")
    weights = _minimum_trace(hierarchy.summing, complete)
    if weights is None:
        return Reconciliation(hierarchy, bottom_up, "bottom-up", "the past errors hang together too closely")
    return Reconciliation(hierarchy, weights, "MinT", "each level counts as far as its past errors deserve")


def _minimum_trace(summing: Floats, errors: Floats) -> Floats | None:
    """The weights of MinT; None where the covariance cannot be inverted."""
    from hierarchicalforecast.methods import MinTrace

    method = MinTrace("mint_shrink")
    nothing = np.zeros_like(errors)
    try:
        fitted = method.fit(S=summing, y_hat=nothing[:, :1], y_insample=errors, y_hat_insample=nothing)
    except np.linalg.LinAlgError:
        return None
    weights = np.asarray(fitted.P, dtype=np.float64)
    return weights if np.all(np.isfinite(weights)) else None


def _in_step(paths: Floats, errors: Floats) -> Floats:
    """Reorder each node's paths by their totals as past errors rank: what was high together stays high together.

    Source: Clark et al. (2004), The Schaake shuffle, J. Hydrometeorology 5.
    """
    complete = errors[:, ~np.isnan(errors).any(axis=0)]
    draws = paths.shape[1]
    if not complete.shape[1]:
        return paths
    places = (np.arange(draws) * complete.shape[1]) // draws
    template = complete[:, places] + 1e-9 * np.abs(complete).max() * np.arange(
        draws
    )  # ties keep one order in all nodes
    template_ranks = np.argsort(np.argsort(template, axis=1), axis=1)
    order = np.argsort(paths.sum(axis=2), axis=1, kind="stable")
    return np.stack([node[by[ranks]] for node, by, ranks in zip(paths, order, template_ranks, strict=True)])


@dataclass(frozen=True, eq=False)
class View:
    """Demand over longer periods.

    Attributes:
        demand: one path per path of the shorter view, each summed.
        so_far: what was already sold in each period before the forecast begins, shape (n,); part of `demand`.
        whole: whether each period lies within the forecast and the known past, shape (n,); of one that does not, only
            a piece is counted.
    """

    demand: DemandDistribution
    so_far: Floats
    whole: Bools


def view(
    demand: DemandDistribution,
    frequency: Frequency,
    *,
    anchor: int = 0,
    history: Mapping[date, float] | None = None,
) -> View:
    """Sum the paths into longer periods; their totals, means and quantiles then agree with the shorter view.

    A quantile of a month is taken from the months of the paths: it is not the sum of the days' quantiles, which would
    assume that all days go wrong in the same direction.

    Args:
        demand: the shorter view; weeks are not cut, so they only add up to weeks.
        frequency: the longer period.
        anchor: the weekday on which a week starts (Monday = 0).
        history: sales of the days or months before the forecast, by start; those in its first longer period are added.

    Raises:
        ValueError: the period asked for is not longer, or does not consist of whole shorter ones.
    """
    _check(demand.frequency, frequency)
    starts = [start_of(period, frequency, anchor) for period in demand.periods]
    longer = tuple(sorted(set(starts)))
    place = {start: k for k, start in enumerate(longer)}
    belongs = np.zeros((len(demand.periods), len(longer)))
    belongs[np.arange(len(starts)), [place[start] for start in starts]] = 1.0
    before = {day: sold for day, sold in (history or {}).items() if day < demand.periods[0] and not np.isnan(sold)}
    so_far = np.zeros(len(longer))
    for day, sold in before.items():
        if (start := start_of(day, frequency, anchor)) in place:
            so_far[place[start]] += sold
    summed = DemandDistribution(
        demand.item, demand.unit, frequency, longer, np.maximum(demand.paths @ belongs + so_far, 0.0)
    )
    return View(summed, so_far, _whole(longer, demand, frequency, before))


def start_of(day: date, frequency: Frequency, anchor: int = 0) -> date:
    """The start of the longer period in which a day lies.

    Args:
        day: any day.
        frequency: the longer period.
        anchor: the weekday on which a week starts (Monday = 0).
    """
    if frequency is Frequency.DAILY:
        return day
    if frequency is Frequency.WEEKLY:
        return day - timedelta(days=(day.weekday() - anchor) % 7)
    months = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}[frequency]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _check(shorter: Frequency, longer: Frequency) -> None:
    if ORDER.index(longer) <= ORDER.index(shorter):
        raise ValueError(f"a {longer.period} is not longer than a {shorter.period}")
    if shorter is Frequency.WEEKLY:
        raise ValueError(f"weeks do not add up to whole {longer.period}s")


def _whole(
    longer: tuple[date, ...], demand: DemandDistribution, frequency: Frequency, before: Mapping[date, float]
) -> Bools:
    """Only the first and the last longer period can stick out.

    Days without a forecast (closed ones) do not make a period incomplete, so ends are compared by the calendar: the
    first must be reached by the known past, the last by the step that follows the forecast's last period.
    """
    whole = np.ones(len(longer), dtype=bool)
    first = min([demand.periods[0], *before])
    whole[0] = first <= longer[0] or not _any_open(longer[0], demand.periods[0], demand, before)
    whole[-1] &= step(demand.periods[-1], demand.frequency, 1) >= step(longer[-1], frequency, 1)
    return whole


def _any_open(start: date, end: date, demand: DemandDistribution, before: Mapping[date, float]) -> bool:
    """True when a daily business may have been open from `start` up to, not including, `end` without our knowing."""
    if demand.frequency is not Frequency.DAILY:
        return start < end
    weekdays = {day.weekday() for day in (*demand.periods, *before)}
    days = (start + timedelta(days=k) for k in range((end - start).days))
    return any(day.weekday() in weekdays and day not in before for day in days)
