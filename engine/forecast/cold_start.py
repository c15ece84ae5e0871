"""An item too new to be forecast by itself: what similar items sell, corrected by what it has sold so far."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from engine.business.history import SalesHistory
from engine.errors import TooLittleHistory
from engine.forecast.drivers import DriverTable, estimate
from engine.forecast.drivers.newitems import Analogue, NewItemPeriods, analogue, new_item
from engine.forecast.forecaster import Series
from engine.forecast.intermittent import SamplePaths
from engine.forecast.models import SeasonalNaive
from engine.forecast.result import JOINT, Forecast, ForecastProof, ModelScore

SIMILAR = "What similar items sell"
"""The name of this forecast in the accuracy table."""

DRAWS = 2000
SEED = 0
"""Sample paths, and where their chance starts."""

SEASONS_BACK = 8
FEWEST_BACK = 56
"""Similar items are looked at over so many of their latest seasons, and at least so many periods."""

UNTRIED = "it cannot be checked on so short a past"


def forecast_cold_start(
    history: SalesHistory, future: Sequence[date], horizon: int, levels: Sequence[int], fewest: int
) -> Forecast:
    """Forecast an item with little or no history of its own from the items that it is like.

    Args:
        history: the item, with the histories of similar ones that end with it.
        future: the open periods to forecast.
        horizon: calendar periods asked for.
        levels: bands, percent.
        fewest: periods that a forecast without similar items would need.

    Raises:
        TooLittleHistory: no two similar items have sales to learn from.
    """
    own = np.where(np.isfinite(history.values), history.values, np.nan)
    noun, own_periods = history.calendar.frequency.period, int(np.sum(~np.isnan(own)))
    try:
        like = _like(history)
    except ValueError as problem:
        raise TooLittleHistory(own_periods, fewest, period=noun) from problem
    ahead = NewItemPeriods(history.item, history.metric.unit, history.calendar.frequency, tuple(future))
    fan = SamplePaths(new_item(like, np.maximum(own, 0.0), ahead, rng=np.random.default_rng(SEED), draws=DRAWS).paths)
    observed = Series(own, tuple(history.periods), history.calendar.frequency, 1)
    return Forecast(
        history=history,
        horizon=horizon,
        season_length=1,
        periods=ahead.periods,
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
    unknown = float("nan")
    names = ((JOINT, True, ""), (SeasonalNaive.name, False, "the yardstick"), (SIMILAR, True, UNTRIED))
    scores = tuple(
        ModelScore(name, unknown, unknown, unknown, 0.0, votes=votes, remark=remark) for name, votes, remark in names
    )
    return ForecastProof(0, 0, scores, dict.fromkeys(levels, unknown))
