"""Items, categories and the total made to agree; the one home of the library `hierarchicalforecast`.

Source: Wickramasuriya, Athanasopoulos & Hyndman (2019), Optimal forecast reconciliation for hierarchical and grouped
time series through trace minimization, JASA 114 (MinT); the shrunken covariance is Schäfer & Strimmer's (2005).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.arrays import Floats
from engine.demand import DemandDistribution

TOTAL = ""
"""The name of the total, as `SalesHistory.item` has it."""

ENOUGH_ERRORS = 24
"""With fewer past errors their covariance says nothing, and the items alone decide (bottom-up)."""

CATEGORY_MARK = "category: "
"""Put before a category's name, so that an item may be called the same."""


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


def disagreement(hierarchy: Hierarchy, forecasts: Floats) -> float:
    """The largest gap between a node and the sum of its items; forecasts of shape (nodes, ...)."""
    items = forecasts[-len(hierarchy.items) :]
    return float(np.max(np.abs(forecasts - np.tensordot(hierarchy.summing, items, axes=1))))


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


def stack(hierarchy: Hierarchy, by_node: Mapping[str, Sequence[float] | Floats]) -> Floats:
    """Arrays of all nodes in the hierarchy's order, shape (nodes, ...).

    Raises:
        KeyError: a node is missing.
    """
    return np.stack([np.asarray(by_node[node], dtype=np.float64) for node in hierarchy.nodes])
