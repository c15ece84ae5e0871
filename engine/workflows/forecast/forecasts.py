"""What will sell: from a dataset to a forecast, the owner's own figures in its place, its tables and its workbook."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from engine import json_values
from engine.business.calendar import Calendar
from engine.business.history import Metric, SalesHistory, items, metric_named, sales_history
from engine.business.model import Business
from engine.dataset import Frequency
from engine.errors import DataProblem
from engine.exports import Sheet, workbook
from engine.forecast import NOTHING_KNOWN, Forecast, Panel, forecast
from engine.forecast.changes import Override, OverrideRecord, judge, overrule
from engine.forecast.coherent import view
from engine.forecast.cold_start import with_similar
from engine.forecast.drivers import Drivers
from engine.forecast.hidden_demand import with_hidden_demand
from engine.narrate import spoken
from engine.process import ONE_THREAD, Report
from engine.settings import Settings
from engine.workflows.forecast.by_item import ItemSplit
from engine.workflows.forecast.sales_drivers import EMPTY_CALENDAR, OwnerCalendar

HORIZONS: dict[Frequency, tuple[int, ...]] = {
    Frequency.DAILY: (7, 14, 28, 56, 91),
    Frequency.WEEKLY: (4, 8, 13, 26),
    Frequency.MONTHLY: (3, 6, 12, 18),
    Frequency.QUARTERLY: (2, 4, 8),
    Frequency.YEARLY: (1, 2, 3),
}
"""How far ahead an owner may look, periods."""

VIEW_DRAWS = 2000
"""Futures behind the weeks and months of a forecast."""


@dataclass(frozen=True)
class ForecastQuestion:
    """What the owner wants to know.

    Attributes:
        metric: key of a `Metric`.
        item: name of an item, or "" for all together.
        horizon: calendar periods ahead.
        calendar: what the owner knows about the time ahead.
    """

    metric: str
    item: str
    horizon: int
    calendar: OwnerCalendar = EMPTY_CALENDAR


def _item_named(names: Sequence[str], name: str) -> str:
    if not name or name in names:
        return name
    for item in names:
        if item.casefold() == name.casefold():
            return item
    remedy = f"Choose one of: {', '.join(names[:20])}." if names else "The file names no items; ask for all together."
    raise DataProblem(f'There is no item "{name}"', remedy=remedy)


def horizons_for(history: SalesHistory) -> tuple[int, ...]:
    """The horizons that make sense for a history: not further ahead than half of what it looks back on."""
    choices = HORIZONS[history.calendar.frequency]
    longest = max(len(each) for each in (history, *history.similar))
    return tuple(periods for periods in choices if periods <= longest // 2) or choices[:1]


def usual_horizon(history: SalesHistory) -> int:
    """The horizon that is shown first."""
    choices = horizons_for(history)
    return choices[min(2, len(choices) - 1)]


def history_for(business: Business, metric: str, item: str = "") -> SalesHistory:
    """The history of one metric (by its key), of one item or of all together.

    Args:
        business: whose.
        metric: key of a `Metric`.
        item: its name, or "" for all together.

    Raises:
        DataProblem: the file cannot answer the question.
    """
    chosen = metric_named(business, metric)
    history = sales_history(business, chosen, item=_item_named(items(business, chosen), item))
    return with_similar(with_hidden_demand(history, business), business)


def run_forecast(
    history: SalesHistory,
    horizon: int,
    panel: Panel,
    drivers: Drivers = NOTHING_KNOWN,
    report: Report = lambda share, note: None,
) -> Forecast:
    """`forecast` with plain arguments, so that another process can run it."""
    return forecast(history, horizon=horizon, panel=panel, drivers=drivers, report=report)


def warm_up(panel: Panel = "quick") -> None:
    """Load the models and their compiled code, so that the first owner does not wait for it."""
    days = pl.date_range(date(2026, 1, 1), date(2026, 3, 1), eager=True)
    frame = pl.DataFrame({"item": "", "period": days, "value": [10.0 + day.weekday() + day.day / 31 for day in days]})
    metric = Metric("quantity", "Units sold", "units")
    run_forecast(SalesHistory(metric, "", frame, Calendar(Frequency.DAILY)), 7, panel)


def model_environment(settings: Settings) -> dict[str, str]:
    """Environment for every process that forecasts: one thread, and compiled code on disk, which takes 30 s to make."""
    folder = settings.home / "compiled"
    folder.mkdir(parents=True, exist_ok=True)
    return {**ONE_THREAD, "NIXTLA_NUMBA_CACHE": "1", "NUMBA_CACHE_DIR": str(folder)}


def accuracy_table(result: Forecast) -> pl.DataFrame:
    """The models with their measured errors, the forecast itself first, the rest by error."""
    first, *others = result.proof.scores
    ordered = [first, *sorted(others, key=lambda score: score.typical_error)]
    yardstick = result.proof.naive.mase
    return pl.DataFrame(
        {
            "Model": [score.model for score in ordered],
            "Typical error, %": [score.typical_error for score in ordered],
            "Error against the simple rule": [score.mase / yardstick if yardstick > 0 else None for score in ordered],
            "Too high (+) or too low (-), %": [score.bias for score in ordered],
            "Part in the forecast": ["", *("votes" if score.votes else score.remark for score in ordered[1:])],
        },
        schema_overrides={"Error against the simple rule": pl.Float64},
    )


def how_measured(result: Forecast) -> str:
    """How the accuracy table came about, in words."""
    proof = result.proof
    if not proof.windows:
        return "Nothing could be measured yet: the past is too short to hold a part of it back."
    noun = result.history.calendar.frequency.period
    return (
        f"Measured on {proof.points} {noun}s in {proof.windows} stretches of your past that the models were not shown. "
        f"The typical error is the sum of all misses as a share of the volume. The simple rule is "
        f"{result.simple_rule}: below 1 is better than that."
    )


def forecast_table(result: Forecast) -> pl.DataFrame:
    """The forecast as an owner would like to read it, one row per open period."""
    columns = {"period": "Date", "median": "Expected"}
    for band in result.bands:
        columns |= {f"lower_{band.level}": f"{band.level}% from", f"upper_{band.level}": f"{band.level}% to"}
    return result.frame().rename(columns)


def longer_periods(result: Forecast) -> tuple[Frequency, ...]:
    """The periods into which those of a forecast add up: days into weeks and months."""
    own = result.history.calendar.frequency
    if own in (Frequency.WEEKLY, Frequency.YEARLY):
        return ()
    longer = (Frequency.WEEKLY, Frequency.MONTHLY, Frequency.QUARTERLY, Frequency.YEARLY)
    return tuple(each for each in longer[:2] if own is Frequency.DAILY) or longer[longer.index(own) + 1 :]


def view_table(result: Forecast, frequency: Frequency) -> pl.DataFrame:
    """The forecast by longer periods: sums of the same futures, so that all views agree.

    In a period that has begun, what was already sold counts.
    """
    sold = dict(zip(result.history.periods, result.history.values.tolist(), strict=True))
    seen = view(result.demand(VIEW_DRAWS), frequency, history=sold)
    noun = frequency.period.capitalize()
    columns: dict[str, object] = {f"{noun} from": seen.demand.periods, "Expected": np.median(seen.demand.paths, axis=0)}
    for level in result.levels:
        lower, upper = (seen.demand.quantile(0.5 + side * level / 200) for side in (-1, 1))
        columns |= {f"{level}% from": lower, f"{level}% to": upper}
    columns["Of it already sold"] = seen.so_far
    columns["Covers"] = [f"the whole {frequency.period}" if whole else "a part of it" for whole in seen.whole]
    return pl.DataFrame(columns)


def comparison_table(forecasts: Mapping[str, Forecast], level: int) -> pl.DataFrame:
    """The totals of several forecasts with their ranges, one row each."""
    rows = []
    for name, each in forecasts.items():
        facts = each.facts(level)
        rows.append(
            {
                "Forecast": name,
                "For": str(facts["item"].value),
                "Until": each.periods[-1],
                "In total": facts["total_ahead"].value,
                f"{level}% from": facts["total_lower"].value,
                f"{level}% to": facts["total_upper"].value,
            }
        )
    return pl.DataFrame(rows)


def forecast_workbook(result: Forecast, items_too: ItemSplit | None = None) -> bytes:
    """The forecast, its history, its accuracy and its facts as an xlsx file, item by item where that is given."""
    metric = result.history.metric
    title = f"{metric.label} ({metric.unit or 'as in your file'}), {result.history.item or 'all items'}"
    longer = [Sheet(f"By {each.period}", view_table(result, each)) for each in longer_periods(result)]
    facts = result.facts()
    past = result.history.frame.select(Date="period", Actual="value")
    rows = {"What": [fact.label for fact in facts], "Value": [spoken(fact) for fact in facts]}
    rows |= {"How we got it": [fact.basis for fact in facts]}
    return workbook(
        [
            Sheet("Forecast", forecast_table(result), (title, *result.cautions)),
            *longer,
            *([Sheet("By item", items_too.table, (items_too.sentence,))] if items_too else []),
            Sheet("Past", past, (title,)),
            Sheet("Accuracy", accuracy_table(result), ("Measured on stretches of the past that were held back.",)),
            Sheet("Facts", pl.DataFrame(rows)),
        ]
    )


def figures_as_json(figures: tuple[Override, ...]) -> list[dict[str, Any]]:
    """For the store."""
    dumped: list[dict[str, Any]] = json_values.dump(figures, tuple[Override, ...])
    return dumped


def figures_from_json(saved: object) -> tuple[Override, ...]:
    """What the store gave back; none when it gave nothing."""
    return json_values.load(saved or [], tuple[Override, ...])


def with_figure(
    figures: tuple[Override, ...], forecast: Forecast, period: date, value: float, *, today: date, reason: str = ""
) -> tuple[Override, ...]:
    """One more figure of the owner's; an older one for the same period made on the same day is replaced.

    Raises:
        ValueError: the value is negative, or the period is not one of the forecast's.
    """
    model = float(forecast.point[forecast.periods.index(period)])
    others = tuple(each for each in figures if (each.period, each.made_on) != (period, today))
    return (*others, Override(period, value, model, today, reason))


def figures_in_use(forecast: Forecast, figures: tuple[Override, ...]) -> dict[date, float]:
    """The owner's figures for periods of this forecast."""
    return {each.period: each.value for each in latest_figures(forecast, figures)}


def latest_figures(forecast: Forecast, figures: tuple[Override, ...]) -> tuple[Override, ...]:
    """The owner's latest word on each period of this forecast."""
    return overrule(forecast.periods, forecast.point, figures).used


def overridden_table(forecast: Forecast, figures: tuple[Override, ...]) -> pl.DataFrame:
    """The forecast with the owner's figures beside the model's."""
    plain = forecast_table(forecast)
    own = figures_in_use(forecast, figures)
    if not own:
        return plain
    yours = pl.Series("Yours", [own.get(period) for period in forecast.periods], dtype=pl.Float64)
    return plain.insert_column(2, yours)


def overridden_total(forecast: Forecast, figures: tuple[Override, ...]) -> float:
    """The forecast's total with the owner's figures in it."""
    return float(np.sum(overrule(forecast.periods, forecast.point, figures).final))


def override_record(forecast: Forecast, figures: tuple[Override, ...]) -> OverrideRecord:
    """How the owner's figures did beside the model's in periods that have passed."""
    history = forecast.history
    sold = dict(zip(history.periods, history.values.tolist(), strict=True))
    return judge(figures, sold, unit=history.metric.unit)
