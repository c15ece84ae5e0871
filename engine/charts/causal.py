"""Figures of a change: a waterfall that adds up, drivers over time, one event."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from engine.causal import UNEXPLAINED, DriverSplit, EventImpact, Split, Timeline
from engine.charts.style import Figure, figure
from engine.dataset import in_words

BLUE, ORANGE, GREY = "#0a7bc8", "#D55E00", "#7f8791"
SERIES_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
"""Okabe and Ito's palette, made for colour-blind people; its black and yellow drown on one of our themes."""

MOST_UPRIGHT = 6
"""More bars than this lie below each other instead of standing side by side."""

ROUNDING = 1e-6
NARROW = 0.4
"""When the bars between the totals span less than this share of them, the axis does not start at zero, and says so."""

_CUT: dict[str, Any] = {
    "x": 0,
    "y": 1.02,
    "xref": "paper",
    "yref": "paper",
    "yanchor": "bottom",
    "xanchor": "left",
    "text": "the axis does not start at zero",
    "showarrow": False,
    "font": {"color": GREY, "size": 11},
}


def waterfall(split: Split | DriverSplit) -> Figure:
    """From the figure before to the figure after, one bar per part, what is unexplained as a bar of its own.

    The labels are rounded so that they add up to the shown change.
    """
    names, amounts = _bars(split)
    rounded = shown_amounts([*amounts], split.before, split.after)
    marks = ["absolute", *["relative"] * len(amounts), "total"]
    values = [split.before, *amounts, split.after]
    lying = len(values) > MOST_UPRIGHT
    labels = ["Before", *(wrapped(name, 22 if lying else 14) for name in names), "After"]
    trace = {
        "type": "waterfall",
        "orientation": "h" if lying else "v",
        "x": values if lying else labels,
        "y": labels if lying else values,
        "measure": marks,
        "text": [_in_figures(split.before), *(_signed(value) for value in rounded), _in_figures(split.after)],
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "increasing": {"marker": {"color": BLUE}},
        "decreasing": {"marker": {"color": ORANGE}},
        "totals": {"marker": {"color": GREY}},
        "connector": {"line": {"color": GREY, "width": 1, "dash": "dot"}},
        "hovertemplate": f"%{{{'y' if lying else 'x'}}}: %{{text}}<extra></extra>",
    }
    low, high = _visible(split.before, amounts)
    layout = _layout(split.unit, key=names) | {"showlegend": False, "hovermode": "closest"}
    layout["yaxis"] |= {"range": [low, high]}
    if lying:
        layout |= _lying(layout, len(labels))
    if low > 0:
        layout["annotations"] = [_CUT]
    return figure([trace], layout)


def _lying(layout: dict[str, Any], bars: int) -> dict[str, Any]:
    """The layout turned by a quarter: many bars stand below each other, where their names have room."""
    low, high = layout["yaxis"]["range"]
    room = 0.12 * (high - low)  # for what is written beside the bars
    values = layout["yaxis"] | {"range": [low - room if low else low, high + room], "nticks": 5}
    names = {"autorange": "reversed", "automargin": True, "showgrid": False}
    return {"xaxis": values, "yaxis": names, "height": 110 + 34 * bars}


def waterfall_alt(split: Split | DriverSplit) -> str:
    """The waterfall in words, for people who do not see it."""
    names, amounts = _bars(split)
    rounded = shown_amounts([*amounts], split.before, split.after)
    parts = ", ".join(f"{name} {_signed(value)}" for name, value in zip(names, rounded, strict=True))
    return f"Waterfall from {_in_figures(split.before)} to {_in_figures(split.after)} {split.unit}: {parts}.".replace(
        " :", ":"
    )


def shown_amounts(amounts: Sequence[float], before: float, after: float) -> list[float]:
    """The parts as they are written on the screen, so that they add up to the written change.

    Each is rounded to the place of the totals; what rounding leaves goes to the largest.
    """
    place = _place(max(abs(before), abs(after), *(abs(amount) for amount in amounts), 1e-12))
    whole = [round(amount, place) for amount in amounts]
    goal = round(round(after, place) - round(before, place), place)
    if whole:
        largest = max(range(len(whole)), key=lambda k: abs(amounts[k]))
        whole[largest] = round(whole[largest] + goal - sum(whole), place)
    return whole


def over_time(timeline: Timeline) -> Figure:
    """What each driver added or took away in every period, and what is unexplained; the sum is the figure itself."""
    x = list(timeline.periods)
    parts = [*timeline.parts.items(), (UNEXPLAINED, timeline.unexplained)]
    traces = []
    for number, (name, values) in enumerate(parts):
        colour = GREY if name == UNEXPLAINED else SERIES_COLOURS[number % len(SERIES_COLOURS)]
        traces.append(
            {
                "type": "bar",
                "name": name,
                "x": x,
                "y": [*values],
                "marker": {"color": colour, "pattern": {"shape": _pattern(name, number)}},
                "hovertemplate": "%{y:+,.4~r}",
            }
        )
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": f"{timeline.outcome} above its mean",
        "x": x,
        "y": [*(timeline.total - timeline.level)],
        "line": {"color": GREY, "width": 1.6},
        "hovertemplate": "%{y:+,.4~r}",
    }
    layout = _layout(timeline.unit, key=list(timeline.parts)) | {"barmode": "relative", "bargap": 0.05}
    return figure([*traces, line], layout)


