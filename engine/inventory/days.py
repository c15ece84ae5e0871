"""Demand by the day, from tomorrow on, whatever the grain of the sales: deliveries and shelf lives count days."""

import zlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Bools, Floats, Ints
from engine.dataset import Frequency, step
from engine.demand import DemandDistribution
from engine.inventory.planning_inputs import DAYS, WEEK

LEAST_SHAPE = 1.0
"""How unevenly a period falls on its days at most: as days of a gamma distribution of this shape."""

SHAPES = 2.0 ** np.arange(-1, 10.5, 0.5)
"""How unevenly periods fall on their days, from very to not at all: shapes of gamma distributions."""

ROWS, FEW = 1024, 60
"""Ways in which a period falls on its days that are drawn once for all items; so many units fall one by one."""


def by_day(demand: DemandDistribution, today: date, days: int) -> DemandDistribution:
    """The same demand on each of so many days from tomorrow on; a closed day has none.

    Days beyond the forecast repeat it, each future going on as another. A week or a longer period falls on its days by
    chance, and each future's days add up to its period: units one by one as evenly as the periods vary among each
    other, amounts that are no whole numbers in shares.

    Args:
        demand: of periods that begin after the last day of the sales.
        today: the day before the first of the days.
        days: how many, >= 1.
    """
    ahead = tuple(today + timedelta(days=k) for k in range(1, days + 1))
    paths = _days_of_days(demand, ahead) if demand.frequency is Frequency.DAILY else _days_of_periods(demand, ahead)
    return replace(demand, frequency=Frequency.DAILY, periods=ahead, paths=paths)


def _days_of_days(demand: DemandDistribution, ahead: tuple[date, ...]) -> Floats:
    """Days as they are forecast; after the last of them the whole weeks before it over again."""
    first, last = demand.periods[0], demand.periods[-1]
    place_of = {day: place for place, day in enumerate(demand.periods)}
    lap = WEEK * max(1, ((last - first).days + 1) // WEEK)
    paths = np.zeros((demand.draws, len(ahead)))
    for column, day in enumerate(ahead):
        laps = max(0, -(-(day - last).days // lap))
        place = place_of.get(day - timedelta(days=laps * lap))
        if place is not None:
            paths[:, column] = np.roll(demand.paths[:, place], laps)
    return paths


def _days_of_periods(demand: DemandDistribution, ahead: tuple[date, ...]) -> Floats:
    """Each period's demand, spread over its days."""
    rng = np.random.default_rng(zlib.crc32(demand.item.encode()))
    paths, count, column = np.zeros((demand.draws, len(ahead))), len(demand.periods), 0
    period = _period_of(demand, ahead[0])
    while column < len(ahead):
        start = step(demand.periods[0], demand.frequency, period)
        length = (step(demand.periods[0], demand.frequency, period + 1) - start).days
        totals = np.roll(demand.paths[:, period % count], period // count)
        split, skipped = _spread(totals, length, rng), (ahead[column] - start).days
        used = min(length - skipped, len(ahead) - column)
        paths[:, column : column + used] = split[:, skipped : skipped + used]
        column, period = column + used, period + 1
    return paths


def _period_of(demand: DemandDistribution, day: date) -> int:
    """The place of the period in which a day lies, 0 for the first of the forecast."""
    first = demand.periods[0]
    place = max(0, int((day - first).days / DAYS[demand.frequency]) - 1)
    while step(first, demand.frequency, place + 1) <= day:
        place += 1
    return place


def _spread(totals: Floats, days: int, rng: np.random.Generator) -> Floats:
    """Each total over so many days by chance, shape (draws, days).

    What periods vary by beyond counts of chance (Poisson), their days are taken to vary by, each for itself; so sums of
    days vary as the periods do.
    """
    mean, variance = float(totals.mean()), float(totals.var())
    whole = bool(np.all(totals == np.round(totals)))
    beyond = variance - mean if whole else variance
    shape = max(LEAST_SHAPE, mean**2 / beyond / days) if beyond > 0 and mean > 0 else float(SHAPES[-1])
    rows = rng.integers(ROWS, size=len(totals))
    if not whole:
        return totals[:, None] * _shares(days)[_nearest(shape), rows]
    return _counted(totals, shape, _Rows(days, rows, rng.random(len(totals))))


@dataclass(frozen=True, eq=False)
class _Rows:
    """By which rows of the tables each total falls on so many days, and where it is rounded, 0..1."""

    days: int
    rows: Ints
    rounding: Floats

    def of(self, chosen: Bools) -> "_Rows":
        return _Rows(self.days, self.rows[chosen], self.rounding[chosen])


def _counted(totals: Floats, shape: float, by: _Rows) -> Floats:
    """Whole numbers: few units one by one, many in shares that vary as their counts do, rounded."""
    few, split = totals <= FEW, np.empty((len(totals), by.days))
    split[few] = _urns(int(_nearest(shape)), by.days)[totals[few].astype(np.int64), by.rows[few]]
    many, own, rest = totals[~few], shape * by.days, by.of(~few)
    alike = (many * (own + 1) / (many + own) - 1) / by.days
    upto = np.cumsum(many[:, None] * _shares(by.days)[_nearest(alike), rest.rows], axis=1)
    upto = np.floor(upto + rest.rounding[:, None])
    upto[:, -1] = many
    split[~few] = np.diff(upto, axis=1, prepend=0.0)
    return split


def _nearest(shape: float | Floats) -> Ints:
    """The place of the nearest of `SHAPES`."""
    return np.searchsorted(np.sqrt(SHAPES[1:] * SHAPES[:-1]), shape)


@lru_cache(maxsize=8)
def _shares(days: int) -> Floats:
    """Shares of so many days in a total (Dirichlet), `ROWS` of each shape, shape (shapes, rows, days)."""
    weights = np.random.default_rng(days).gamma(SHAPES[:, None, None], size=(len(SHAPES), ROWS, days)) + 1e-12
    return np.asarray(weights / weights.sum(axis=2, keepdims=True))


@lru_cache(maxsize=32)
def _urns(place: int, days: int) -> NDArray[np.int8]:
    """How 0, 1, ... `FEW` units fall on so many days, shape (units, rows, days): each unit likelier where units are.

    Source: the urn of Eggenberger and Polya (1923), whose counts are multinomial with gamma-distributed weights.
    """
    rng, everyone = np.random.default_rng((days, place)), np.arange(ROWS)
    counts = np.zeros((FEW + 1, ROWS, days), np.int8)
    for units in range(FEW):
        weights = np.cumsum(SHAPES[place] + counts[units], axis=1)
        day = np.sum(weights < rng.random((ROWS, 1)) * weights[:, -1:], axis=1)
        counts[units + 1] = counts[units]
        counts[units + 1, everyone, day] += 1
    return counts
