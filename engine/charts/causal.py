"""Figures of a change: a waterfall that adds up, drivers over time, one event, and what other spending would do."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from engine.causal import UNEXPLAINED, Counterfactual, DriverSplit, EventImpact, Split, Timeline
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
    plain_layout,
    point_trace,
    upright,
)
from engine.dataset import in_words

VERMILION = SERIES_COLOURS[5]
DRIVER_COLOURS = SERIES_COLOURS[:6]
"""Without grey, which is what is unexplained."""

MOST_UPRIGHT = 6
"""More bars than this lie below each other instead of standing side by side."""

ROUNDING = 1e-6
NARROW = 0.4
"""When the bars between the totals span less than this share of them, the axis does not start at zero, and says so."""

SPENT_HOVER = "%{x:,.0f} spent: %{y:+,.0f}"

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
        "decreasing": {"marker": {"color": VERMILION}},
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
        colour = GREY if name == UNEXPLAINED else DRIVER_COLOURS[number % len(DRIVER_COLOURS)]
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
    above = line_trace(
        f"{timeline.outcome} above its mean", x, timeline.total - timeline.level, {"color": GREY, "width": 1.6}
    )
    line = above | {"hovertemplate": "%{y:+,.4~r}"}
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
    lower, upper = [event.lower[k] for k in places], [event.upper[k] for k in places]
    band = band_trace("95% likely without the event", [x[k] for k in places], lower, upper, 0.20)
    lines = [
        _curve("Expected without the event", x, event.expected, {"color": BLUE, "width": 2, "dash": "6px,3px"}),
        _curve("Actual", x, event.actual, {"color": GREY, "width": 1.8}),
    ]
    layout = _layout(event.unit, key=[event.name]) | upright(x[event.start], event.name, "right")
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
    return "" if number < len(DRIVER_COLOURS) else "x"


def _curve(name: str, x: Sequence[Any], y: Iterable[float], line: dict[str, Any]) -> dict[str, Any]:
    gaps = [None if not np.isfinite(value) else float(value) for value in y]
    return line_trace(name, x, gaps, line) | {"connectgaps": False}


def _layout(unit: str, *, key: Sequence[str]) -> dict[str, Any]:
    return plain_layout(
        height=420,
        hovermode="x unified",
        uirevision="-".join(key),
        xaxis=axis("", showgrid=False),
        yaxis=axis(unit, zeroline=True, tickformat="~s"),
    )


def _place(largest: float) -> int:
    """Decimals that leave about four digits of the largest amount."""
    return 0 if largest >= 1000 else max(0, 3 - int(np.floor(np.log10(largest))))


def _in_figures(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"


def _signed(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:+,.0f}" if abs(value) >= 1000 else f"{value:+,.4g}"


def what_if_line(points: Sequence[Counterfactual], chosen: Counterfactual) -> Figure:
    """The difference to what happened, by the total that could have been spent, with its 95 % band.

    Args:
        points: from nothing to more than was ever spent, by total.
        chosen: the total that the owner asks about; drawn as a point beside what happened.
    """
    lower, upper = _totals_inside(points)
    below = [point for point in points if point.instead <= lower]
    inside = [point for point in points if lower <= point.instead <= upper]
    beyond = [point for point in points if point.instead >= upper]
    traces = [_difference_band(points), _difference_line("If it works in a straight line", inside, "solid")]
    traces += [
        _difference_line("Never spent so little or so much", part, "dot") for part in (below, beyond) if len(part) > 1
    ]
    for extra in traces[3:]:
        extra["showlegend"] = False
    traces.append(point_trace("As it was", (chosen.spent, 0.0), GREY, "circle", SPENT_HOVER))
    if abs(chosen.difference) > 0:
        traces.append(
            point_trace("In your question", (chosen.instead, chosen.difference), VERMILION, "diamond", SPENT_HOVER)
        )
    layout: dict[str, Any] = plain_layout(
        height=380,
        hovermode="closest",
        uirevision=chosen.driver,
        xaxis=axis(f"{chosen.driver}, in all", tickformat="~s", automargin=True),
        yaxis=axis(f"Difference, {chosen.unit}".rstrip(", "), tickformat="~s", zeroline=True),
    )
    return figure(traces, layout)


def what_if_alt(points: Sequence[Counterfactual], chosen: Counterfactual) -> str:
    """The line in one sentence, for people who do not see it."""
    low, high = points[0], points[-1]
    return (
        f"Line chart: with {in_figures(low.instead)} instead of {in_figures(chosen.spent)} for {chosen.driver} the "
        f"difference is {low.difference:+,.0f} {chosen.unit}, with {in_figures(high.instead)} it is "
        f"{high.difference:+,.0f} {chosen.unit}."
    ).replace(" ,", ",")


def _totals_inside(points: Sequence[Counterfactual]) -> tuple[float, float]:
    """The smallest and the largest total of which every period lies within what was ever spent in one."""
    totals = [point.instead for point in points if point.inside]
    return (min(totals), max(totals)) if totals else (points[0].instead, points[0].instead)


def _difference_band(points: Sequence[Counterfactual]) -> Trace:
    lower, upper = [point.lower - point.actual for point in points], [point.upper - point.actual for point in points]
    return band_trace("95% likely", [point.instead for point in points], lower, upper, 0.20)


def _difference_line(name: str, points: Sequence[Counterfactual], dash: str) -> Trace:
    x, y = [point.instead for point in points], [point.difference for point in points]
    return line_trace(name, x, y, {"color": BLUE, "width": 2.2, "dash": dash}) | {
        "hovertemplate": f"{SPENT_HOVER}<extra></extra>"
    }
