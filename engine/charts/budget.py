"""Figures of a marketing budget."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.arrays import Floats
from engine.budget import Allocation, FittedCurve, Flight, Mix, OwnSplit, ResponseModel, TradeOff
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
)
from engine.dataset import in_words

ORANGE = SERIES_COLOURS[1]
TICKS = ",~r"
"""Axis numbers in full, with a mark between thousands."""

SHOWN_BEYOND = 1.6
"""A curve is drawn up to so many times the largest spend seen, or as far as a marked spend lies."""


def response(curve: FittedCurve, mix: Mix, *, suggested: float | None = None) -> Figure:
    """What a channel brings for each steady spend: solid where money was spent, dotted beyond, with its interval.

    Args:
        curve: the channel's curve.
        mix: the channels; says what is spent today, and the units.
        suggested: a plan's spend per period, marked; left out when None.
    """
    visible = _visible_part(curve, suggested)
    now = mix[curve.channel].today
    seen = visible.spends <= visible.seen * (1 + 1e-9)
    beyond = np.append(~seen[1:], True)  # the dotted part starts where the solid one ends
    line = {"color": BLUE, "width": 2.5}
    traces = [
        line_trace(
            "As you typed it" if mix[curve.channel].seen is None else "Where you have spent",
            visible.spends[seen],
            visible.mean[seen],
            line,
        ),
        line_trace("Beyond: extrapolated", visible.spends[beyond], visible.mean[beyond], line | {"dash": "dot"}),
        _point("Today", (now, _at(visible, now)), GREY, "circle"),
    ]
    if np.any(visible.upper > visible.lower):
        traces.insert(0, band_trace("90% likely", visible.spends, visible.lower, visible.upper, 0.25))
    if suggested is not None:
        traces.append(_point("Suggested", (suggested, _at(visible, suggested)), ORANGE, "diamond"))
    layout = _layout(f"response-{curve.channel}") | {
        "xaxis": axis(
            f"Spend per {mix.period}{_in(mix.currency)}", rangemode="tozero", showgrid=False, tickformat=TICKS
        ),
        "yaxis": axis(
            f"Brought by {curve.channel} per {mix.period}{_in(mix.unit)}",
            rangemode="tozero",
            zeroline=False,
            tickformat=TICKS,
        ),
    }
    return figure(traces, layout)


def response_alt(curve: FittedCurve, mix: Mix, *, suggested: float | None = None) -> str:
    """The response curve in one sentence, for people who do not see it."""
    now = mix[curve.channel].today
    marked = [("today", now)] if suggested is None else [("today", now), ("suggested", suggested)]
    points = "; ".join(
        f"{name} {in_figures(spend)} a {mix.period} brings {in_figures(_at(curve, spend))} {mix.unit}".rstrip()
        + f" (90% likely between {in_figures(_at(curve, spend, curve.lower))}"
        + f" and {in_figures(_at(curve, spend, curve.upper))})"
        for name, spend in marked
    )
    beyond = f"Beyond {in_figures(curve.seen)} it is extrapolated."
    return f"Line chart of what {curve.channel} brings for its spend: {points}. {beyond}"


def budget_frontier(allocations: Sequence[Allocation], *, now: OwnSplit | None = None) -> Figure:
    """What the best split of each budget brings, beside today's split.

    Args:
        allocations: the best split per budget, at least one.
        now: today's split, marked; left out when None.
    """
    first, ordered = allocations[0], sorted(allocations, key=lambda each: each.total)
    x, y = [each.total for each in ordered], [each.outcome for each in ordered]
    traces = [line_trace("Best split", x, y, {"color": BLUE, "width": 2.5}) | {"mode": "lines+markers"}]
    if now is not None:
        traces.append(_point("Today's split", (now.total, now.outcome), GREY, "circle"))
    layout = _layout("budget frontier") | {
        "xaxis": axis(f"Budget per {first.mix.period}{_in(first.mix.currency)}", showgrid=False, tickformat=TICKS),
        "yaxis": axis(f"Brought per {first.mix.period}{_in(first.mix.unit)}", zeroline=False, tickformat=TICKS),
    }
    return figure(traces, layout)


def budget_frontier_alt(allocations: Sequence[Allocation], *, now: OwnSplit | None = None) -> str:
    """The frontier in one sentence, for people who do not see it."""
    ordered = sorted(allocations, key=lambda each: each.total)
    low, high = ordered[0], ordered[-1]
    line = (
        f"Line chart of what the best split brings per {low.mix.period}: {in_figures(low.outcome)} {low.mix.unit} for "
        f"a budget of {in_figures(low.total)}, {in_figures(high.outcome)} {high.mix.unit} for {in_figures(high.total)}"
    )
    today = f"; today's split brings {in_figures(now.outcome)} for {in_figures(now.total)}" if now is not None else ""
    return f"{line}{today}."


def contributions(model: ResponseModel) -> Figure:
    """What made up the outcome over time: the base, and each channel on top of it."""
    parts = model.contributions()
    days = parts["period"].to_list()
    stacked = [_area("Base", days, parts["base"].to_list(), GREY)]
    stacked += [
        _area(name, days, parts[name].to_list(), SERIES_COLOURS[place % (len(SERIES_COLOURS) - 1)])
        for place, name in enumerate(model.channels)
    ]
    actual = line_trace("Actual", days, model.history.outcome, {"color": "#444b54", "width": 1.4, "dash": "dot"})
    layout = _layout("contributions") | {
        "hovermode": "x unified",
        "xaxis": axis("", showgrid=False, hoverformat="%-d %b %Y"),
        "yaxis": axis(
            f"Outcome per {model.history.frequency.period}{_in(model.history.unit)}", zeroline=False, tickformat=TICKS
        ),
    }
    return figure([*stacked, actual], layout)


def contributions_alt(model: ResponseModel) -> str:
    """The contributions in one sentence, for people who do not see them."""
    total = float(model.history.outcome.sum())
    shares = ", ".join(f"{name} {100 * model.contribution(name).value / total:.0f}%" for name in model.channels)
    first, last = in_words(model.history.periods[0]), in_words(model.history.periods[-1])
    return f"Area chart of the outcome from {first} to {last}: of all that came in, {shares}; the rest is the base."


def flight(plan: Flight) -> Figure:
    """A plan period by period: what each channel gets, stacked."""
    periods = list(range(1, len(next(iter(plan.spend.values()))) + 1))
    traces = [
        {
            "type": "bar",
            "name": name,
            "x": periods,
            "y": list(spend),
            "marker": {"color": SERIES_COLOURS[place % (len(SERIES_COLOURS) - 1)]},
            "hovertemplate": f"{name}: %{{y:,.4~r}}<extra></extra>",
        }
        for place, (name, spend) in enumerate(plan.spend.items())
    ]
    layout = _layout("flight") | {
        "barmode": "stack",
        "hovermode": "x unified",
        "xaxis": axis(f"{plan.mix.period.capitalize()} of the plan", dtick=1, showgrid=False),
        "yaxis": axis(f"Spend{_in(plan.mix.currency)}", zeroline=False, tickformat=TICKS),
    }
    return figure(traces, layout)


def flight_alt(plan: Flight) -> str:
    """The plan in one sentence, for people who do not see it."""
    spends = "; ".join(
        f"{name} from {in_figures(float(each.min()))} to {in_figures(float(each.max()))}"
        for name, each in plan.spend.items()
    )
    count = len(next(iter(plan.spend.values())))
    period = plan.mix.period
    return f"Bar chart of the spend per {period} over {count} {period}s: {spends}{_in(plan.mix.currency)}."


def compare(scenarios: Sequence[OwnSplit], *, currency: str = "", period: str = "") -> Figure:
    """Splits side by side: a group of bars per channel, what each split brings in its name.

    Args:
        scenarios: up to four splits of the same channels.
        currency: of the spends.
        period: the noun of one period, for the axis.
    """
    colours = (GREY, BLUE, ORANGE, SERIES_COLOURS[2])
    traces = [
        {
            "type": "bar",
            "name": f"{each.name}: brings {in_figures(each.outcome)}",
            "x": [plan.channel for plan in each.plans],
            "y": [plan.spend for plan in each.plans],
            "marker": {"color": colours[place % len(colours)]},
            "hovertemplate": "%{x}: %{y:,.4~r}<extra></extra>",
        }
        for place, each in enumerate(scenarios)
    ]
    layout = _layout("compare") | {
        "barmode": "group",
        "hovermode": "closest",
        "yaxis": axis(f"Spend{_per(period)}{_in(currency)}", zeroline=False, tickformat=TICKS),
    }
    return figure(traces, layout)


def compare_alt(scenarios: Sequence[OwnSplit], *, currency: str = "") -> str:
    """The comparison in one sentence, for people who do not see it."""
    splits = "; ".join(
        f"{each.name} brings {in_figures(each.outcome)} with "
        + ", ".join(f"{plan.channel} {in_figures(plan.spend)}" for plan in each.plans)
        for each in scenarios
    )
    return f"Bar chart of the spend per channel{_in(currency)}: {splits}."


def trade_off(points: Sequence[TradeOff]) -> Figure:
    """Bold against cautious splits: what each brings on average, and what it brings at least with good chance."""
    x, y = [each.cautious for each in points], [each.expected for each in points]
    # Where neighbours fall together, their labels would too.
    spots = [(round(each.cautious), round(each.expected)) for each in points]
    text = [
        f"caution {each.caution:.0%}" if spot not in spots[:at] else ""
        for at, (each, spot) in enumerate(zip(points, spots, strict=True))
    ]
    line = line_trace("Best splits", x, y, {"color": BLUE, "width": 2}) | {
        "mode": "lines+markers+text",
        "text": text,
        "textposition": "top center",
        "hovertemplate": "%{text}: %{y:,.4~r} on average, %{x:,.4~r} if things go badly<extra></extra>",
    }
    mix = points[0].allocation.mix
    layout = _layout("trade-off") | {
        "hovermode": "closest",
        "xaxis": axis(f"Brought if things go badly{_in(mix.unit)}", showgrid=False, tickformat=TICKS),
        "yaxis": axis(f"Brought on average{_in(mix.unit)}", zeroline=False, tickformat=TICKS),
    }
    return figure([line], layout)


def trade_off_alt(points: Sequence[TradeOff]) -> str:
    """The trade-off in one sentence, for people who do not see it."""
    bold, careful = points[0], points[-1]
    return (
        f"Line chart from the boldest split, {in_figures(bold.expected)} on average and {in_figures(bold.cautious)} if "
        f"things go badly, to the most cautious one, {in_figures(careful.expected)} and {in_figures(careful.cautious)}."
    )


def _visible_part(curve: FittedCurve, suggested: float | None) -> FittedCurve:
    """The part of a curve that is drawn, with a point exactly where the spends seen end."""
    most = min(curve.spends[-1], max(SHOWN_BEYOND * curve.seen, 1.1 * (suggested or 0.0)))
    spends = np.union1d(curve.spends[curve.spends <= most], [curve.seen])
    mean, lower, upper = (np.interp(spends, curve.spends, each) for each in (curve.mean, curve.lower, curve.upper))
    return FittedCurve(curve.channel, spends, mean, lower, upper, curve.seen)


def _at(curve: FittedCurve, spend: float, values: Floats | None = None) -> float:
    return float(np.interp(spend, curve.spends, curve.mean if values is None else values))


def _per(period: str) -> str:
    return f" per {period}" if period else ""


def _in(unit: str) -> str:
    return f", {unit}" if unit else ""


def _layout(revision: str) -> dict[str, Any]:
    return plain_layout(height=420, hovermode="closest", uirevision=revision)


def _area(name: str, x: Any, y: Any, colour: str) -> dict[str, Any]:
    style = {"color": colour, "width": 0.5}
    return line_trace(name, x, y, style) | {"stackgroup": "outcome", "fillcolor": colour}


def _point(name: str, place: tuple[float, float], colour: str, symbol: str) -> Trace:
    return point_trace(name, place, colour, symbol, f"{name}: %{{x:,.4~r}} brings %{{y:,.4~r}}")
