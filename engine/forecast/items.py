"""All items of a file at once: each goes the way that suits how often and how much it sells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Bools, Floats
from engine.forecast.counts import CountForecasts, CountTuning, Covariates, forecast_many, tune
from engine.forecast.level import LevelForecasts, forecast_levels, have_short_past
from engine.forecast.regular import RegularForecasts, RegularTuning, forecast_regular, tune_regular

INTERVAL_CUT = 1.32
"""Mean periods between sales from which demand is intermittent."""

SMALL_NUMBERS = 30.0
"""Whole-number items that sell fewer a period are counts, however steadily they sell."""

STEADY = "level, season and known effects"
SHORT = "level that drifts or jumps, season of the other items"
ENDED = "no longer sold"

FEWEST_SILENT, FEWEST_SOLD, BY_CHANCE, AS_LONG_BEFORE = 8, 26, 1e-6, 0.5
"""An item counts as no longer sold after so many known seasons of a week, or periods where there is none, without a
sale, where it had been sold for so many, where chance would leave such a silence less often than this, and where its
past has no silence of its own that was half as long, as goods of a season have."""


@dataclass(frozen=True, eq=False)
class DemandProfile:
    """How each item sells; every array has shape (items,).

    Attributes:
        interval: mean number of periods from one sale to the next, >= 1 (ADI); infinite for an item that never sold.
        mean: mean of the known periods, units.
    """

    interval: Floats
    mean: Floats


def demand_profile(values: Floats) -> DemandProfile:
    """Measure how often and how much each item sells.

    Args:
        values: shape (items, n); NaN before an item's start and where a period is unknown.

    Source: Syntetos, Boylan & Croston (2005), On the categorization of demand patterns, JORS 56: ADI = known periods
    per sale, cut at 1.32.
    """
    observed = np.isfinite(values)
    periods, sales = observed.sum(axis=1), (observed & (values > 0)).sum(axis=1)
    return DemandProfile(
        interval=np.where(sales > 0, periods / np.maximum(sales, 1), np.inf),
        mean=np.where(observed, values, 0.0).sum(axis=1) / np.maximum(periods, 1),
    )


@dataclass(frozen=True, eq=False)
class ItemTuning:
    """What the items of a file have in common; None where no item goes that way."""

    counts: CountTuning | None
    regular: RegularTuning | None


@dataclass(frozen=True, eq=False)
class ItemForecasts:
    """What every item of a file may sell.

    Attributes:
        mean: expected demand, units, >= 0, shape (items, horizon).
        counted: items that were forecast as counts, shape (items,).
        counts: their forecasts, in the order of the rows.
        regular: those of the others with a past.
        ended: items that are no longer sold, of which nothing is expected, shape (items,).
        short: items that are no counts, and have too short a past for `regular`, shape (items,).
        levels: their forecasts.
    """

    mean: Floats
    counted: Bools
    counts: CountForecasts | None
    regular: RegularForecasts | None
    ended: Bools
    short: Bools
    levels: LevelForecasts | None

    @property
    def methods(self) -> tuple[str, ...]:
        """How each item was forecast, in words."""
        mixed = self.counts.tuning.method if self.counts else ""
        ways = np.select([self.ended, self.counted, self.short], [ENDED, mixed, SHORT], STEADY)
        return tuple(ways.tolist())

    def quantiles(self, probabilities: Sequence[float]) -> Floats:
        """Demand that is not exceeded with each probability (0..1), units, shape (items, horizon, probabilities)."""
        result = np.zeros((*self.mean.shape, len(probabilities)))
        for rows, way in self._ways:
            if way is not None:
                result[rows] = way.quantiles(probabilities)
        return result

    def paths(self, row: int, *, draws: int, rng: np.random.Generator) -> Floats:
        """Ways in which the periods of one item may turn out, units, >= 0, shape (draws, horizon).

        Args:
            row: the item's row.
            draws: number of paths, >= 1.
            rng: the only source of chance.

        Raises:
            IndexError: there is no such row.
        """
        for rows, way in self._ways:
            if rows[row] and way is not None:
                return way.paths(int(rows[:row].sum()), draws=draws, rng=rng)
        return np.zeros((draws, self.mean.shape[1]))

    @property
    def _ways(self) -> tuple[tuple[Bools, CountForecasts | RegularForecasts | LevelForecasts | None], ...]:
        """The items of each way, and their forecasts; those that are no longer sold have none."""
        live = ~self.ended
        return (
            (live & self.counted, self.counts),
            (live & ~self.counted & ~self.short, self.regular),
            (live & self.short, self.levels),
        )


def tune_items(values: Floats, *, horizon: int, season_length: int, covariates: Covariates | None = None) -> ItemTuning:
    """Learn from a file, or from a sample of its items, how its items are best forecast.

    Args:
        values: shape (items, n), all ending together, >= 0; NaN where nothing is known.
        horizon: periods ahead, >= 1.
        season_length: periods in one season; 1 for none.
        covariates: causes whose future is known, for the same items.
    """
    values = from_first_sale(values)
    live = ~have_ended(values, season_length)
    if live.any():  # how an item came to its end says nothing of the others
        covariates = covariates.of_items(np.flatnonzero(live)) if covariates else None
        values = values[live]
    counted = are_counts(values)
    counts = regular = None
    if counted.any():
        causes = covariates.of_items(np.flatnonzero(counted)) if covariates else None
        counts = tune(values[counted], horizon=horizon, season_length=season_length, covariates=causes)
    if not counted.all():
        causes = covariates.of_items(np.flatnonzero(~counted)) if covariates else None
        regular = tune_regular(values[~counted], horizon=horizon, season_length=season_length, covariates=causes)
    return ItemTuning(counts, regular)


def forecast_items(
    values: Floats,
    *,
    horizon: int,
    season_length: int,
    tuning: ItemTuning | None = None,
    covariates: Covariates | None = None,
) -> ItemForecasts:
    """Forecast many items whose past ends together.

    Args:
        values: shape (items, n), >= 0; NaN before an item's start and where nothing is known.
        horizon: periods ahead, >= 1.
        season_length: periods in one season; 1 for none.
        tuning: learnt from the whole file; learnt from these items when None, or where it knows only the other way.
        covariates: causes whose future is known, for the same items.

    Raises:
        ValueError: an item has no known value, one is negative or infinite, or the horizon is not positive.
    """
    _check(values, horizon)
    tuning = tuning or tune_items(values, horizon=horizon, season_length=season_length, covariates=covariates)
    values = from_first_sale(values)
    counted, ended = are_counts(values), have_ended(values, season_length)
    short = ~counted & ~ended & have_short_past(values, season_length)
    few, steady = counted & ~ended, ~counted & ~ended & ~short
    mean = np.zeros((len(values), horizon))
    counts, regular, levels = None, None, None
    if few.any():
        counts = forecast_many(
            values[few],
            horizon=horizon,
            season_length=season_length,
            tuning=tuning.counts,
            covariates=covariates.of_items(np.flatnonzero(few)) if covariates else None,
        )
        mean[few] = counts.mean
    if steady.any():
        regular = forecast_regular(
            values[steady],
            horizon=horizon,
            season_length=season_length,
            tuning=tuning.regular,
            covariates=covariates.of_items(np.flatnonzero(steady)) if covariates else None,
        )
        mean[steady] = regular.mean
    if short.any():
        season = tuning.regular.season if tuning.regular else np.ones(1)
        levels = forecast_levels(values[short], horizon=horizon, season=season)
        mean[short] = levels.mean
    return ItemForecasts(mean, counted, counts, regular, ended, short, levels)


def have_ended(values: Floats, season_length: int) -> Bools:
    """Items that are no longer sold, shape (items,): a silence too long for chance, and longer than any before.

    Args:
        values: shape (items, n); NaN before an item's start and where a period is unknown.
        season_length: periods in one season; 1 for none.
    """
    return np.array([silence_after_end(row, season_length) > 0 for row in values], dtype=bool)


def silence_after_end(values: Floats, season_length: int) -> int:
    """For how many known periods an item that is no longer sold has been silent; 0 for one that still sells.

    Args:
        values: of one item, shape (n,); NaN where a period is unknown.
        season_length: periods in one season; 1 for none.
    """
    known = values[np.isfinite(values)]
    sold = np.flatnonzero(known > 0)
    if len(sold) < 2:
        return 0
    last = int(sold[-1])
    silent, longest = len(known) - 1 - last, int(np.max(np.diff(sold))) - 1
    if silent < FEWEST_SILENT * season_length or longest >= AS_LONG_BEFORE * silent:
        return 0
    if last - int(sold[0]) + 1 < FEWEST_SOLD * season_length:  # goods of a season, which may come again
        return 0
    rate = min(len(sold) / (last - int(sold[0]) + 1), 0.999)
    return silent if silent * float(np.log1p(-rate)) < np.log(BY_CHANCE) else 0


def are_counts(values: Floats) -> Bools:
    """Items that sell now and then, or in small whole numbers, shape (items,)."""
    profile = demand_profile(values)
    whole = np.all(np.isnan(values) | (values == np.round(values)), axis=1)
    return np.asarray((profile.interval >= INTERVAL_CUT) | (whole & (profile.mean < SMALL_NUMBERS)))


def from_first_sale(values: Floats) -> Floats:
    """The same values, unknown before an item's first sale: it was not on the shelf. Without any sale, as they are."""
    sold = values > 0
    started = np.cumsum(sold, axis=1) > 0
    return np.where(started | ~sold.any(axis=1, keepdims=True), values, np.nan)


def _check(values: Floats, horizon: int) -> None:
    if horizon < 1:
        raise ValueError("horizon must be at least one period")
    if values.ndim != 2 or not np.isfinite(values).any(axis=1).all():
        raise ValueError("each item needs at least one known value")
    if np.any(values < 0) or np.any(np.isinf(values)):
        raise ValueError("demand must be finite and not negative")
