"""The forecast item by item: items and categories that add up to the forecast of all together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from engine.arrays import Floats
from engine.business.calendar import period_of
from engine.business.history import daily_rows, items
from engine.business.model import Business
from engine.demand import DemandDistribution
from engine.errors import DataProblem
from engine.forecast import Forecast
from engine.forecast.bulk import item_matrix
from engine.forecast.coherent import CATEGORY_MARK, TOTAL, Hierarchy, Reconciliation, reconciliation
from engine.forecast.counts import Covariates
from engine.forecast.hidden_demand import demand_rows
from engine.forecast.items import ItemForecasts, ItemTuning, forecast_items, tune_items

MOST_ITEMS = 200
"""The largest items are shown by name; what is beyond goes into one line."""

OTHERS, UNNAMED = "All other items", "Rows without a name"
LEVEL = 80
DRAWS = 1000
WINDOWS = 4
FEWEST_BEFORE = 12
"""Held-back stretches, and what must lie before each of them, periods."""


@dataclass(frozen=True, eq=False)
class ItemSplit:
    """What each item and category is expected to sell.

    Attributes:
        table: one row for all items together, one per category, one per item; the expected amounts add up.
        sentence: how they were made to add up, one sentence.
    """

    table: pl.DataFrame
    sentence: str


@dataclass(frozen=True)
class _Ahead:
    """How far the nodes are forecast, the season that they have, periods, and what is known of the days ahead."""

    horizon: int
    season: int
    covariates: Covariates | None

    def forecast(self, past: Floats, tuning: ItemTuning | None = None) -> ItemForecasts:
        covariates = self.covariates_until(past)
        return forecast_items(
            past, horizon=self.horizon, season_length=self.season, tuning=tuning, covariates=covariates
        )

    def tune(self, past: Floats) -> ItemTuning:
        covariates = self.covariates_until(past)
        return tune_items(past, horizon=self.horizon, season_length=self.season, covariates=covariates)

    def covariates_until(self, past: Floats) -> Covariates | None:
        return self.covariates.until(past.shape[1] + self.horizon) if self.covariates else None


def can_be_split(business: Business, forecast: Forecast) -> bool:
    """Whether a forecast is one of several items together."""
    return not forecast.history.item and len(items(business, forecast.history.metric)) > 1


def split(business: Business, forecast: Forecast) -> ItemSplit:
    """Forecast every item and category, and make them add up to the forecast of all together.

    Raises:
        DataProblem: the file names fewer than two items.
    """
    if not can_be_split(business, forecast):
        raise DataProblem("There is only one item to show")
    rows = _named_rows(business, forecast)
    matrix = item_matrix(rows, forecast.horizon, forecast.history.calendar)
    tree = Hierarchy(matrix.items, _categories(business, matrix.items))
    past = _with_sums(matrix.values, tree)
    ahead = _Ahead(len(forecast.periods), matrix.calendar.season_length, matrix.covariates)
    errors = _past_errors(past, ahead)
    how = reconciliation(tree, errors)
    demands = dict(_alone(past, tree, forecast, ahead))
    joint = how.reconcile(demands, None if how.method == "bottom-up" else errors)
    return ItemSplit(_table(joint, tree, forecast), _sentence(how))


def _named_rows(business: Business, forecast: Forecast) -> pl.DataFrame:
    """`day`, `item` and `value` of the periods that the forecast has seen, small items gathered."""
    history = forecast.history
    rows = daily_rows(business, history.metric)
    if history.metric.key == "quantity":
        rows = demand_rows(business, rows, history.calendar)
    rows = rows.with_columns(pl.col("item").fill_null(UNNAMED))
    rows = rows.filter(period_of(history.calendar) <= history.periods[-1])
    largest = rows.group_by("item").agg(pl.col("value").sum()).sort("value", "item", descending=[True, False])
    if len(largest) <= MOST_ITEMS:
        return rows
    named = pl.col("item").is_in(largest["item"].head(MOST_ITEMS - 1).implode())
    return rows.with_columns(pl.when(named).then("item").otherwise(pl.lit(OTHERS)).alias("item"))


def _categories(business: Business, names: tuple[str, ...]) -> Mapping[str, str]:
    """The category of each item: the one that its rows name most often, else that of the list of items."""
    pairs = business.sales.select("item", "category").drop_nulls()
    usual = pairs.group_by("item", "category").len().sort("len", "category").group_by("item", maintain_order=True)
    last = usual.agg(pl.col("category").last()).filter(pl.col("item").is_in(names))
    return dict(last.iter_rows())


def _with_sums(values: Floats, tree: Hierarchy) -> Floats:
    """The past of all nodes; an item that was not there yet adds nothing, a closed period is unknown for all."""
    summed = tree.summing @ np.nan_to_num(values)
    summed[:, np.isnan(values).all(axis=0)] = np.nan
    return np.asarray(summed)


def _past_errors(past: Floats, ahead: _Ahead) -> Floats:
    """Actual minus forecast of every node on held-back stretches, shape (nodes, times)."""
    n = past.shape[1]
    size = max(1, min(ahead.horizon, n // 4))
    starts = [n - k * size for k in range(WINDOWS, 0, -1) if n - k * size >= max(FEWEST_BEFORE, 2 * ahead.season)]
    if not starts:
        return np.empty((len(past), 0))
    before, shorter = past[:, : starts[0]], replace(ahead, horizon=size)
    tuning = shorter.tune(before)
    misses = [past[:, start : start + size] - shorter.forecast(past[:, :start], tuning).mean for start in starts]
    return np.hstack(misses)


def _alone(past: Floats, tree: Hierarchy, forecast: Forecast, ahead: _Ahead) -> list[tuple[str, DemandDistribution]]:
    """What each node may sell by itself; the total is the forecast that is already there."""
    forecasts = ahead.forecast(past)
    whole, rng = forecast.demand(DRAWS), np.random.default_rng(0)
    demands = [(TOTAL, whole)]
    for row, node in enumerate(tree.nodes[1:], start=1):
        paths = forecasts.paths(row, draws=DRAWS, rng=rng)
        demands.append((node, DemandDistribution(node, whole.unit, whole.frequency, whole.periods, paths)))
    return demands


def _table(joint: Mapping[str, DemandDistribution], tree: Hierarchy, forecast: Forecast) -> pl.DataFrame:
    """One row per node, each category before its items; everything in proportion to the forecast of all together."""
    whole, total = float(forecast.point.sum()), float(joint[TOTAL].mean.sum())
    factor = whole / total if total > 0 else 0.0
    rows = []
    for node in sorted(tree.nodes, key=lambda node: _place(node, joint, tree)):
        sums = joint[node].paths.sum(axis=1) * factor
        lower, upper = np.quantile(sums, (0.5 - LEVEL / 200, 0.5 + LEVEL / 200))
        share = 100 * float(sums.mean()) / whole if whole > 0 else 0.0
        rows.append((*_names(node, tree), float(sums.mean()), float(lower), float(upper), share))
    columns = ["Item", "Category", "Expected", f"{LEVEL}% from", f"{LEVEL}% to", "Share, %"]
    frame = pl.DataFrame(rows, columns, orient="row")
    return frame if tree.categories else frame.drop("Category")


def _place(node: str, joint: Mapping[str, DemandDistribution], tree: Hierarchy) -> tuple[float, str, int, float]:
    """Where a node stands: the total, then the categories by size, each before its items by size."""
    if node == TOTAL:
        return (-np.inf, "", 0, 0.0)
    marked = node if node.startswith(CATEGORY_MARK) else CATEGORY_MARK + tree.category_of.get(node, "")
    group = float(joint[marked].mean.sum()) if marked in joint else 0.0
    return (-group, marked, int(node != marked), -float(joint[node].mean.sum()))


def _names(node: str, tree: Hierarchy) -> tuple[str, str]:
    if node == TOTAL:
        return "All items", ""
    if node.startswith(CATEGORY_MARK):
        name = node.removeprefix(CATEGORY_MARK)
        return f"All of {name}", name
    return node, tree.category_of.get(node, "")


def _sentence(how: Reconciliation) -> str:
    if how.method == "bottom-up":
        return (
            f"Every item was forecast by itself, and all are in proportion to the forecast of all together: {how.why}."
        )
    return (
        "Items, categories and the total were forecast each by itself and then made to agree (MinT): each level counts "
        "as far as its past errors deserve."
    )