def over_time_alt(timeline: Timeline) -> str:
    """The drivers over time in words."""
    spans = {name: float(np.ptp(values)) for name, values in timeline.parts.items()}
    ordered = sorted(spans, key=lambda name: -spans[name])
    ranges = ", ".join(f"{name} over a range of {_in_figures(spans[name])}" for name in ordered)
    left = _in_figures(float(np.ptp(timeline.unexplained)))
    return (
        f"Stacked bars of what moved {timeline.outcome} from {in_words(timeline.periods[0])} to "
        f"{in_words(timeline.periods[-1])}: {ranges}; unexplained over a range of {left}."
    )


def impact(event: EventImpact) -> Figure:
    """What happened against what would have happened, with its band, and a line where the event began."""
    x = list(event.periods)
    places = [k for k in range(len(x)) if np.isfinite(event.expected[k])]
    band = {
        "type": "scatter",
        "mode": "lines",
        "name": "95% likely without the event",
        "x": [*(x[k] for k in places), *(x[k] for k in reversed(places))],
        "y": [*(event.upper[k] for k in places), *(event.lower[k] for k in reversed(places))],
        "fill": "toself",
        "fillcolor": "rgba(40,140,215,0.20)",
        "line": {"width": 0},
        "hoverinfo": "skip",
    }
    lines = [
        _curve("Expected without the event", x, event.expected, {"color": BLUE, "width": 2, "dash": "6px,3px"}),
        _curve("Actual", x, event.actual, {"color": GREY, "width": 1.8}),
    ]
    began = {"type": "line", "x0": x[event.start], "x1": x[event.start], "y0": 0, "y1": 1, "yref": "paper"}
    began |= {"line": {"color": GREY, "width": 1, "dash": "dot"}}
    label = {"x": x[event.start], "y": 1, "yref": "paper", "text": event.name, "showarrow": False}
    label |= {"xanchor": "right", "font": {"color": GREY, "size": 12}}
    layout = _layout(event.unit, key=[event.name]) | {"shapes": [began], "annotations": [label]}
    return figure([band, *lines], layout)


def impact_alt(event: EventImpact) -> str:
    """The event in words."""
    low, high = event.interval
    return (
        f"Line chart: from {in_words(event.periods[event.start])} on, {event.name} goes with a difference of "
        f"{_signed(event.average)} {event.unit} per {event.period}, 95% interval {_signed(low)} to {_signed(high)}."
    ).replace("  ", " ")


def _bars(split: Split | DriverSplit) -> tuple[list[str], list[float]]:
    if isinstance(split, DriverSplit):
        parts = [(part.name, part.amount) for part in split.contributions]
        return [*(name for name, _ in parts), UNEXPLAINED], [*(amount for _, amount in parts), split.unexplained]
    names, amounts = [piece.name for piece in split.pieces], [piece.amount for piece in split.pieces]
    if abs(split.residual) > ROUNDING * max(1.0, abs(split.before), abs(split.after)):
        names, amounts = [*names, UNEXPLAINED], [*amounts, split.residual]
    return names, amounts


def _visible(before: float, amounts: Sequence[float]) -> tuple[float, float]:
    """The stretch of the axis in which the bars can be told apart."""
    levels = [before, *(before + float(sum(amounts[: k + 1])) for k in range(len(amounts)))]
    low, high = min(levels), max(levels)
    room = max(high - low, 1e-9)
    if low > 0 and room < NARROW * high:
        return max(0.0, low - 0.6 * room), high + 0.2 * room
    return min(0.0, low - 0.1 * room), max(0.0, high + 0.15 * room)


def wrapped(name: str, letters: int) -> str:
    """A name on lines of about so many letters, so that it need not be turned; a long one is cut after two lines."""
    from textwrap import wrap

    return "<br>".join(wrap(name, letters, break_long_words=False, max_lines=2, placeholder=" ...")) or name


def _pattern(name: str, number: int) -> str:
    if name == UNEXPLAINED:
        return "/"
    return "" if number < len(SERIES_COLOURS) else "x"


def _curve(name: str, x: Sequence[Any], y: Iterable[float], line: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": [None if not np.isfinite(value) else float(value) for value in y],
        "line": line,
        "hovertemplate": "%{y:,.4~r}",
        "connectgaps": False,
    }


def _layout(unit: str, *, key: Sequence[str]) -> dict[str, Any]:
    return {
        "margin": {"l": 10, "r": 10, "t": 40, "b": 10},
        "height": 420,
        "hovermode": "x unified",
        "uirevision": "-".join(key),
        "separators": ".,",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "xaxis": {"title": {"text": ""}, "showgrid": False},
        "yaxis": {"title": {"text": unit}, "zeroline": True, "tickformat": "~s"},
    }


def _place(largest: float) -> int:
    """Decimals that leave about four digits of the largest amount."""
    return 0 if largest >= 1000 else max(0, 3 - int(np.floor(np.log10(largest))))


def _in_figures(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"


def _signed(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:+,.0f}" if abs(value) >= 1000 else f"{value:+,.4g}"
