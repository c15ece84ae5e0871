"""Days that do not fit: found, explained where we can, and never removed.

Source: Cleveland et al. (1990), STL: A seasonal-trend decomposition procedure based on loess, J. Official Statistics 6;
its robust form, whose weights keep odd days out of trend and season. This is the one home of `statsmodels`' STL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.arrays import Floats
from engine.dataset import in_words
from engine.forecast.drivers.effects import Moves
from engine.forecast.drivers.table import DriverTable
from engine.forecast.forecaster import Series
from engine.forecast.season import fill_closed

BEYOND = 4.5
"""Robust standard deviations from which a day is called odd: of normal errors, one in 150,000 lies so far out."""

NORMAL_MAD = 1.4826
"""Turns a median absolute deviation into a standard deviation of normal errors."""

STEADY_SEASON = 51
"""Seasons over which the season is smoothed: a nimble one follows the noise, and then ordinary days look odd."""

SMALL_COUNT = 1.5
"""Roots of Poisson counts differ by at least this many standard deviations of 0.5 before a count is odd."""


@dataclass(frozen=True)
class Outlier:
    """A period that does not fit.

    Attributes:
        period: its start.
        value: what was sold.
        expected: what trend and season would have made of it.
        deviations: how far off, in robust standard deviations; below 0 when less than expected.
        reason: what explains it, or "" when nothing that we know does.
    """

    period: date
    value: float
    expected: float
    deviations: float
    reason: str

    def sentence(self, unit: str) -> str:
        """For the owner: what happened, and what we make of it."""
        direction = "more" if self.value > self.expected else "fewer"
        what = f"{in_words(self.period)}: {self.value:,.0f} {unit}, {direction} than the usual {self.expected:,.0f}"
        return f"{what}; {self.reason}." if self.reason else f"{what}; nothing that we know explains it."


def outliers(series: Series, table: DriverTable | None = None, moves: Moves | None = None) -> tuple[Outlier, ...]:
    """The odd periods of a history, in order; the history itself stays as it is.

    Args:
        series: the past, NaN where closed; at least two seasons, else nothing is called odd.
        table: the drivers of the same periods, which may explain a period.
        moves: learnt effects, which are taken into account before a period is judged.
    """
    plain = series.values if moves is None else moves.remove(series.values)
    seen = ~np.isnan(plain)
    if seen.sum() < max(2 * series.season_length + 1, 12) or np.nanstd(plain) == 0:
        return ()
    usual = _usual(plain, series.season_length)
    deviations = _deviations(plain, usual)
    expected = usual if moves is None else moves.restore(usual)
    odd = np.flatnonzero(seen & (np.abs(np.nan_to_num(deviations)) > BEYOND))
    return tuple(
        Outlier(
            series.periods[k],
            float(series.values[k]),
            float(max(expected[k], 0.0)),
            float(deviations[k]),
            _reason(series.periods[k], float(series.values[k]), table),
        )
        for k in odd
    )


def _usual(values: Floats, season_length: int) -> Floats:
    """Trend plus season by robust STL, a running median where there is no season."""
    filled = fill_closed(values, season_length)
    if season_length < 2:
        return _running_median(filled, 7)
    from statsmodels.tsa.stl._stl import STL

    trend = (6 if season_length <= 7 else 2) * season_length | 1
    fitted = STL(filled, period=season_length, seasonal=STEADY_SEASON, trend=trend, robust=True).fit()
    return np.asarray(fitted.trend + fitted.seasonal)


def _running_median(values: Floats, width: int) -> Floats:
    padded = np.pad(values, width // 2, mode="reflect" if len(values) > width // 2 else "edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1))


def _deviations(values: Floats, usual: Floats) -> Floats:
    """Distances on the scale of square roots, on which counts are about equally noisy high and low."""
    if np.nanmin(values) < 0:
        distance, least = values - usual, 0.0
    else:
        distance, least = np.sqrt(values) - np.sqrt(np.maximum(usual, 0.0)), SMALL_COUNT / BEYOND
    spread = NORMAL_MAD * float(np.nanmedian(np.abs(distance - np.nanmedian(distance))))
    spread = max(spread, least, 1e-9 + 0.01 * float(np.nanstd(distance)))
    return np.asarray(distance / spread)


def _reason(period: date, value: float, table: DriverTable | None) -> str:
    active: Sequence[str] = ()
    if table is not None:
        row = table.periods.index(period)
        special = [driver for driver in table.drivers if np.mean(driver.values != 0) < 0.1]
        active = [driver.name for driver in special if driver.values[row] != 0]
    if active:
        return f"then there was: {' and '.join(active[:2])}"
    if value == 0:
        return "nothing was sold: were you closed, or was the shelf empty?"
    return ""
