"""Dyocense's own forecast in the form of a peer: the one place here that knows how the engine is called."""

from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl

from benchmarks.peers import Bands, Combination, Fit, Peer, PeerFailed
from benchmarks.series import Past, is_hourly
from engine.business.calendar import Calendar
from engine.business.history import Metric, SalesHistory
from engine.dataset import Frequency
from engine.errors import DyocenseError

QUICK, ENSEMBLE = "quick", "ensemble"
KEYS = frozenset({QUICK, ENSEMBLE})

DRAWS = 2000
"""Sample paths behind the bounds of sums."""

FREQUENCIES = {
    "H": Frequency.DAILY,
    "D": Frequency.DAILY,
    "W": Frequency.WEEKLY,
    "M": Frequency.MONTHLY,
    "Q": Frequency.QUARTERLY,
    "Y": Frequency.YEARLY,
    "A": Frequency.YEARLY,
}
"""By the first letter of pandas' word."""


def methods() -> dict[str, Peer | Combination]:
    """Our rows.

    Raises:
        ImportError: the engine does not forecast yet.
    """
    from engine.forecast import forecast  # noqa: F401

    return {
        QUICK: Peer("Dyocense quick", _panel("quick")),
        ENSEMBLE: Peer("Dyocense ensemble", _panel("full")),
    }


def _panel(panel: Literal["quick", "full"]) -> Fit:
    def fit(past: Past, rng: np.random.Generator) -> Bands:
        from engine.forecast import forecast

        try:
            made = forecast(history_of(past), horizon=past.horizon, panel=panel, season_length=past.season_length)
        except DyocenseError as error:
            raise PeerFailed(str(error)) from error
        inner, outer = made.band(80), made.band(95)
        sums = np.cumsum(made.demand(DRAWS).paths, axis=1)
        least, most = np.quantile(sums, (0.025, 0.975), axis=0)
        return Bands(made.point, inner.lower, inner.upper, outer.lower, outer.upper, least, most)

    return fit


def history_of(past: Past) -> SalesHistory:
    """A case's past as the engine knows it; hours, which no calendar of a shop has, are numbered like days."""
    frequency = FREQUENCIES.get(past.freq[0].upper())
    if frequency is None:
        raise PeerFailed(f"periods of {past.freq} are not for sales")
    first, periods = past.dates[0], list(past.dates)
    if is_hourly(past.freq):
        periods = [date(first.year, first.month, first.day) + timedelta(days=k) for k in range(len(past.y))]
    frame = pl.DataFrame({"item": "", "period": periods, "value": past.y}, schema_overrides={"period": pl.Date})
    calendar = Calendar(frequency, anchor=first.weekday() if frequency is Frequency.WEEKLY else 0)
    return SalesHistory(Metric("quantity", "Units sold", "units"), "", frame, calendar)
