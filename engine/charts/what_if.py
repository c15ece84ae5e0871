"""The figure of "what if we had spent something else": solid where money was ever spent, dotted beyond."""

from collections.abc import Sequence
from typing import Any

from engine.causal import Counterfactual
from engine.charts.style import BLUE, GREY, LEGEND, MARGIN, Figure, figure, in_figures

BAND = "rgba(40,140,215,0.20)"


def what_if_line(points: Sequence[Counterfactual], chosen: Counterfactual) -> Figure:
    """The difference to what happened, by the total that could have been spent, with its 95 % band.

    Args:
        points: from nothing to more than was ever spent, by total.
        chosen: the total that the owner asks about; drawn as a point beside what happened.
    """
    lower, upper = _inside(points)
    below = [point for point in points if point.instead <= lower]
    inside = [point for point in points if lower <= point.instead <= upper]
    beyond = [point for point in points if point.instead >= upper]
    traces = [_band(points), _curve("If it works in a straight line", inside, "solid")]
    traces += [_curve("Never spent so little or so much", part, "dot") for part in (below, beyond) if len(part) > 1]
    for extra in traces[3:]:
        extra["showlegend"] = False
    traces.append(_point("As it was", chosen.spent, 0.0, GREY, "circle"))
    if abs(chosen.difference) > 0:
        traces.append(_point("In your question", chosen.instead, chosen.difference, "#D55E00", "diamond"))
    layout: dict[str, Any] = {
        "margin": MARGIN,
        "height": 380,
        "hovermode": "closest",
        "separators": ".,",
        "legend": LEGEND,
        "uirevision": chosen.driver,
        "xaxis": {"title": {"text": f"{chosen.driver}, in all"}, "tickformat": "~s", "automargin": True},
        "yaxis": {"title": {"text": f"Difference, {chosen.unit}".rstrip(", ")}, "tickformat": "~s", "zeroline": True},
    }
    return figure(traces, layout)


def what_if_alt(points: Sequence[Counterfactual], chosen: Counterfactual) -> str:
    """The line in one sentence, for people who do not see it."""
    low, high = points[0], points[-1]
    return (
        f"Line chart: with {in_figures(low.instead)} instead of {in_figures(chosen.spent)} for {chosen.driver} the "
        f"difference is {low.difference:+,.0f} {chosen.unit}, with {in_figures(high.instead)} it is "
        f"{high.difference:+,.0f} {chosen.unit}."
    ).replace(" ,", ",")


def _inside(points: Sequence[Counterfactual]) -> tuple[float, float]:
    """The smallest and the largest total of which every period lies within what was ever spent in one."""
    totals = [point.instead for point in points if point.inside]
    return (min(totals), max(totals)) if totals else (points[0].instead, points[0].instead)


def _band(points: Sequence[Counterfactual]) -> dict[str, Any]:
    forth = [(point.instead, point.upper - point.actual) for point in points]
    back = [(point.instead, point.lower - point.actual) for point in reversed(points)]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "95% likely",
        "x": [x for x, _ in [*forth, *back]],
        "y": [y for _, y in [*forth, *back]],
        "fill": "toself",
        "fillcolor": BAND,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def _curve(name: str, points: Sequence[Counterfactual], dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [point.instead for point in points],
        "y": [point.difference for point in points],
        "line": {"color": BLUE, "width": 2.2, "dash": dash},
        "hovertemplate": "%{x:,.0f} spent: %{y:+,.0f}<extra></extra>",
    }


def _point(name: str, x: float, y: float, colour: str, symbol: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [x],
        "y": [y],
        "marker": {"color": colour, "size": 11, "symbol": symbol},
        "hovertemplate": "%{x:,.0f} spent: %{y:+,.0f}<extra></extra>",
    }
