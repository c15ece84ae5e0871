"""Figures of a forecast, of what it is made of, and of what would change it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from engine.charts.basics import (
    BLUE,
    GREY,
    SERIES_COLOURS,
    Figure,
    Trace,
    axis,
    band_trace,
    figure,
    in_figures,
    line_trace,
    opacity,
    plain_layout,
    upright,
)
from engine.dataset import Frequency, in_words
from engine.forecast import Forecast
from engine.forecast.changes import WhatIf
from engine.forecast.explain import Contribution, Explanation

DASHES = ("solid", "dash", "dot", "dashdot")
"""Lines are told apart by more than colour."""

_SHOWN_BEFORE = {Frequency.DAILY: 120, Frequency.WEEKLY: 78, Frequency.MONTHLY: 36, Frequency.QUARTERLY: 20}

VISIBLE = 0.002
"""Parts below this share of the forecast are not worth a colour of their own."""


def fan(forecast: Forecast, *, level: int = 80, own: Mapping[date, float] | None = None) -> Figure:
    """The latest past, the middle of the forecast, and its bands up to `level`, joined to the last actual.

    Args:
        forecast: what to draw.
        level: the widest band that is drawn, percent.
        own: the owner's own figures by period.
    """
    last, value = _last_known(forecast)
    x = [last, *forecast.periods]
    traces = [_band(x, value, forecast, band.level) for band in reversed(forecast.bands) if band.level <= level]
    traces += [_actual(forecast), _middle(x, [value, *forecast.point])]
    if own:
        traces.append(_own(own))
    return figure(traces, _layout(forecast) | _last_actual(last))


def models(forecast: Forecast) -> Figure:
    """What each voting model expects, beside the middle of them all."""
    x = list(forecast.periods)
    traces = [
        line_trace(name, x, values, {"color": SERIES_COLOURS[(number + 1) % len(SERIES_COLOURS)], "width": 1.5})
        for number, (name, values) in enumerate(forecast.members.items())
    ]
    return figure([*traces, _middle(x, [*forecast.point])], _layout(forecast))


def fan_alt(forecast: Forecast, *, level: int = 80) -> str:
    """The fan in one sentence, for people who do not see it."""
    metric, band = forecast.history.metric, forecast.band(level)
    last, _ = _last_known(forecast)
    least, most = in_figures(forecast.point.min()), in_figures(forecast.point.max())
    return (
        f"Line chart of {metric.label.lower()}: the past until {in_words(last)}, then a forecast for "
        f"{len(forecast.periods)} open periods between {least} and {most} {metric.unit}, "
        f"with a {level}% band from {in_figures(band.lower.min())} to {in_figures(band.upper.max())}."
    )


def models_alt(forecast: Forecast) -> str:
    """The models in one sentence, for people who do not see the figure."""
    totals = ", ".join(f"{name} {in_figures(values.sum())}" for name, values in forecast.members.items())
    together = in_figures(forecast.point.sum())
    return f"Line chart of each model's forecast; totals over the horizon: {totals}; together {together}."


def several(forecasts: Mapping[str, Forecast]) -> Figure:
    """The middles of several forecasts in one figure, by the names that the owner gave them."""
    traces = [
        line_trace(
            name,
            forecast.periods,
            forecast.point,
            {
                "color": SERIES_COLOURS[number % len(SERIES_COLOURS)],
                "width": 2,
                "dash": DASHES[number % len(DASHES)],
            },
        )
        for number, (name, forecast) in enumerate(forecasts.items())
    ]
    return figure(traces, _layout(next(iter(forecasts.values()))))


def several_alt(forecasts: Mapping[str, Forecast]) -> str:
    """The comparison in one sentence, for people who do not see it."""
    totals = ", ".join(f"{name} {in_figures(forecast.point.sum())}" for name, forecast in forecasts.items())
    return f"Line chart of several forecasts; in total: {totals}."


def before_after(result: WhatIf, label: str) -> Figure:
    """The forecast as planned and after a change."""
    x = [*result.periods]
    planned = _middle(x, [*result.planned]) | {"name": "As planned"}
    changed = {
        **_middle(x, [*result.changed]),
        "name": "After the change",
        "line": {"color": SERIES_COLOURS[1], "width": 2.5},
    }
    layout = plain_layout(
        height=340,
        hovermode="x unified",
        xaxis={"showgrid": False, "hoverformat": "%a %-d %b %Y"},
        yaxis=axis(label, rangemode="tozero", zeroline=False),
    )
    return figure([planned, changed], layout)


def before_after_alt(result: WhatIf) -> str:
    """The two futures in one sentence, for people who do not see the figure."""
    planned, changed = in_figures(float(result.planned.sum())), in_figures(float(result.changed.sum()))
    return f"Line chart: {planned} {result.unit} as planned, {changed} after the change."


def axis_label(forecast: Forecast) -> str:
    """What the vertical axis shows, with its unit."""
    metric, noun = forecast.history.metric, forecast.history.calendar.frequency.period
    unit = f", {metric.unit}" if metric.unit and metric.unit not in metric.label.lower() else ""
    return f"{metric.label} per {noun}{unit}"


def _own(figures: Mapping[date, float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "Your figures",
        "x": [*figures],
        "y": [*figures.values()],
        "marker": {"symbol": "diamond", "size": 10, "color": SERIES_COLOURS[1]},
        "hovertemplate": "%{y:,.4~r}",
    }


def _last_known(forecast: Forecast) -> tuple[date, float]:
    last = forecast.history.frame.drop_nulls("value").tail(1)
    return last["period"][0], last["value"][0]


def _actual(forecast: Forecast) -> dict[str, Any]:
    periods = _SHOWN_BEFORE.get(forecast.history.calendar.frequency, 20)
    past = forecast.history.frame.tail(max(periods, 3 * len(forecast.periods)))
    line = line_trace("Actual", past["period"].to_list(), past["value"].to_list(), {"color": GREY, "width": 1.6})
    return line | {"connectgaps": False}


def _middle(x: Sequence[date], y: Sequence[float]) -> Trace:
    return line_trace("Forecast", x, y, {"color": BLUE, "width": 2.5, "dash": "6px,3px"})


def _band(x: Sequence[date], start: float, forecast: Forecast, level: int) -> dict[str, Any]:
    """One closed polygon that starts at the last actual, so that the band hangs on the past."""
    band = forecast.band(level)
    upper, lower = [start, *band.upper], [start, *band.lower]
    return band_trace(f"{level}% likely", x, lower, upper, opacity(level))


def _layout(forecast: Forecast) -> dict[str, Any]:
    metric = forecast.history.metric
    return plain_layout(
        height=420,
        hovermode="x unified",
        uirevision=f"{metric.key}-{forecast.history.item}",
        xaxis=axis("", showgrid=False, hoverformat="%a %-d %b %Y"),
        yaxis=axis(
            axis_label(forecast),
            rangemode="tozero",
            tickformat="~s" if forecast.point.max() >= 1000 else ",.2~f",
            zeroline=False,
        ),
    )


def _last_actual(last: date) -> dict[str, Any]:
    """A line between what happened and what is expected."""
    parts = upright(last, "last actual", "right")
    parts["annotations"][0]["x"] = last - timedelta(days=1)
    return parts


def components(explanation: Explanation) -> Figure:
    """What lifts and what lowers each period, stacked around the level; with the level they add up to the line."""
    level, others = explanation.contributions[0], _visible(explanation)
    x = [*explanation.periods]
    bars: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": part.name[:1].upper() + part.name[1:],
            "x": x,
            "y": [*part.values],
            "marker": {
                "color": SERIES_COLOURS[(number + 1) % len(SERIES_COLOURS)],
                "pattern": {"shape": ("", "/", ".", "x")[number % 4], "fgopacity": 0.5},
            },
            "hovertemplate": "%{y:+,.4~r}",
        }
        for number, part in enumerate(others)
    ]
    line = _middle(x, [*(explanation.forecast - level.values)]) | {
        "name": "Forecast against the level",
        "hovertemplate": "%{y:+,.4~r}",
    }
    layout = plain_layout(
        height=380,
        barmode="relative",
        hovermode="x unified",
        xaxis={"showgrid": False, "hoverformat": "%a %-d %b %Y"},
        yaxis=axis(f"Above or below the level, {explanation.unit}".rstrip(", "), zeroline=True),
    )
    return figure([*bars, line], layout)


def components_alt(explanation: Explanation) -> str:
    """The figure in one sentence, for people who do not see it."""
    level = explanation.contributions[0]
    moves = ", ".join(f"{part.name} {part.total:+,.0f}" for part in _visible(explanation))
    total = in_figures(float(explanation.forecast.sum()))
    return (
        f"Stacked bars around the level of {in_figures(level.total)} over the whole time: {moves or 'nothing else'}; "
        f"together {total} {explanation.unit}."
    )


def _visible(explanation: Explanation) -> list[Contribution]:
    least = VISIBLE * float(abs(explanation.forecast).sum())
    return [part for part in explanation.contributions[1:] if float(abs(part.values).sum()) >= least]
