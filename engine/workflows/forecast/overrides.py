"""The owner's own figures in the forecast's place: kept, put into the table, and judged by what was sold."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from engine import json_values
from engine.forecast import Forecast
from engine.forecast.changes import Override, OverrideRecord, judge, overrule
from engine.workflows.forecast.forecasts import forecast_table


def as_json(figures: tuple[Override, ...]) -> list[dict[str, Any]]:
    """For the store."""
    dumped: list[dict[str, Any]] = json_values.dump(figures, tuple[Override, ...])
    return dumped


def from_json(kept: object) -> tuple[Override, ...]:
    """What the store gave back; none when it gave nothing."""
    return json_values.load(kept or [], tuple[Override, ...])


def with_figure(
    figures: tuple[Override, ...], forecast: Forecast, period: date, value: float, *, today: date, reason: str = ""
) -> tuple[Override, ...]:
    """One more figure of the owner's; an older one for the same period made on the same day is replaced.

    Raises:
        ValueError: the value is negative, or the period is not one of the forecast's.
    """
    model = float(forecast.point[forecast.periods.index(period)])
    kept = tuple(each for each in figures if (each.period, each.made_on) != (period, today))
    return (*kept, Override(period, value, model, today, reason))


def in_use(forecast: Forecast, figures: tuple[Override, ...]) -> dict[date, float]:
    """The owner's figures for periods of this forecast."""
    return {each.period: each.value for each in used(forecast, figures)}


def used(forecast: Forecast, figures: tuple[Override, ...]) -> tuple[Override, ...]:
    """The owner's latest word on each period of this forecast."""
    return overrule(forecast.periods, forecast.point, figures).used


def table(forecast: Forecast, figures: tuple[Override, ...]) -> pl.DataFrame:
    """The forecast with the owner's figures beside the model's."""
    plain = forecast_table(forecast)
    own = in_use(forecast, figures)
    if not own:
        return plain
    yours = pl.Series("Yours", [own.get(period) for period in forecast.periods], dtype=pl.Float64)
    return plain.insert_column(2, yours)


def total(forecast: Forecast, figures: tuple[Override, ...]) -> float:
    """The forecast's total with the owner's figures in it."""
    return float(np.sum(overrule(forecast.periods, forecast.point, figures).final))


def record(forecast: Forecast, figures: tuple[Override, ...]) -> OverrideRecord:
    """How the owner's figures did beside the model's in periods that have passed."""
    history = forecast.history
    sold = dict(zip(history.periods, history.values.tolist(), strict=True))
    return judge(figures, sold, unit=history.metric.unit)
