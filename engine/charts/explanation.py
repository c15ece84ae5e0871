"""Figures of what a forecast is made of."""

from typing import TYPE_CHECKING, Any

from engine.charts.style import BLUE, DOWN, GREY, MARGIN, UP, said
from engine.forecast.explain import Explanation

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def parts(explanation: Explanation) -> "Figure":
    """A waterfall from the level to the forecast, in totals over the horizon; the steps add up on screen."""
    from plotly.graph_objects import Figure

    steps = _steps(explanation)
    total = float(explanation.forecast.sum())
    trace: dict[str, Any] = {
        "type": "waterfall",
        "x": [*(name for name, _ in steps), "Forecast"],
        "y": [*(value for _, value in steps), total],
        "measure": ["absolute", *["relative"] * (len(steps) - 1), "total"],
        "text": [said(steps[0][1]), *(f"{value:+,.0f}" for _, value in steps[1:]), said(total)],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{x}: %{text}<extra></extra>",
        "connector": {"line": {"color": GREY, "width": 1, "dash": "dot"}},
        "increasing": {"marker": {"color": UP}},
        "decreasing": {"marker": {"color": DOWN}},
        "totals": {"marker": {"color": BLUE}},
    }
    layout = {
        "margin": MARGIN,
        "height": 380,
        "showlegend": False,
        "separators": ".,",
        "xaxis": {"automargin": True},
        "yaxis": {"title": {"text": f"In total, {explanation.unit}"}, "tickformat": "~s", "zeroline": False},
    }
    return Figure(data=[trace], layout=layout)


def parts_alt(explanation: Explanation) -> str:
    """The waterfall in one sentence, for people who do not see it."""
    first, *others = _steps(explanation)
    moves = ", ".join(f"{name} {value:+,.0f}" for name, value in others)
    total = said(float(explanation.forecast.sum()))
    return f"Waterfall: {first[0]} {said(first[1])}, {moves or 'nothing else'}; together {total} {explanation.unit}."


def _steps(explanation: Explanation) -> list[tuple[str, float]]:
    """Name and total of each part; the level first, and only the parts that one can see."""
    return [(part.name.capitalize(), part.total) for part in explanation.contributions]
