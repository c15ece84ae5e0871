"""Dyocense's own forecast in the form of a peer: the one place here that knows how the engine is called."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl

from benchmarks.peers import Bands, Combination, Fit, Peer, PeerFailed
from benchmarks.series import Array, Past, is_hourly
from engine.business.calendar import Calendar, find_calendar
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

        history = history_of(past)
        try:
            made = forecast(history, horizon=_horizon(past), panel=panel, season_length=past.season_length)
        except DyocenseError as error:
            raise PeerFailed(str(error)) from error
        inner, outer = made.band(80), made.band(95)
        values: Sequence[Array] = (
            made.point,
            inner.lower,
            inner.upper,
            outer.lower,
            outer.upper,
            made.demand(DRAWS).paths,
        )
        if _is_kept_by_day(past):
            values = [_on(past.ahead, made.periods, each) for each in values]
        mean, lower80, upper80, lower95, upper95, paths = values
        lo95, lo80, hi80, hi95 = np.quantile(np.cumsum(paths, axis=1), (0.025, 0.1, 0.9, 0.975), axis=0)
        return Bands(mean, lower80, upper80, lower95, upper95, lo95, hi95, lo80, hi80)

    return fit


def _on(days: Sequence[date], made: Sequence[date], values: Array) -> Array:
    """What was forecast for these days, the last axis; 0 for a day on which we say that the shop never opens."""
    places = {day: place for place, day in enumerate(made)}
    chosen = np.zeros((*values.shape[:-1], len(days)))
    for k, day in enumerate(days):
        if day in places:
            chosen[..., k] = values[..., places[day]]
    return chosen


def _is_kept_by_day(past: Past) -> bool:
    """Whether the dates are days, of which a shop may be closed on some."""
    return past.freq[0].upper() == "D"


def _horizon(past: Past) -> int:
    return (past.ahead[-1] - past.dates[-1]).days if _is_kept_by_day(past) else past.horizon


def history_of(past: Past) -> SalesHistory:
    """A case's past as the engine knows it; hours, which no calendar of a shop has, are numbered like days.

    Days without a row were closed: they are null on weekdays on which the shop opens, and otherwise not there.
    """
    frequency = FREQUENCIES.get(past.freq[0].upper())
    if frequency is None:
        raise PeerFailed(f"periods of {past.freq} are not for sales")
    first, periods = past.dates[0], list(past.dates)
    if is_hourly(past.freq):
        periods = [date(first.year, first.month, first.day) + timedelta(days=k) for k in range(len(past.y))]
    frame = pl.DataFrame({"item": "", "period": periods, "value": past.y}, schema_overrides={"period": pl.Date})
    calendar = Calendar(frequency, anchor=first.weekday() if frequency is Frequency.WEEKLY else 0)
    if _is_kept_by_day(past):
        calendar = Calendar(frequency, find_calendar(periods).open_weekdays)
        whole = pl.DataFrame({"item": "", "period": calendar.between(first, past.dates[-1])})
        frame = whole.join(frame.select("period", "value"), on="period", how="left")
    return SalesHistory(Metric("quantity", "Units sold", "units"), "", frame, calendar)
