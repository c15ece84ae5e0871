"""Demand that sales do not show: what empty shelves cut off, and items too new to have a past."""

from dataclasses import replace

import numpy as np
import polars as pl

from engine.arrays import Floats
from engine.business.calendar import period_of
from engine.business.history import SalesHistory, items, sales_history
from engine.business.model import Business
from engine.forecast import MINIMUM_PERIODS
from engine.forecast.drivers.censoring import ran_out, uncensored
from engine.forecast.forecaster import Series

MOST_SIMILAR = 30
"""So many similar items teach enough; they are taken evenly from the best seller to the slowest."""

FEWEST_SIMILAR = 2


def with_similar(history: SalesHistory, business: Business) -> SalesHistory:
    """The same history, with those of similar items where it is too short to be forecast by itself.

    Similar are the items of the same category where the file has categories, else all other items.
    """
    if not history.item or int(np.isfinite(history.values).sum()) >= MINIMUM_PERIODS:
        return history
    others = [item for item in items(business, history.metric) if item != history.item]
    alike = _same_category(business, history.item)
    for names in ([item for item in others if item in alike], others):
        found = [sales_history(business, history.metric, item=name) for name in _spread(names)]
        grown = tuple(each for each in found if len(each) >= MINIMUM_PERIODS)
        if len(grown) >= FEWEST_SIMILAR:
            return replace(history, similar=grown)
    return history


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
    told = uncensored(series, out)
    if told.lost <= 0:
        return replace(history, cautions=(*history.cautions, *told.cautions))
    whole = np.all(np.isnan(sold) | (sold == np.round(sold)))
    demand = np.round(told.demand) if whole else told.demand
    counted = int(told.censored.sum())
    days = f"{counted} {noun}{'s' if counted != 1 else ''}"
    more = f"about {told.lost:,.0f} more would have sold then"
    said = f"The shelf was empty on {days}: {more}, and they count as demand here."
    frame = history.frame.with_columns(value=pl.Series(demand).fill_nan(None))
    return replace(history, frame=frame, cautions=(*history.cautions, said, *told.cautions))


def _same_category(business: Business, item: str) -> frozenset[str]:
    """The items that share a category with this one."""
    pairs = business.sales.select("item", "category").drop_nulls().unique()
    own = pairs.filter(item=item)["category"].implode()
    return frozenset(pairs.filter(pl.col("category").is_in(own))["item"].to_list())


def _spread(names: list[str]) -> list[str]:
    places = np.unique(np.linspace(0, len(names) - 1, min(MOST_SIMILAR, len(names))).astype(int))
    return [names[place] for place in places]


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
